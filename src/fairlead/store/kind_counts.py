"""How many deployments of each kind and type ended on each day: counted once and remembered, never stale.

A list says how many there are in all, and to count a million index entries takes longer than the page.
A day that has a segment and no mark (`segments.py`) is as it was when the segment got its revision, so
what was counted then is remembered by that revision. All other days, and the parts of days at the ends of
a window, are counted anew. The same numbers tell where the few of a type lie among the many. Not here:
lists (`insights_pages.py`).
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from weakref import WeakKeyDictionary

import msgspec
from sqlalchemy import BigInteger, Engine, Text, bindparam, func, or_, select

from fairlead.domain.access import OrgId
from fairlead.domain.measured import Noun
from fairlead.store.engine import POSTGRESQL, SQLITE, Transaction, engine_name
from fairlead.store.engine_plans import InThisOrder, by_way_of
from fairlead.store.engine_sql import array_of, numbers_in, pairs_in
from fairlead.store.segments import NS_PER_DAY, marks
from fairlead.store.tables import day_segments, deployment_kinds, deployments

_d = deployments.c
_k = deployment_kinds.c
_s = day_segments.c
_MOST_DAYS: Final = 20_000
_MOST_SUMS: Final = 100
_FEW_DAYS: Final = 3
"""So many are counted as fast as they are looked up."""
_MOST_SPANS: Final = 60
_MOST_PLACES: Final = 5_000
"""Where more have to be looked at, walking all of them is as good."""

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
_there = (
    select(_d.id)
    .where(_d.org_id == _OF_ORG, _d.kind == _kinds.c.value)
    .where(_d.finished_at.between(_spans.c.first, _spans.c.second))
    .where(or_(bindparam("of_type", type_=Text()) == "", _d.deployment_type == bindparam("of_type")))
)
# PostgreSQL would look at all of a kind first; an offset keeps it within the span.
_each = _there.offset(0).correlate(_kinds, _spans).lateral("each")
_between: Final = {
    SQLITE: by_way_of(
        "deployments_by_kind",
        deployments,
        _there.with_only_columns(func.count()).select_from(
            InThisOrder(InThisOrder(_kinds, _spans), deployments)
        ),
    ),
    POSTGRESQL: select(func.count()).select_from(InThisOrder(InThisOrder(_kinds, _spans), _each)),
}
_on = (_d.finished_at // NS_PER_DAY).label("day")
# By the index that has all of it: by time alone each row would be looked at.
_of_days: Final = by_way_of(
    "deployments_by_kind",
    deployments,
    select(_on, _d.kind, _d.deployment_type, func.count())
    .select_from(InThisOrder(deployment_kinds, deployments))
    .where(_k.org_id == _OF_ORG, _d.org_id == _OF_ORG, _d.kind == _k.kind)
    .where(_d.finished_at >= bindparam("from_at", type_=BigInteger()))
    .where(_d.finished_at < bindparam("until_at", type_=BigInteger()))
    .group_by(_on, _d.kind, _d.deployment_type),
)

Place = tuple[int, int, int]
"""A kind, and a span of time, both ends included."""
_Day = tuple[OrgId, int]
_Counts = Mapping[tuple[int, str], int]
"""By kind and type."""
_Days = tuple[OrgId, tuple[tuple[int, int], ...]]
"""Days of an organisation with their revisions."""


class _Memory:
    """What one process knows of one database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._days: OrderedDict[_Day, tuple[int, _Counts]] = OrderedDict()
        self._sums: OrderedDict[_Days, _Counts] = OrderedDict()

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

    def sum(self, days: _Days) -> _Counts | None:
        """Return what was counted on these days at these revisions together, if that is remembered."""
        with self._lock:
            return self._sums.get(days)

    def remember_sum(self, days: _Days, counts: _Counts) -> None:
        with self._lock:
            self._sums[days] = counts
            while len(self._sums) > _MOST_SUMS:
                self._sums.popitem(last=False)


_memories: "WeakKeyDictionary[Engine, _Memory]" = WeakKeyDictionary()
_making: Final = threading.Lock()


def count(
    transaction: Transaction, org_id: OrgId, kinds: Sequence[int], window: tuple[int, int], type: str = ""
) -> int | None:
    """Return how many deployments of `kinds`, and of a type unless that is empty, ended in a window.

    Both ends are included. None where remembering does not help: the window is short, or most of it has to
    be counted anyway.
    """
    from_at, until_at = window
    first, last = -(-from_at // NS_PER_DAY), (until_at + 1) // NS_PER_DAY
    if last - first <= _FEW_DAYS:
        return None
    revisions = _clean(transaction, org_id, first, last)
    if not revisions:
        return None
    spans = _gaps(sorted(revisions), from_at, until_at)
    if len(spans) > _MOST_SPANS:
        return None
    wanted = set(kinds)
    counts = _sum(transaction, org_id, revisions)
    total = sum(number for (kind, its), number in counts.items() if kind in wanted and type in ("", its))
    if spans:
        asked = {"of_org": org_id, "kinds": _encode(kinds).decode(), "spans": _encode(spans).decode()}
        total += transaction.execute(
            _between[engine_name(transaction)], asked | {"of_type": type}
        ).scalar_one()
    return total


def places_of(
    transaction: Transaction,
    org_id: OrgId,
    kinds: Sequence[int],
    type: str,
    window: tuple[int, int],
    *,
    enough: int,
    newest_first: bool,
) -> list[Place] | None:
    """Return where in a window, both ends included, the first `enough` of a type lie, or all of them.

    None where remembering does not help, as above, or not enough is remembered to leave much out.
    """
    from_at, until_at = window
    revisions = _clean(transaction, org_id, from_at // NS_PER_DAY, until_at // NS_PER_DAY + 1)
    spans = _gaps(sorted(revisions), from_at, until_at)
    if len(revisions) <= _FEW_DAYS or len(spans) > _MOST_SPANS:
        return None
    days = _days(transaction, org_id, revisions)
    parts = [*((start, end, None) for start, end in spans), *_parts(days, from_at, until_at)]
    found: list[Place] = []
    seen = 0
    for start, end, counts in sorted(parts, key=lambda part: part[0], reverse=newest_first):
        if seen >= enough:
            break
        there = {kind: 1 if counts is None else counts.get((kind, type), 0) for kind in kinds}
        found += [(kind, start, end) for kind, number in there.items() if number]
        # Of the part of a day, and of what is not remembered, some at least may be none.
        seen += sum(there.values()) if counts is not None and end - start == NS_PER_DAY - 1 else 0
    return found if len(found) <= _MOST_PLACES else None


def _parts(
    days: Mapping[int, _Counts], from_at: int, until_at: int
) -> Iterator[tuple[int, int, _Counts | None]]:
    for day, counts in days.items():
        start = day * NS_PER_DAY
        yield max(start, from_at), min(start + NS_PER_DAY - 1, until_at), counts


def _sum(transaction: Transaction, org_id: OrgId, revisions: Mapping[int, int]) -> _Counts:
    """Return what was counted on days at these revisions together: of months that is added up once."""
    memory = _memory(transaction)
    asked = org_id, tuple(sorted(revisions.items()))
    known = memory.sum(asked)
    if known is not None:
        return known
    found: Counter[tuple[int, str]] = Counter()
    for counts in _days(transaction, org_id, revisions).values():
        found.update(counts)
    memory.remember_sum(asked, found)
    return found


def _memory(transaction: Transaction) -> _Memory:
    with _making:
        return _memories.setdefault(transaction.engine, _Memory())


def _days(transaction: Transaction, org_id: OrgId, revisions: Mapping[int, int]) -> dict[int, _Counts]:
    memory = _memory(transaction)
    known = memory.known(org_id, revisions)
    missing = {day: revision for day, revision in revisions.items() if day not in known}
    if missing:
        counted = _counted(transaction, org_id, min(missing), max(missing) + 1)
        memory.remember(org_id, missing, counted)
        known |= {day: counted.get(day, {}) for day in missing}
    return known


def _counted(transaction: Transaction, org_id: OrgId, first: int, last: int) -> dict[int, _Counts]:
    asked = {"of_org": org_id, "from_at": first * NS_PER_DAY, "until_at": last * NS_PER_DAY}
    found: dict[int, dict[tuple[int, str], int]] = {}
    for on, kind, type, number in transaction.execute(_of_days, asked):
        found.setdefault(int(on), {})[kind, type] = number
    return dict(found)


def _clean(transaction: Transaction, org_id: OrgId, first: int, last: int) -> dict[int, int]:
    """Return the revisions of the days in between that are as their segments say."""
    marked = {one.day for one in marks(transaction, org_id) if one.noun is Noun.DEPLOYMENTS}
    rows = transaction.execute(_revisions, {"of_org": org_id, "first": first, "last": last}).all()
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
