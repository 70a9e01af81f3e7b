"""Work out again what is derived from facts: attempts from their events, and the deployments a search finds.

The result is the same as before, unless something was missed: everything derived follows from the
facts alone.
"""

from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.search.tree import Everything, Node
from fairlead.store import attempts, deployments, work
from fairlead.store.deployments import Page
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.work import Item, Kind
from fairlead.usecases.do_work import do_work
from fairlead.usecases.record_attempts import hold_series, settle

_AT_ONCE = 1000


class Recompute(Struct, frozen=True, kw_only=True):
    """Which deployments to work out again."""

    org_id: OrgId
    where: Node


def recompute(
    ledger: Ledger, wanted: Recompute, now: Callable[[], int], report: Callable[[int, int], None]
) -> int:
    """Work out every deployment that is found, and return how many there are.

    `report` is told how many are done and how many there are, again and again.
    """
    if isinstance(wanted.where, Everything):
        _settle_attempts(ledger, wanted.org_id, now)
    asked = 0
    for lot in _lots(ledger, wanted):
        ledger.write(_ask, [Item(wanted.org_id, Kind.LINK, deployment_id) for deployment_id in lot])
        asked += len(lot)
        report(0, asked)
    done = 0
    while taken := do_work(ledger, now()):
        done += taken
        report(min(done, asked), asked)
    return asked


def _settle_attempts(ledger: Ledger, org_id: OrgId, now: Callable[[], int]) -> None:
    """Work out attempts, and with them the deployments that they are, from events and corrections.

    Not of a series none of whose attempts is kept: its events do not say what it is called.
    """
    after = ""
    while found := ledger.read(attempts.every_series, org_id, after, _AT_ONCE):
        for series_id in found:
            ledger.write(_settle_series, (org_id, series_id, now()))
        after = found[-1]


def _settle_series(transaction: Transaction, told: Sequence[tuple[OrgId, str, int]]) -> list[None]:
    for org_id, series_id, now in told:
        series = attempts.series_of(transaction, org_id, series_id)
        if series is not None:
            hold_series(transaction, [series])
            settle(transaction, [series], now, anew=True)
    return [None] * len(told)


def _ask(transaction: Transaction, lots: Sequence[Sequence[Item]]) -> list[None]:
    for lot in lots:
        work.ask(transaction, lot, due_at=0)
    return [None] * len(lots)


def _lots(ledger: Ledger, wanted: Recompute) -> Iterator[Sequence[str]]:
    """Yield the ids of what is found, oldest first, a page at a time."""
    since: int | None = None
    seen: set[str] = set()
    while True:
        page = Page(where=wanted.where, from_at=since, descending=False, limit=_AT_ONCE)
        found = ledger.read(deployments.find, wanted.org_id, page)
        fresh = [known.fact.id for known in found if known.fact.id not in seen]
        if fresh:
            yield fresh
        if len(found) < _AT_ONCE or not fresh:
            return
        since = found[-1].fact.finished_at
        # Pages meet at an instant, which belongs to both.
        seen = {known.fact.id for known in found if known.fact.finished_at == since}
