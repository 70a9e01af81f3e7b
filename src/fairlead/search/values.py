"""The kinds of value a record may have, and how the text of a query is read as each of them.

`str` is text, `int` and `Decimal` are numbers (exact; never `float`, never NaN), `bool` is
`true` or `false`, `Instant` is a point in time. What a record hands out decides how a bound
is read, never the bound alone: the tag `tier:10` stays text beside `tier:>9`.
Not here: the comparing (`match`).
"""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct

_NS_PER_S = 1_000_000_000
_NS_PER_MS = 1_000_000
_NS_PER_US = 1_000

# Epoch numbers come without a unit; their size gives it away for the years 1973 to 5138.
_SECONDS_BELOW = 10**11
_MILLISECONDS_BELOW = 10**14

_FIRST_NS = -(2**63)
_LAST_NS = 2**63 - 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_INTEGER = re.compile(r"-?[0-9]{1,30}")
_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:\.([0-9]+))?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)


class Instant(Struct, frozen=True):
    """A point in time."""

    ns: int
    """Nanoseconds since 1970-01-01T00:00:00Z, within 64 bits."""


Value: TypeAlias = str | int | Decimal | bool | Instant


def number_from(text: str) -> Decimal | None:
    """Return the number that `text` is, exactly; None unless it is digits with at most a sign and a point.

    An exponent, a bare point at either end and a leading `+` do not make a number.
    """
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def number_text(value: int | Decimal) -> str:
    """Return the one way to write `value`: no exponent, no zeros at the end, and `0` for `-0`."""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def instant_from(text: str) -> Instant | None:
    """Return the instant that `text` names, or None.

    RFC 3339 date and time (without an offset: UTC; digits beyond the nanosecond are cut), or
    a whole number since the epoch: seconds below 10^11, milliseconds below 10^14, otherwise
    nanoseconds. What lies outside 64 bits is moved to the nearest end, so that every reader
    of a bound may keep it in a column.
    """
    if _INTEGER.fullmatch(text):
        ns = _ns_from_epoch(int(text))
    elif found := _RFC3339.fullmatch(text):
        try:
            moment = datetime.fromisoformat(found[1].upper() + (found[3] or "Z").upper())
        except ValueError:
            return None
        ns = (moment - _EPOCH) // timedelta(microseconds=1) * _NS_PER_US
        ns += int((found[2] or "")[:9].ljust(9, "0"))
    else:
        return None
    return Instant(min(max(ns, _FIRST_NS), _LAST_NS))


def _ns_from_epoch(count: int) -> int:
    if abs(count) < _SECONDS_BELOW:
        return count * _NS_PER_S
    return count * _NS_PER_MS if abs(count) < _MILLISECONDS_BELOW else count
