"""Times as Datadog's clients write and read them.

Requests carry integers since the epoch whose magnitude tells the unit. Answers once carried
nanoseconds; the official clients switched to RFC 3339 in the summer of 2026, and those on either
side of the switch refuse the other kind. Not here: instants themselves (`domain.instants`).
"""

import re
from enum import StrEnum
from functools import lru_cache

from fairlead.domain.errors import Rejected
from fairlead.domain.instants import NS_PER_MS, NS_PER_S, from_rfc3339, require_instant, to_rfc3339

_SECONDS_BELOW = 10**11
_MILLISECONDS_BELOW = 10**14
_LAST = 2**63 - 1

_CLIENT = re.compile(
    r"datadog-api-client-(?P<language>[a-z]+)/v?(?P<version>\d{1,6}(?:\.\d{1,6}){2})\b", re.ASCII
)
# From version 2 on the TypeScript client is one package per product over a shared one, which it names.
_TYPESCRIPT_2 = re.compile(r"\(datadog-api-client \d+\.[^;)]*; typescript;", re.ASCII)


class TimeStyle(StrEnum):
    """How times go out; the values of the setting `datadog_times`."""

    AUTO = "auto"
    """RFC 3339 to an official client that reads it, nanoseconds to everybody else."""
    EPOCH_NS = "epoch_ns"
    RFC3339 = "rfc3339"


READS_RFC3339_SINCE: dict[str, tuple[int, ...]] = {
    "python": (2, 58, 0),
    "typescript": (1, 61, 0),
    "go": (2, 63, 0),
    "rust": (0, 34, 0),
    "java": (2, 58, 0),
    "ruby": (2, 57, 0),
}
"""The first version of each official client that reads RFC 3339.

Found in the packages of Python, TypeScript, Go and Rust; for Java and Ruby worked out from the
order of their releases. The numbers mean nothing across languages: 2.58 reads integers in Go.
"""


@lru_cache(maxsize=1024)
def style_for(setting: TimeStyle, user_agent: str) -> TimeStyle:
    """Return the style, never `AUTO`, for a client that names itself `user_agent`."""
    if setting is not TimeStyle.AUTO:
        return setting
    return TimeStyle.RFC3339 if _reads_rfc3339(user_agent) else TimeStyle.EPOCH_NS


def _reads_rfc3339(user_agent: str) -> bool:
    return _TYPESCRIPT_2.search(user_agent) is not None or _is_since_the_switch(user_agent) is True


@lru_cache(maxsize=1024)
def is_before_the_switch(user_agent: str) -> bool:
    """Tell whether a client that names itself `user_agent` is an official one that reads integers."""
    return _TYPESCRIPT_2.search(user_agent) is None and _is_since_the_switch(user_agent) is False


def _is_since_the_switch(user_agent: str) -> bool | None:
    """Return None for whoever is no official client."""
    client = _CLIENT.search(user_agent)
    since = READS_RFC3339_SINCE.get(client["language"]) if client else None
    if client is None or since is None:
        return None
    return tuple(int(part) for part in client["version"].split(".")) >= since


def to_wire(instant: int, style: TimeStyle) -> str | int:
    """Return `instant` for an answer."""
    return to_rfc3339(instant) if style is TimeStyle.RFC3339 else instant


def from_epoch(number: int, field: str) -> int:
    """Return the instant a client means by `number`.

    Raises:
        Rejected: it lies outside the years 2000 to 2099, as 0 and microseconds do.
    """
    if number <= 0:
        detail = f'attribute "{field}" must be a time since 1970 in s, ms or ns, not {number}'
        raise Rejected(detail, field=field)
    if number < _SECONDS_BELOW:
        return require_instant(number * NS_PER_S, field)
    return require_instant(number * NS_PER_MS if number < _MILLISECONDS_BELOW else number, field)


def from_date_time(text: str | None, field: str) -> int | None:
    """Return the instant of a `date-time`, None for None; one that no fact can have is moved nearer.

    Raises:
        Rejected: it is not RFC 3339.
    """
    if text is None:
        return None
    try:
        return min(max(from_rfc3339(text), 0), _LAST)
    except ValueError as error:
        detail = f'attribute "{field}" must be an RFC 3339 date-time'
        raise Rejected(detail, field=field) from error
