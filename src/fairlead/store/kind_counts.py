"""How many deployments of each kind ended on each day: counted once and remembered, never stale.

A list says how many there are in all, and to count a million index entries takes longer than the page.
A day that has a segment and no mark (`segments.py`) is as it was when the segment got its revision, so
what was counted then is remembered by that revision. All other days, and the parts of days at the ends of
a window, are counted anew. Not here: lists (`insights_pages.py`).
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Final
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import BigInteger, Engine, bindparam, func, select

from fairlead.domain.access import OrgId
from fairlead.domain.measured import Noun
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import InThisOrder, by_way_of
from fairlead.store.engine_sql import array_of, numbers_in, pairs_in
from fairlead.store.segments import NS_PER_DAY, marks
from fairlead.store.tables import day_segments, deployments

_d = deployments.c
_s = day_segments.c
_MOST_DAYS: Final = 20_000
_FEW_DAYS: Final = 3
"""So many are counted as fast as they are looked up."""
_MOST_SPANS: Final = 60

_encode: Final = msgspec.json.Encoder().encode

# Asked with every list, and therefore made once.
_OF_ORG: Final = bindparam("of_org", type_=BigInteger())
_revisions: Final = select(_s.day, _s.revision).where(
    _s.org_id == _OF_ORG,
    _s.noun == Noun.DEPLOYMENTS.value,
    _s.day >= bindparam("first", type_=BigInteger()),
    _s.day < bindparam("last", type_=BigInteger()),
)
_kinds = numbers_in(array_of("kinds")).alias("kinds")
_spans = pairs_in(array_of("spans"), BigInteger(), BigInteger()).alias("spans")
_between: Final = by_way_of(
    "deployments_by_kind",
    deployments,
    select(func.count())
    .select_from(InThisOrder(InThisOrder(_kinds, _spans), deployments))
    .where(_d.org_id == _OF_ORG, _d.kind == _kinds.c.value)
    .where(_d.finished_at.between(_spans.c.first, _spans.c.second)),
)

_Day = tuple[OrgId, int]
_Counts = Mapping[int, int]


class _Memory:
    """What one process knows of one database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._days: OrderedDict[_Day, tuple[int, _Counts]] = OrderedDict()

    def known(self, org_id: OrgId, revisions: Mapping[int, int]) -> dict[int, _Counts]:
        """Return the counts of those days that are remembered at these revisions."""
        with self._lock:
            found = {day: self._days.get((org_id, day)) for day in revisions}
            return {day: one[1] for day, one in found.items() if one is not None and one[0] == revisions[day]}

    def remember(self, org_id: OrgId, revisions: Mapping[int, int], counts: Mapping[int, _Counts]) -> None:
        with self._lock:
            for day, revision in revisions.items():
                self._days[org_id, day] = revision, counts.get(day, {})
                self._days.move_to_end((org_id, day))
            while len(self._days) > _MOST_DAYS:
                self._days.popitem(last=False)


_memories: "WeakKeyDictionary[Engine, _Memory]" = WeakKeyDictionary()
_making: Final = threading.Lock()


def count(
    transaction: Transaction, org_id: OrgId, kinds: Sequence[int], from_at: int, until_at: int
) -> int | None:
    """Return how many deployments of `kinds` ended in a window, both ends included.

    None where remembering does not help: the window is short, or most of it has to be counted anyway.
    """
    first, last = -(-from_at // NS_PER_DAY), (until_at + 1) // NS_PER_DAY
    if last - first <= _FEW_DAYS:
        return None
    revisions = _clean(transaction, org_id, first, last)
    if not revisions:
        return None
    spans = _gaps(sorted(revisions), from_at, until_at)
    if len(spans) > _MOST_SPANS:
        return None
    days = _days(transaction, org_id, revisions)
    wanted = set(kinds)
    total = sum(number for one in days.values() for kind, number in one.items() if kind in wanted)
    if spans:
        asked = {"of_org": org_id, "kinds": _encode(kinds).decode(), "spans": _encode(spans).decode()}
        total += transaction.execute(_between, asked).scalar_one()
    return total


def _days(transaction: Transaction, org_id: OrgId, revisions: Mapping[int, int]) -> dict[int, _Counts]:
    with _making:
        memory = _memories.setdefault(transaction.engine, _Memory())
    known = memory.known(org_id, revisions)
    missing = {day: revision for day, revision in revisions.items() if day not in known}
    if missing:
        counted = _counted(transaction, org_id, min(missing), max(missing) + 1)
        memory.remember(org_id, missing, counted)
        known |= {day: counted.get(day, {}) for day in missing}
    return known


def _counted(transaction: Transaction, org_id: OrgId, first: int, last: int) -> dict[int, _Counts]:
    day = (_d.finished_at // NS_PER_DAY).label("day")
    mine = _d.org_id == org_id, _d.finished_at >= first * NS_PER_DAY, _d.finished_at < last * NS_PER_DAY
    rows = transaction.execute(select(day, _d.kind, func.count()).where(*mine).group_by(day, _d.kind))
    found: dict[int, dict[int, int]] = {}
    for on, kind, number in rows:
        found.setdefault(int(on), {})[kind] = number
    return dict(found)


def _clean(transaction: Transaction, org_id: OrgId, first: int, last: int) -> dict[int, int]:
    """Return the revisions of the days in between that are as their segments say."""
    marked = {one.day for one in marks(transaction, org_id) if one.noun is Noun.DEPLOYMENTS}
    rows = transaction.execute(_revisions, {"of_org": org_id, "first": first, "last": last})
    return {day: revision for day, revision in rows if day not in marked}


def _gaps(days: Sequence[int], from_at: int, until_at: int) -> list[tuple[int, int]]:
    """Return what of a window lies outside of `days`, both ends included."""
    found, at = [], from_at
    for day in days:
        start = day * NS_PER_DAY
        if start > at:
            found.append((at, start - 1))
        at = start + NS_PER_DAY
    return [*found, (at, until_at)] if at <= until_at else found
