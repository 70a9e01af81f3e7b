"""Do the work on outcomes: take what was asked for, settle it, tick it off, all in one transaction.

What is settled depends on what was settled before, so nothing is worked out beforehand. Few are
done at once, for whoever sends facts waits meanwhile. Not here: what an outcome is
(`settle_outcomes`).
"""

from collections.abc import Sequence
from itertools import groupby

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.instants import NS_PER_S
from fairlead.store import links, work
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.work import Item, Kind, Taken
from fairlead.usecases.settle_outcomes import decide_again

KINDS = frozenset({Kind.DECIDE, Kind.DECIDE_ALL})
_AT_ONCE = 50
_PAGES_IN_A_ROW = 8
_LEASE_NS = 60 * NS_PER_S


class _Lot(Struct, frozen=True):
    taken: Sequence[Taken]
    now: int


class _Page(Struct, frozen=True):
    taken: Taken
    now: int
    is_last: bool


def do_decisions(ledger: Ledger, lot: Sequence[Taken], now: int) -> None:
    """Do the pieces of `lot` that are about outcomes."""
    mine = [one for one in lot if one.item.kind is Kind.DECIDE]
    for at in range(0, len(mine), _AT_ONCE):
        ledger.write(_do, _Lot(mine[at : at + _AT_ONCE], now))
    for one in lot:
        left: Taken | None = one if one.item.kind is Kind.DECIDE_ALL else None
        for page in range(_PAGES_IN_A_ROW):
            is_last = page + 1 == _PAGES_IN_A_ROW
            left = None if left is None else ledger.write(_do_page, _Page(left, now, is_last))


def _do(transaction: Transaction, lots: Sequence[_Lot]) -> list[None]:
    for lot in lots:
        # What somebody asked for again meanwhile stays, and is done once more.
        for org_id, group in groupby(sorted(lot.taken, key=_owner), key=_owner):
            again = decide_again(transaction, org_id, {one.item.key for one in group})
            work.ask(transaction, [Item(org_id, Kind.DECIDE, id) for id in again], due_at=lot.now)
        work.tick_off(transaction, lot.taken)
    return [None] * len(lots)


def _do_page(transaction: Transaction, pages: Sequence[_Page]) -> list[Taken | None]:
    """Decide about the next deployments of an organisation; return the rest, if it is to be done at once."""
    return [_next(transaction, page) for page in pages]


def _next(transaction: Transaction, page: _Page) -> Taken | None:
    item = page.taken.item
    at, _, id = item.key.partition("/")
    after = (int(at), id) if at else (-(2**63), "")
    found = links.ids_from(transaction, item.org_id, after, _AT_ONCE)
    again = decide_again(transaction, item.org_id, {id for _, id in found})
    asked = [Item(item.org_id, Kind.DECIDE, id) for id in again]
    left: list[Taken] = []
    if len(found) == _AT_ONCE:
        rest = Item(item.org_id, Kind.DECIDE_ALL, f"{found[-1][0]}/{found[-1][1]}")
        if page.is_last:
            asked.append(rest)
        else:
            left = work.seize(transaction, [rest], now=page.now, leased_until=page.now + _LEASE_NS)
    work.ask(transaction, asked, due_at=page.now)
    work.tick_off(transaction, [page.taken])
    return left[0] if left else None


def _owner(one: Taken) -> OrgId:
    return one.item.org_id
