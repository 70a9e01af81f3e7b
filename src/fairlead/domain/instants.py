"""Instants: whole nanoseconds since 1970-01-01T00:00:00Z, and their RFC 3339 text.

Integers are exact where floating seconds and `datetime` (microseconds) are not, so what a
client sent can be echoed to the last digit. Not here: guessing the unit of an epoch number;
that habit belongs to the vendors that have it.
"""

import re
from calendar import timegm
from datetime import UTC, datetime, timedelta

from fairlead.domain.errors import Rejected

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000

EARLIEST_AT = 946_684_800 * NS_PER_S
"""2000-01-01T00:00:00Z. Anything earlier is a wrong unit or an unset clock, never a deployment."""
LATEST_AT = 4_102_444_800 * NS_PER_S
"""2100-01-01T00:00:00Z, exclusive."""

_LEAP_SECOND = 60
_HOURS, _MINUTES = 24, 60

_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?"
    r"(?:([Zz])|([+-])(\d\d):?(\d\d))?",
    re.ASCII,
)


def from_rfc3339(text: str) -> int:
    """Return the instant that `text` names; a missing offset means UTC.

    Fractions are kept to the nanosecond and cut beyond it.

    Raises:
        ValueError: `text` is not an RFC 3339 date and time.
    """
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute = (int(part) for part in found.group(1, 2, 3, 4, 5))
    second = int(found[6] or 0)
    if second == _LEAP_SECOND:
        # Folded into the second before it: POSIX time has no room for it.
        second -= 1
    seconds = timegm(datetime(year, month, day, hour, minute, second, tzinfo=UTC).utctimetuple())
    ahead_s = _offset_s(found[10], found[11]) if found[9] else 0
    seconds += ahead_s if found[9] == "-" else -ahead_s
    return seconds * NS_PER_S + int((found[7] or "0").ljust(9, "0"))


def to_rfc3339(instant: int) -> str:
    """Return `instant` in UTC with `Z`, with as many fractional digits as it has."""
    seconds, ns = divmod(instant, NS_PER_S)
    text = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{ns:09d}".rstrip("0") + "Z" if ns else text + "Z"


def require_instant(instant: int, field: str) -> int:
    """Return `instant` if it lies within the years 2000 to 2099.

    Raises:
        Rejected: it does not; the message names `field`.
    """
    if EARLIEST_AT <= instant < LATEST_AT:
        return instant
    detail = f'attribute "{field}" must lie between the years 2000 and 2099'
    raise Rejected(detail, field=field)


def _offset_s(hours: str, minutes: str) -> int:
    if int(hours) >= _HOURS or int(minutes) >= _MINUTES:
        raise ValueError(f"{hours}:{minutes}")
    return (int(hours) * 60 + int(minutes)) * 60
