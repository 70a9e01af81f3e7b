"""Times on the wire: milliseconds since 1970 out, milliseconds or RFC 3339 in.

The OpenAPI document declares `from` and `to` as integers in some operations and as date-time in
others, and its examples print many times as quoted numbers; so every form is taken everywhere. A time
without a zone is UTC. Source: what the official clients were recorded to send.
"""

import re

from fairlead.domain.errors import Rejected
from fairlead.domain.instants import NS_PER_MS, from_rfc3339, require_instant

_NUMBER = re.compile(r"\d{1,17}", re.ASCII)
# The `+` of an offset that somebody typed into an address without encoding it.
_LOST_PLUS = re.compile(r"(?<=[\d]) (?=\d\d:?\d\d$)", re.ASCII)
_HALF_MS = NS_PER_MS // 2


def instant_from(told: int | str, field: str) -> int:
    """Return the instant that a number of milliseconds, as such or in quotes, or a text names.

    Raises:
        Rejected: it names none, or one outside the years 2000 to 2099.
    """
    if isinstance(told, str) and not _NUMBER.fullmatch(told):
        try:
            # Only with a `T` in it: a date that is parted by a blank ends like an offset does.
            text = _LOST_PLUS.sub("+", told) if "T" in told else told
            return require_instant(from_rfc3339(text), field)
        except ValueError as error:
            detail = f'attribute "{field}" must be milliseconds since 1970 or an RFC 3339 date and time'
            raise Rejected(detail, field=field) from error
    return require_instant(int(told) * NS_PER_MS, field)


def milliseconds(at: int) -> int:
    """Return an instant as a whole number of milliseconds since 1970, cut."""
    return at // NS_PER_MS


def span_ms(ns: int) -> int:
    """Return a duration in whole milliseconds, rounded."""
    return (ns + _HALF_MS) // NS_PER_MS
