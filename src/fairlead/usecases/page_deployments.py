"""Page through deployments: as `find_deployments`, going on after a certain one."""

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import KnownDeployment
from fairlead.store import deployments
from fairlead.store.deployments import Page
from fairlead.store.engine import Transaction

_SPARE = 50
_MOST_AT_ONCE = 20_000


class Mark(Struct, frozen=True):
    """The last deployment that was seen, newest first."""

    finished_at: int
    id: str


def page_deployments(
    transaction: Transaction, org_id: OrgId, page: Page, after: Mark | None
) -> tuple[list[KnownDeployment], bool]:
    """Return the deployments of a page, newest first, that come after a mark, and whether there are more."""
    if after is not None:
        page = replace(page, until_at=min(after.finished_at, page.until_at or after.finished_at))
    spare = 1 if after is None else _SPARE
    while True:
        asked = page.limit + spare
        found = deployments.find(transaction, org_id, replace(page, limit=asked))
        fresh = [
            one
            for one in found
            if after is None or (one.fact.finished_at, one.fact.id) < (after.finished_at, after.id)
        ]
        if len(fresh) > page.limit or len(found) < asked or asked > _MOST_AT_ONCE:
            return fresh[: page.limit], len(fresh) > page.limit
        # More of them ended in this one nanosecond than there was room for.
        spare *= 4
