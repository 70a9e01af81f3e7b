"""Periods: the days, weeks and months of a time zone that a window is cut into.

A day is from midnight to midnight there, so on the day when the clocks change it has 23 or 25 hours;
a week begins on Monday (ISO 8601). Periods are half open: the start belongs, the end does not. Where
a midnight does not exist the day begins with its first instant. Not here: what happened in them.
"""

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct

from fairlead.domain.errors import Rejected
from fairlead.domain.instants import EARLIEST_AT, LATEST_AT, NS_PER_S

NS_PER_DAY = 86_400 * NS_PER_S
MOST_PERIODS = 4_000
"""More than ten years of days."""
_LONGEST_NAME = 100
_MINUTE_NS = 60 * NS_PER_S
_LASTS = ((1, _MINUTE_NS), (7, 5 * _MINUTE_NS), (MOST_PERIODS, 15 * _MINUTE_NS))
"""For windows of up to so many days, how long one stays the same."""
_A_MONDAY_AT = 4 * NS_PER_DAY
"""The first of 1970."""


class Interval(StrEnum):
    """How long a period is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    NONE = "none"
    """The window is not cut."""


class Period(Struct, frozen=True):
    """One day, week or month, or the whole window."""

    start_at: int
    """Where it begins in the calendar, be that before the window."""
    end_at: int
    from_at: int
    """Where it begins within the window."""
    until_at: int

    @property
    def days(self) -> float:
        """How many days of 24 hours of it lie in the window."""
        return (self.until_at - self.from_at) / NS_PER_DAY


def zone_named(name: str, field: str = "timezone") -> ZoneInfo:
    """Return the time zone of the IANA database with that name.

    Raises:
        Rejected: there is none; the message names `field`.
    """
    try:
        if len(name) <= _LONGEST_NAME:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise Rejected(f'attribute "{field}" must name a time zone such as Europe/Berlin', field=field)


def require_window(from_at: int, until_at: int) -> None:
    """See to it that a window lies in the years 2000 to 2099 and has a length.

    Raises:
        Rejected: it does not.
    """
    for instant, field in ((from_at, "from"), (until_at, "to")):
        if not EARLIEST_AT <= instant <= LATEST_AT:
            raise Rejected(f'attribute "{field}" must lie between the years 2000 and 2099', field=field)
    if until_at <= from_at:
        raise Rejected('attribute "to" must be later than "from"', field="to")


def periods(from_at: int, until_at: int, interval: Interval, zone: ZoneInfo) -> list[Period]:
    """Return the periods that the window from `from_at` to `until_at`, exclusive, is cut into.

    The first and the last may reach beyond the window; `Interval.NONE` cuts it into none.

    Raises:
        Rejected: there are more than `MOST_PERIODS`.
    """
    found: list[Period] = []
    if interval is Interval.NONE:
        return found
    day = first_day(day_of(from_at, zone), interval)
    while (start_at := midnight(day, zone)) < until_at:
        if len(found) == MOST_PERIODS:
            detail = f"the window has more than {MOST_PERIODS} periods; ask for a shorter one or longer ones"
            raise Rejected(detail, field="interval")
        day = following(day, interval)
        end_at = midnight(day, zone)
        found.append(Period(start_at, end_at, max(start_at, from_at), min(end_at, until_at)))
    return found


def steps(from_at: int, until_at: int, length_ns: int) -> list[Period]:
    """Return the periods of a fixed length that touch a window; they are counted from a Monday in UTC.

    Raises:
        Rejected: there are more than `MOST_PERIODS`.
    """
    first_at = from_at - (from_at - _A_MONDAY_AT) % length_ns
    if until_at - first_at > MOST_PERIODS * length_ns:
        detail = f"the window has more than {MOST_PERIODS} periods; ask for a shorter one or longer ones"
        raise Rejected(detail, field="interval")
    return [
        Period(at, at + length_ns, max(at, from_at), min(at + length_ns, until_at))
        for at in range(first_at, until_at, length_ns)
    ]


def preceding(from_at: int, until_at: int, zone: ZoneInfo) -> tuple[int, int]:
    """Return the window of the same length right before a window.

    From midnight to midnight it is as many days of the calendar, though the clocks may change in
    between; otherwise it is as many hours.
    """
    first, last = day_of(from_at, zone), day_of(until_at, zone)
    if from_at == midnight(first, zone) and until_at == midnight(last, zone):
        return midnight(first - (last - first), zone), from_at
    return from_at - (until_at - from_at), from_at


def lately(now: int, days: int) -> tuple[int, int]:
    """Return the window of so many days that ends soon after now, so that all that happened is in it.

    Whoever asks again within a minute, or a quarter of an hour where it is many days, mostly asks for the
    same window and may get the same answer. Days begin at quarters of an hour in every time zone, so it has
    none that has not begun, but for the last second before.
    """
    length_ns = next(length_ns for most, length_ns in _LASTS if days <= most)
    # Up to the end of this second at least, so that what was told a moment ago is in it.
    until_at = -(-(now + NS_PER_S) // length_ns) * length_ns
    return until_at - days * NS_PER_DAY, until_at


def day_of(instant: int, zone: ZoneInfo) -> date:
    """Return the day of the calendar that an instant belongs to in `zone`."""
    return datetime.fromtimestamp(instant // NS_PER_S, zone).date()


def midnight(day: date, zone: ZoneInfo) -> int:
    """Return the instant at which a day of the calendar begins in `zone`."""
    local = datetime(day.year, day.month, day.day, tzinfo=zone)
    return int(local.astimezone(UTC).timestamp()) * NS_PER_S


def first_day(day: date, interval: Interval) -> date:
    """Return the first day of the period that `day` belongs to."""
    if interval is Interval.WEEK:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if interval is Interval.MONTH else day


def following(day: date, interval: Interval) -> date:
    """Return the first day of the period after the one that begins with `day`."""
    if interval is Interval.MONTH:
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if interval is Interval.WEEK else 1)
