"""Do the work on outcomes: take what was asked for, settle it, tick it off, all in one transaction.

What is settled depends on what was settled before, so nothing is worked out beforehand. Few are
done at once, for whoever sends facts waits meanwhile. Not here: what an outcome is
(`settle_outcomes`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from fairlead.domain.access import OrgId
from fairlead.store import work
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.work import Item, Kind, Taken
from fairlead.usecases.settle_outcomes import decide_again

KINDS = frozenset({Kind.DECIDE})
_AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class _Lot:
    taken: Sequence[Taken]
    now: int


def do_decisions(ledger: Ledger, lot: Sequence[Taken], now: int) -> None:
    """Do the pieces of `lot` that are about outcomes."""
    mine = [one for one in lot if one.item.kind in KINDS]
    for at in range(0, len(mine), _AT_ONCE):
        ledger.write(_do, _Lot(mine[at : at + _AT_ONCE], now))


def _do(transaction: Transaction, lots: Sequence[_Lot]) -> list[None]:
    for lot in lots:
        # What somebody asked for again meanwhile stays, and is done once more.
        for org_id, group in groupby(sorted(lot.taken, key=_owner), key=_owner):
            again = decide_again(transaction, org_id, {one.item.key for one in group})
            work.ask(transaction, [Item(org_id, Kind.DECIDE, id) for id in again], due_at=lot.now)
        work.tick_off(transaction, lot.taken)
    return [None] * len(lots)


def _owner(one: Taken) -> OrgId:
    return one.item.org_id
