"""Look ahead: ask what people look at first before they do, so that it is at hand when they come.

The answer is thrown away; what it was made from stays on the shelf. Not here: when it is done.
"""

from typing import Final

from fairlead.domain.access import OrgId
from fairlead.domain.instants import NS_PER_S
from fairlead.metrics.periods import Interval
from fairlead.store.engine import Transaction
from fairlead.usecases.measure_delivery import Question, measure_delivery

_USUAL_NS: Final = 90 * 86_400 * NS_PER_S


def look_ahead(transaction: Transaction, org_id: OrgId, now: int) -> None:
    """Measure the usual window of an organisation and the one before it."""
    question = Question(
        org_id=org_id, from_at=now - _USUAL_NS, until_at=now, interval=Interval.WEEK, compares=True
    )
    measure_delivery(transaction, question)
