"""Look ahead: ask what people look at first before they do, so that it is at hand when they come.

The answer is remembered for as long as its window is that of the page, and what it was made from stays on
the shelf. Not here: when it is done.
"""

from collections.abc import Iterator
from typing import Final

from fairlead.domain.access import OrgId
from fairlead.domain.measured import Noun, Scope
from fairlead.metrics.periods import Interval, lately
from fairlead.store import shelf
from fairlead.store.engine import Transaction
from fairlead.store.segments import NS_PER_DAY
from fairlead.usecases.measure_delivery import Question, measure_delivery

_USUAL_DAYS: Final = 90
_LONGEST_DAYS: Final = 365
# Whoever looks meanwhile waits for one of them to be read.
_DAYS_AT_ONCE: Final = 30


def look_ahead(transaction: Transaction, org_id: OrgId, now: int) -> None:
    """Measure the usual window of an organisation and the one before it."""
    from_at, until_at = lately(now, _USUAL_DAYS)
    question = Question(
        org_id=org_id, from_at=from_at, until_at=until_at, interval=Interval.WEEK, compares=True
    )
    measure_delivery(transaction, question)


def earlier_scopes(org_id: OrgId, now: int) -> Iterator[Scope]:
    """Yield what a year has beyond what `look_ahead` looks at, the latest first, in pieces quick to read."""
    first_at, until_at = lately(now, _LONGEST_DAYS)
    until_at -= 2 * _USUAL_DAYS * NS_PER_DAY
    while until_at > first_at:
        from_at = max(first_at, until_at - _DAYS_AT_ONCE * NS_PER_DAY)
        yield from (Scope(org_id=org_id, noun=noun, from_at=from_at, until_at=until_at) for noun in Noun)
        until_at = from_at


def look_further(transaction: Transaction, scope: Scope) -> None:
    """Lay the facts of a scope on the shelf."""
    shelf.window(transaction, scope)
