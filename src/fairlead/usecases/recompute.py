"""Work out again what is derived from facts, for the deployments that a search finds.

The result is the same as before, unless something was missed: everything derived follows from the
facts alone.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fairlead.domain.access import OrgId
from fairlead.search.tree import Node
from fairlead.store import deployments, work
from fairlead.store.deployments import Page
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.work import Item, Kind
from fairlead.usecases.do_work import do_work

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recompute:
    """Which deployments to work out again."""

    org_id: OrgId
    where: Node


def recompute(
    ledger: Ledger, wanted: Recompute, now: Callable[[], int], report: Callable[[int, int], None]
) -> int:
    """Work out every deployment that is found, and return how many there are.

    `report` is told how many are done and how many there are, again and again.
    """
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
