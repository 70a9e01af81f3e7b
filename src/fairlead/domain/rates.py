"""Rates: so many requests in a period, as `600/minute`.

Not here: counting requests, and what somebody who made too many is told.
"""

import re

from msgspec import Struct

from fairlead.domain.errors import Rejected

PERIODS_S = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
MOST_REQUESTS = 1_000_000_000
_RATE = re.compile(rf"(\d{{1,10}})/({'|'.join(PERIODS_S)})", re.ASCII)


class Rate(Struct, frozen=True, kw_only=True):
    """At most so many requests in each period."""

    requests: int
    """From 1 to `MOST_REQUESTS`."""
    period_s: int


def rate_from(text: str, field: str = "rate_limit") -> Rate | None:
    """Return the rate that `text` names; None for an empty text, which sets no limit.

    Raises:
        Rejected: it is not `REQUESTS/PERIOD`; the message names `field`.
    """
    if not text:
        return None
    found = _RATE.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= MOST_REQUESTS:
        detail = f"{field} must be REQUESTS/PERIOD with second, minute, hour or day, such as 600/minute"
        raise Rejected(detail, field=field)
    return Rate(requests=int(found[1]), period_s=PERIODS_S[found[2]])
