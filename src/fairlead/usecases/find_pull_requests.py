"""Find pull requests of a project, with where they were deployed and how long they took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fairlead.domain.access import OrgId
from fairlead.domain.flag_references import FlagChange
from fairlead.domain.insights import Pull, PullDeployed, PullKey, PullLead, PullsAsked, pull_lead
from fairlead.store import insights_contents, insights_pages, insights_pulls
from fairlead.store.engine import Transaction
from fairlead.usecases.find_attempts import AttemptShown, Expanded, require_territory, show
from fairlead.usecases.find_flag_references import flag_references_of_pull_requests


@dataclass(frozen=True, slots=True, kw_only=True)
class PullsWanted:
    """What is wanted of each pull request beside itself."""

    deployments: bool = False
    flag_references: bool = False
    lead_time: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PullsPage:
    """Which of the pull requests that are asked for."""

    after: str = ""
    """The UUID of the last of the page before."""
    before: str = ""
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PullShown:
    """A pull request with what became of it; None where that was not wanted."""

    pull: Pull
    deployments: Sequence[AttemptShown] | None
    flags: Sequence[FlagChange] | None
    lead: PullLead | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PullsFound:
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
    every = insights_pulls.keys(transaction, asked)
    start, end = _stretch(org_id, every, page)
    keys = every[start:end]
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
            deployments=[shown[one.deployment_id] for one in reached.get(key, ())]
            if wanted.deployments
            else None,
            flags=flags.get((key.repository_id, key.number), ()) if wanted.flag_references else None,
            lead=pull_lead(pulls[key], reached.get(key, [])) if wanted.lead_time else None,
        )
        for key in keys
        if key in pulls
    ]
    return PullsFound(items=items, total=len(every), has_next=end < len(every), has_previous=start > 0)


def _stretch(org_id: OrgId, every: Sequence[PullKey], page: PullsPage) -> tuple[int, int]:
    """Return where a page begins and ends; one that is gone meanwhile leaves an empty page."""
    if not page.after and not page.before:
        return 0, min(page.limit, len(every))
    places = {key.uuid(org_id): place for place, key in enumerate(every)}
    if page.after:
        start = places.get(page.after, len(every)) + 1
        return min(start, len(every)), min(start + page.limit, len(every))
    end = places.get(page.before, 0)
    return max(0, end - page.limit), end


def _deployments(
    transaction: Transaction, org_id: OrgId, reached: Mapping[PullKey, list[PullDeployed]]
) -> dict[str, AttemptShown]:
    ids = sorted({one.deployment_id for mine in reached.values() for one in mine})
    listed = insights_pages.by_id(transaction, org_id, ids) if ids else []
    return {one.listed.id: one for one in show(transaction, org_id, listed, Expanded())}
