"""Look ahead: ask what people look at first before they do, so that it is at hand when they come.

The answer is remembered for as long as its window is that of the page, and what it was made from stays on
the shelf. Not here: when it is done.
"""

from typing import Final

from fairlead.domain.access import OrgId
from fairlead.metrics.periods import Interval, lately
from fairlead.store.engine import Transaction
from fairlead.usecases.measure_delivery import Question, measure_delivery

_USUAL_DAYS: Final = 90


def look_ahead(transaction: Transaction, org_id: OrgId, now: int) -> None:
    """Measure the usual window of an organisation and the one before it."""
    from_at, until_at = lately(now, _USUAL_DAYS)
    question = Question(
        org_id=org_id, from_at=from_at, until_at=until_at, interval=Interval.WEEK, compares=True
    )
    measure_delivery(transaction, question)
