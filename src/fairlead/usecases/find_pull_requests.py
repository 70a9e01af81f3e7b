"""Find pull requests of a project, with where they were deployed and how long they took."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.flag_references import FlagChange
from fairlead.domain.insights import Pull, PullDeployed, PullKey, PullLead, PullPlace, PullsAsked, pull_lead
from fairlead.store import insights_contents, insights_pages, insights_pulls
from fairlead.store.engine import Transaction
from fairlead.usecases.find_attempts import AttemptShown, Expanded, require_territory, show
from fairlead.usecases.find_flag_references import flag_references_of_pull_requests


class PullsWanted(Struct, frozen=True, kw_only=True):
    """What is wanted of each pull request beside itself."""

    deployments: bool = False
    flag_references: bool = False
    lead_time: bool = False


class PullsPage(Struct, frozen=True, kw_only=True):
    """Which of the pull requests that are asked for."""

    after: PullPlace | None = None
    """The last of the page before."""
    before: PullPlace | None = None
    """The first of the page after. Of the two at most one."""
    limit: int


class PullShown(Struct, frozen=True, kw_only=True):
    """A pull request with what became of it; None where that was not wanted."""

    pull: Pull
    place: PullPlace
    deployments: Sequence[AttemptShown] | None
    flags: Sequence[FlagChange] | None
    lead: PullLead | None


class PullsFound(Struct, frozen=True, kw_only=True):
    """One page."""

    items: Sequence[PullShown]
    total: int
    has_next: bool
    has_previous: bool


def find_pull_requests(
    transaction: Transaction, asked: PullsAsked, page: PullsPage, wanted: PullsWanted
) -> PullsFound:
    """Return one page; the number of statements does not depend on its length.

    Raises:
        NotFound: its project or environment is not known.
    """
    require_territory(transaction, asked.territory)
    org_id, env = asked.territory.org_id, asked.territory.env
    places, total, has_more = insights_pulls.page(
        transaction, asked, after=page.after, before=page.before, limit=page.limit
    )
    keys = [place.key for place in places]
    pulls = insights_contents.pulls(transaction, org_id, keys)
    reached: Mapping[PullKey, list[PullDeployed]] = {}
    if wanted.deployments or wanted.lead_time:
        reached = insights_contents.reached(transaction, org_id, set(keys), env)
    shown = _deployments(transaction, org_id, reached) if wanted.deployments else {}
    pairs = [(key.repository_id, key.number) for key in keys]
    flags = flag_references_of_pull_requests(transaction, org_id, pairs) if wanted.flag_references else {}
    items = [
        PullShown(
            pull=pulls[key],
            place=place,
            deployments=[shown[one.deployment_id] for one in reached.get(key, ())]
            if wanted.deployments
            else None,
            flags=flags.get((key.repository_id, key.number), ()) if wanted.flag_references else None,
            lead=pull_lead(pulls[key], reached.get(key, [])) if wanted.lead_time else None,
        )
        for key, place in zip(keys, places, strict=True)
    ]
    return PullsFound(
        items=items,
        total=total,
        # Whoever came from somewhere can go back there.
        has_next=has_more or page.before is not None,
        has_previous=has_more if page.before else page.after is not None,
    )


def _deployments(
    transaction: Transaction, org_id: OrgId, reached: Mapping[PullKey, list[PullDeployed]]
) -> dict[str, AttemptShown]:
    ids = sorted({one.deployment_id for mine in reached.values() for one in mine})
    listed = insights_pages.by_id(transaction, org_id, ids) if ids else []
    return {one.listed.id: one for one in show(transaction, org_id, listed, Expanded())}
