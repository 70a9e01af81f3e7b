"""Answers: what was worked out from the facts of some days, remembered while these are what they were.

A day is told by the revision of its segment and by the tickets of its marks, which change with every fact
(`segments.py`); so an answer that is remembered is never stale. Each process remembers its own, and no
more than it has room for; what was not asked for longest goes first. Only answers that follow from the
facts of their days alone may be kept here. Not here: those facts (`shelf.py`).
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Final, TypeVar, cast
from weakref import WeakKeyDictionary, WeakValueDictionary

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, Engine, bindparam, select

from fairlead.domain.access import OrgId
from fairlead.store.engine import Transaction
from fairlead.store.segments import NS_PER_DAY, marks
from fairlead.store.tables import day_segments

MOST_WEIGHT: Final = 10_000
"""Of all answers together."""
_T = TypeVar("_T")
_s = day_segments.c
_encode: Final = msgspec.json.Encoder().encode
# Asked with every measurement, and therefore made once.
_revisions: Final = (
    select(_s.noun, _s.day, _s.revision)
    .where(_s.org_id == bindparam("of_org", type_=BigInteger()))
    .where(_s.day >= bindparam("first", type_=BigInteger()))
    .where(_s.day <= bindparam("last", type_=BigInteger()))
    .order_by(_s.noun, _s.day)
)


class Asked(Struct, frozen=True, kw_only=True):
    """A question about a window of an organisation."""

    org_id: OrgId
    from_at: int
    """Inclusive."""
    until_at: int
    """Exclusive."""
    question: Hashable
    """All that the answer depends on beside the facts."""


class _Memory:
    """What one process remembers of one database."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Asked, tuple[bytes, object, int]] = OrderedDict()
        self._turns: WeakValueDictionary[Asked, threading.Lock] = WeakValueDictionary()
        self._weight = 0

    def turn(self, asked: Asked) -> threading.Lock:
        """Return what is held by whoever works out an answer, while others that ask the same wait."""
        with self._lock:
            return self._turns.setdefault(asked, threading.Lock())

    def known(self, asked: Asked, state: bytes) -> object | None:
        with self._lock:
            found = self._known.get(asked)
            if found is None or found[0] != state:
                return None
            self._known.move_to_end(asked)
            return found[1]

    def remember(self, asked: Asked, state: bytes, answer: object, weight: int) -> None:
        with self._lock:
            former = self._known.pop(asked, None)
            self._weight += weight - (0 if former is None else former[2])
            self._known[asked] = state, answer, weight
            while self._weight > MOST_WEIGHT:
                _, (_, _, gone) = self._known.popitem(last=False)
                self._weight -= gone


_memories: "WeakKeyDictionary[Engine, _Memory]" = WeakKeyDictionary()
_making: Final = threading.Lock()


def remembered(
    transaction: Transaction, asked: Asked, work_out: Callable[[], _T], weigh: Callable[[_T], int]
) -> _T:
    """Return the answer to a question, worked out unless it is known or somebody is at it.

    Where many look at once, or one looks while a server warms up, it is worked out once for all of them.
    """
    with _making:
        memory = _memories.setdefault(transaction.engine, _Memory())
    state = _state(transaction, asked)
    with memory.turn(asked):
        known = memory.known(asked, state)
        if known is not None:
            return cast("_T", known)
        answer = work_out()
        memory.remember(asked, state, answer, weigh(answer))
        return answer


def _state(transaction: Transaction, asked: Asked) -> bytes:
    """Return a digest of how the days stand; as long as they stand so, it is the same."""
    first, last = asked.from_at // NS_PER_DAY, (asked.until_at - 1) // NS_PER_DAY
    rows = transaction.execute(_revisions, {"of_org": asked.org_id, "first": first, "last": last})
    marked = sorted(
        (one.noun, one.day, sorted(tickets))
        for one, tickets in marks(transaction, asked.org_id).items()
        if first <= one.day <= last
    )
    return hashlib.blake2b(_encode(([tuple(row) for row in rows], marked)), digest_size=16).digest()
