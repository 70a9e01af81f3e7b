"""Build day segments anew from the rows of their days: what a mark asks for.

Safe to repeat and to interrupt: a block replaces a block, and only while nobody has marked or built
its day since its rows were read. Not here: when it is done (`do_work`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fairlead.domain.access import OrgId
from fairlead.domain.measured import Noun
from fairlead.store import segments, work
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.segments import Built, Day
from fairlead.store.work import Taken


@dataclass(frozen=True, slots=True)
class _Kept:
    """A block, and the marks that asked for it."""

    built: Built
    marks: Sequence[Taken]


def build_segments(ledger: Ledger, taken: Sequence[Taken]) -> None:
    """Build the days that marks are about, one after another."""
    by_day: dict[Day, list[Taken]] = {}
    for one in taken:
        by_day.setdefault(segments.day_of(one.item), []).append(one)
    for day, its_marks in by_day.items():
        ledger.write(_keep, _Kept(ledger.read(segments.build, day), its_marks))


def rebuild_segments(ledger: Ledger, org_id: OrgId, report: Callable[[int, int], None]) -> int:
    """Mark every day that has facts or a block and build all that is marked; return how many there are.

    `report` is told how many are done and how many there are. The result is the same as before, unless
    something was missed.
    """
    days = [day for noun in Noun for day in ledger.read(segments.all_days, org_id, noun)]
    ledger.write(_mark, days)
    marked = ledger.read(segments.marked_items, org_id)
    for done, taken in enumerate(ledger.write(_seize, marked) if marked else ()):
        build_segments(ledger, [taken])
        report(done + 1, len(marked))
    return len(days)


def _mark(transaction: Transaction, lots: Sequence[Sequence[Day]]) -> list[None]:
    for lot in lots:
        segments.mark(transaction, lot)
    return [None] * len(lots)


def _seize(transaction: Transaction, lots: Sequence[Sequence[work.Item]]) -> list[list[Taken]]:
    # Nobody else needs them: marks that come meanwhile are others.
    return [work.seize(transaction, lot, now=0, leased_until=1) for lot in lots]


def _keep(transaction: Transaction, lots: Sequence[_Kept]) -> list[None]:
    for one in lots:
        standing = work.standing(transaction, one.marks)
        # A mark that was made anew has somebody build the day again; one that is gone was seen to.
        if len(standing) == len(one.marks) and segments.keep(transaction, [one.built]):
            work.tick_off(transaction, standing)
    return [None] * len(lots)
