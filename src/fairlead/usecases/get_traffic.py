"""Get what was counted of a service's requests, by resource and version."""

from msgspec import Struct

from fairlead.store import traffic_sums
from fairlead.store.engine import Transaction
from fairlead.store.traffic_sums import FaultSum, Span, Sum

MOST = 5000


class Traffic(Struct, frozen=True):
    """What was counted within a span of time."""

    sums: list[Sum]
    faults: list[FaultSum]


def get_traffic(transaction: Transaction, span: Span) -> Traffic:
    """Return up to `MOST` series, and as many types of errors, by name."""
    return Traffic(
        traffic_sums.sums(transaction, span, most=MOST), traffic_sums.fault_sums(transaction, span, most=MOST)
    )
