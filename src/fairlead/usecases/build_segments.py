"""Build day segments anew from the rows of their days: what a mark asks for.

Safe to repeat and to interrupt: a block replaces a block, and only while nobody has marked or built
its day since its rows were read. Not here: when it is done (`do_work`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Final

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.measured import Noun
from fairlead.store import segments, work
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.segments import Built, Day
from fairlead.store.work import Taken

# Whoever sends facts waits while blocks are written, so few are written at once.
_DAYS_AT_ONCE: Final = 20
_ROWS_AT_ONCE: Final = 20_000


class _Kept(Struct, frozen=True):
    """A block, and the marks that asked for it."""

    built: Built
    marks: Sequence[Taken]


def build_segments(ledger: Ledger, taken: Sequence[Taken]) -> None:
    """Build the days that marks are about, some at a time; a mark that was made anew is left to its turn."""
    by_day: dict[Day, list[Taken]] = {}
    for one in taken:
        by_day.setdefault(segments.day_of(one.item), []).append(one)
    while by_day:
        lot = dict(islice(by_day.items(), _DAYS_AT_ONCE))
        seen, kept = ledger.read(_build, lot)
        if kept:
            ledger.write(_keep, kept)
        for day in seen:
            del by_day[day]


def rebuild_segments(ledger: Ledger, org_id: OrgId, report: Callable[[int, int], None]) -> int:
    """Mark every day that has facts or a block and build all that is marked; return how many there are.

    `report` is told how many are done and how many there are. The result is the same as before, unless
    something was missed.
    """
    days = [day for noun in Noun for day in ledger.read(segments.all_days, org_id, noun)]
    ledger.write(_mark, days)
    marked = ledger.read(segments.marked_items, org_id)
    taken = ledger.write(_seize, marked) if marked else []
    for at in range(0, len(taken), _DAYS_AT_ONCE):
        build_segments(ledger, taken[at : at + _DAYS_AT_ONCE])
        report(min(at + _DAYS_AT_ONCE, len(marked)), len(marked))
    return len(days)


def _mark(transaction: Transaction, lots: Sequence[Sequence[Day]]) -> list[None]:
    for lot in lots:
        segments.mark(transaction, lot)
    return [None] * len(lots)


def _seize(transaction: Transaction, lots: Sequence[Sequence[work.Item]]) -> list[list[Taken]]:
    # Nobody else needs them: marks that come meanwhile are others.
    return [work.seize(transaction, lot, now=0, leased_until=1) for lot in lots]


def _build(
    transaction: Transaction, lot: Mapping[Day, Sequence[Taken]]
) -> tuple[Collection[Day], Sequence[_Kept]]:
    """Return the days that were seen to, and the blocks of those of them whose marks still stand.

    They are as many as may be written at once, and at least one.
    """
    standing = set(work.still_standing(transaction, [one for its_marks in lot.values() for one in its_marks]))
    stale = [day for day, its_marks in lot.items() if standing.issuperset(its_marks)]
    kept: list[_Kept] = []
    rows = 0
    for built in segments.build(transaction, stale):
        kept.append(_Kept(built, lot[built.day]))
        rows += len(built.frame)
        if rows >= _ROWS_AT_ONCE:
            break
    left = {*stale} - {one.built.day for one in kept}
    return lot.keys() - left, kept


def _keep(transaction: Transaction, lots: Sequence[Sequence[_Kept]]) -> list[None]:
    wanted = [one for lot in lots for one in lot]
    standing = set(work.standing(transaction, [mark for one in wanted for mark in one.marks]))
    # A mark that was made anew has somebody build the day again; one that is gone was seen to.
    wanted = [one for one in wanted if standing.issuperset(one.marks)]
    kept = segments.keep(transaction, [one.built for one in wanted])
    work.tick_off(transaction, [mark for one in wanted if one.built.day in kept for mark in one.marks])
    return [None] * len(lots)
