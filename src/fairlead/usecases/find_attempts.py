"""Find attempts to deploy and deployments, with what they brought, as far as somebody wants to see it."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.domain.flag_references import FlagChange
from fairlead.domain.insights import Listed, ListPage, Pull, Territory
from fairlead.store import insights_contents, insights_pages, territories
from fairlead.store.engine import Transaction
from fairlead.usecases.find_flag_references import flag_references_of_deployments


class Expanded(Struct, frozen=True, kw_only=True):
    """What is wanted of each attempt beside itself."""

    pull_requests: bool = False
    flag_references: bool = False


class AttemptShown(Struct, frozen=True, kw_only=True):
    """An attempt or deployment with what it brought."""

    listed: Listed
    is_active: bool
    """Whether it is what runs now: the last of its application and environment to finish."""
    pulls: Sequence[Pull] | None
    """None where they were not wanted."""
    flags: Sequence[FlagChange] | None


class AttemptsFound(Struct, frozen=True, kw_only=True):
    """One page."""

    items: Sequence[AttemptShown]
    total: int
    has_more: bool


def find_attempts(transaction: Transaction, page: ListPage, expanded: Expanded) -> AttemptsFound:
    """Return one page; the number of statements does not depend on its length.

    Raises:
        NotFound: its project or environment is not known.
    """
    require_territory(transaction, page.territory)
    found = insights_pages.page(transaction, page)
    items = show(transaction, page.territory.org_id, found.items, expanded)
    return AttemptsFound(items=items, total=found.total, has_more=found.has_more)


def get_attempt(transaction: Transaction, org_id: OrgId, uuid: str, expanded: Expanded) -> AttemptShown:
    """Return the attempt or deployment of a UUID.

    Raises:
        NotFound: there is none.
    """
    listed = insights_pages.listed(transaction, org_id, uuid)
    if listed is None:
        raise NotFound(f"there is no deployment with the id {uuid}")
    return show(transaction, org_id, [listed], expanded)[0]


def show(
    transaction: Transaction, org_id: OrgId, page: Sequence[Listed], expanded: Expanded
) -> list[AttemptShown]:
    """Return attempts with what they brought, in the same order."""
    active = insights_contents.active(transaction, org_id, page)
    ids = [one.id for one in page]
    pulls = _pulls(transaction, org_id, ids) if expanded.pull_requests else {}
    flags = flag_references_of_deployments(transaction, org_id, ids) if expanded.flag_references else {}
    return [
        AttemptShown(
            listed=one,
            is_active=one.id in active,
            pulls=pulls.get(one.id, ()) if expanded.pull_requests else None,
            flags=flags.get(one.id, ()) if expanded.flag_references else None,
        )
        for one in page
    ]


def require_territory(transaction: Transaction, territory: Territory) -> None:
    """See to it that a question is about something that is there.

    Raises:
        NotFound: its project or environment is not known.
    """
    knows_project, knows_env = territories.knows(transaction, territory)
    if not knows_project:
        raise NotFound(f"there is no project {territory.project_key}")
    if not knows_env:
        raise NotFound(f"there is no environment {territory.env}")


def _pulls(transaction: Transaction, org_id: OrgId, ids: Sequence[str]) -> dict[str, list[Pull]]:
    keys = insights_contents.pulls_in(transaction, org_id, ids)
    known = insights_contents.pulls(transaction, org_id, {key for mine in keys.values() for key in mine})
    return {id: [known[key] for key in mine if key in known] for id, mine in keys.items()}
