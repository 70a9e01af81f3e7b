"""How pages say instants, durations and numbers. Not here: what they mean."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from fairlead.domain.instants import NS_PER_S

NOTHING: Final = "—"
MINUS: Final = "\N{MINUS SIGN}"
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MANY_DAYS = 10
_THOUSAND = 10_000


def moment(at: int, zone: ZoneInfo) -> datetime:
    """Return an instant as the clock on the wall of a zone has it, to the second."""
    return (_EPOCH + timedelta(seconds=at // NS_PER_S)).astimezone(zone)


def clock(at: int | None, zone: ZoneInfo, now: int | None = None) -> str:
    """Return day and time; without the year where it is that of `now`."""
    if at is None:
        return NOTHING
    there = moment(at, zone)
    form = "%d %b %H:%M" if now is not None and moment(now, zone).year == there.year else "%d %b %Y %H:%M"
    return there.strftime(form)


def exact(at: int, zone: ZoneInfo) -> str:
    """Return day and time to the second, with the zone."""
    return moment(at, zone).strftime("%Y-%m-%d %H:%M:%S %Z")


def ago(at: int, now: int) -> str:
    """Return how long ago something was, in one unit."""
    seconds = (now - at) // NS_PER_S
    if seconds < 0:
        return f"in {_one_unit(-seconds)}"
    return "just now" if seconds < 5 else f"{_one_unit(seconds)} ago"  # noqa: PLR2004 — nobody counts so few.


def duration(ns: int | None) -> str:
    """Return a span of time in two units at most; what is absent as a dash."""
    return NOTHING if ns is None else seconds(ns / NS_PER_S)


def seconds(amount: float | None) -> str:
    """Return a span of seconds in two units at most."""
    if amount is None:
        return NOTHING
    return f"{MINUS}{_seconds(-amount)}" if amount < 0 else _seconds(amount)


def _seconds(amount: float) -> str:
    if amount < _MINUTE:
        return f"{amount:.0f} s" if amount >= 1 or amount == 0 else f"{amount * 1000:.0f} ms"
    whole = round(amount)
    if whole < _HOUR:
        return _two(whole, _MINUTE, "min", 1, "s")
    if whole < _DAY:
        return _two(whole, _HOUR, "h", _MINUTE, "min")
    if whole < _MANY_DAYS * _DAY:
        return _two(whole, _DAY, "d", _HOUR, "h")
    return f"{whole / _DAY:.0f} d"


def roughly(amount: float | None) -> str:
    """Return a span of seconds as one looks at it from afar: without seconds from a minute on."""
    if amount is None or amount < _MINUTE:
        return seconds(amount)
    return seconds(round(amount / _MINUTE) * _MINUTE)


def percent(rate: float | None) -> str:
    """Return a rate of 0 to 1 in percent: one digit behind the point where there are few percent."""
    if rate is None:
        return NOTHING
    if 0 < rate < 0.001:  # noqa: PLR2004 — what would read as nothing at all.
        return "< 0.1 %"
    return f"{rate * 100:.1f} %" if 0 < rate < 0.1 else f"{rate * 100:.0f} %"  # noqa: PLR2004 — ten percent.


def count(number: float | None) -> str:
    """Return a number with thin blanks between thousands."""
    if number is None:
        return NOTHING
    if not float(number).is_integer():
        return f"{number:.2f}" if number < 10 else f"{number:.1f}"  # noqa: PLR2004 — three digits in all.
    whole = int(number)
    return f"{whole:,}".replace(",", "\u202f") if whole >= _THOUSAND else str(whole)


def _two(amount: int, large: int, large_name: str, small: int, small_name: str) -> str:
    first, rest = divmod(amount, large)
    second = rest // small
    return f"{first} {large_name}" + (f" {second} {small_name}" if second else "")


def _one_unit(amount: int) -> str:
    for size, name in ((_DAY, "d"), (_HOUR, "h"), (_MINUTE, "min")):
        if amount >= size:
            return f"{amount // size} {name}"
    return f"{amount} s"
