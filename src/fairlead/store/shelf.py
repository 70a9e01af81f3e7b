"""The shelf: segments that were read lately, ready to be looked at again, and windows made of them.

The days of a calendar month lie on it as one frame, known by the revisions of its days; a day that is
marked is read from rows and lies there by the tickets of its marks, which change with every fact. So
what is taken from the shelf is never stale. It holds so many bytes and no more; what was not looked at
for longest goes first. Not here: what a segment is (`segments.py`).
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Final
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Struct
from sqlalchemy import Engine, select

from fairlead.domain.access import OrgId
from fairlead.domain.frames import pl
from fairlead.domain.measured import SHAPES, Noun, Scope
from fairlead.store import measured_rows
from fairlead.store.engine import Transaction
from fairlead.store.lexicon import Lexicon
from fairlead.store.segments import NS_PER_DAY, Day, marks, to_frame
from fairlead.store.tables import day_segments

MOST_BYTES: Final = 768 * 1024 * 1024
_EPOCH: Final = date(1970, 1, 1)
_s = day_segments.c
_decode: Final = msgspec.json.Decoder(list[str]).decode


class Window(Struct, frozen=True):
    """The facts of a scope, in columns and in order."""

    frame: pl.DataFrame
    texts: Mapping[str, Mapping[int, str]]
    """For each column of codes what they stand for."""
    left_out: frozenset[str]
    """Keys of tags that some day is without, and then the empty key too."""


def window(transaction: Transaction, scope: Scope) -> Window:
    """Return the facts of a scope, from segments as far as they are up to date."""
    return _shelf_of(transaction).window(transaction, scope)


class _Kept(Struct, frozen=True):
    """What is known of a segment without looking into it."""

    revision: int
    left_out: Sequence[str]


class _Reading(Struct, frozen=True):
    """What a window is made from."""

    transaction: Transaction
    lexicon: Lexicon
    kept: Mapping[Day, _Kept]
    marked: Mapping[Day, frozenset[int]]


class _Shelf:
    """What one process keeps of one database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lexicons: dict[OrgId, Lexicon] = {}
        self._frames: OrderedDict[Hashable, tuple[Hashable, pl.DataFrame]] = OrderedDict()
        self._bytes = 0

    def window(self, transaction: Transaction, scope: Scope) -> Window:
        with self._lock:
            lexicon = self._lexicons.setdefault(scope.org_id, Lexicon())
            kept, marked = _kept(transaction, scope), _marked(transaction, scope)
            lexicon.learn(transaction, scope.org_id, {one.revision for one in kept.values()})
            reading = _Reading(transaction, lexicon, kept, marked)
            months = groupby(sorted(kept.keys() | marked.keys()), _month)
            parts = [part for month, days in months for part in self._month(reading, month, [*days])]
            texts = {column: lexicon.texts(column) for column in SHAPES[scope.noun].texts}
        frames = [cut for part in parts if len(cut := _cut(part, scope))]
        frame = pl.concat(frames, rechunk=False) if frames else _empty(scope.noun)
        left_out = {key for one in kept.values() for key in one.left_out}
        # A search for whole tags misses those that are left out, whatever their keys.
        return Window(frame, texts, frozenset(left_out | {""}) if left_out else frozenset())

    def _month(self, reading: _Reading, month: Hashable, days: Sequence[Day]) -> Iterator[pl.DataFrame]:
        """Yield the days of a month in order, those that are up to date together."""
        clean = [day for day in days if day not in reading.marked]
        whole: pl.DataFrame | None = None
        if clean:
            revisions = tuple(reading.kept[day].revision for day in clean)
            whole = self._taken(month, revisions, partial(_read, reading.transaction, clean))
        for day in days:
            if day not in reading.marked:
                continue
            if whole is not None:
                before = _place(whole, day.noun, day.day * NS_PER_DAY)
                yield whole[:before]
                whole = whole[before:]
            state = reading.marked[day], reading.lexicon.stored
            yield self._taken(day, state, partial(_read_rows, reading, day))
        if whole is not None:
            yield whole

    def _taken(self, name: Hashable, state: Hashable, read: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """Return the frame of that name if it is in that state, else read it and keep it."""
        found = self._frames.pop(name, None)
        if found is not None and found[0] == state:
            self._frames[name] = found
            return found[1]
        if found is not None:
            self._bytes -= int(found[1].estimated_size())
        frame = read()
        self._frames[name] = (state, frame)
        self._bytes += int(frame.estimated_size())
        while self._bytes > MOST_BYTES and len(self._frames) > 1:
            _, (_, gone) = self._frames.popitem(last=False)
            self._bytes -= int(gone.estimated_size())
        return frame


_shelves: WeakKeyDictionary[Engine, _Shelf] = WeakKeyDictionary()
_making: Final = threading.Lock()


def _shelf_of(transaction: Transaction) -> _Shelf:
    with _making:
        return _shelves.setdefault(transaction.engine, _Shelf())


def _kept(transaction: Transaction, scope: Scope) -> dict[Day, _Kept]:
    """Return the days of a scope's months that have a segment."""
    first, last = _whole_months(scope)
    wanted = select(_s.day, _s.revision, _s.left_out).where(
        _s.org_id == scope.org_id, _s.noun == scope.noun.value, _s.day >= first, _s.day < last
    )
    return {
        Day(scope.org_id, scope.noun, day): _Kept(revision, _decode(left_out))
        for day, revision, left_out in transaction.execute(wanted)
    }


def _marked(transaction: Transaction, scope: Scope) -> dict[Day, frozenset[int]]:
    first, last = _whole_months(scope)
    found = marks(transaction, scope.org_id)
    return {
        day: tickets for day, tickets in found.items() if day.noun is scope.noun and first <= day.day < last
    }


def _read(transaction: Transaction, days: Sequence[Day]) -> pl.DataFrame:
    """Return the segments of days, which are kept, as one frame."""
    noun = days[0].noun
    wanted = select(_s.block).where(
        _s.org_id == days[0].org_id, _s.noun == noun.value, _s.day.in_([day.day for day in days])
    )
    blocks = transaction.execute(wanted.order_by(_s.day)).scalars()
    return to_frame(*blocks)


def _read_rows(reading: _Reading, day: Day) -> pl.DataFrame:
    """Return a day as it stands in its rows."""
    frame = measured_rows.frame(reading.transaction, day.scope, reading.lexicon.code_of)
    return frame.drop(measured_rows.VERSION)


def _cut(frame: pl.DataFrame, scope: Scope) -> pl.DataFrame:
    first, last = (_place(frame, scope.noun, at) for at in (scope.from_at, scope.until_at))
    return frame[first:last]


def _place(frame: pl.DataFrame, noun: Noun, at: int) -> int:
    """Return how many facts of a frame happened before an instant."""
    # A frame's own search would be planned and run as a query, which takes a hundred times as long.
    return bisect_left(frame[SHAPES[noun].at], at)


def _empty(noun: Noun) -> pl.DataFrame:
    return measured_rows.frame_of([], noun, Lexicon().code_of).drop(measured_rows.VERSION)


def _month(day: Day) -> tuple[OrgId, Noun, int, int]:
    at = _EPOCH + timedelta(days=day.day)
    return day.org_id, day.noun, at.year, at.month


def _whole_months(scope: Scope) -> tuple[int, int]:
    """Return the first day of the months that a scope touches and the first one after them."""
    first = _EPOCH + timedelta(days=scope.from_at // NS_PER_DAY)
    last = _EPOCH + timedelta(days=(scope.until_at - 1) // NS_PER_DAY)
    after = (last.replace(day=1) + timedelta(days=31)).replace(day=1)
    return (first.replace(day=1) - _EPOCH).days, (after - _EPOCH).days
