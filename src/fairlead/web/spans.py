"""The span of time that a page looks at, as its address says it.

`range` names a preset that ends now; `from` and `to` are days in the time zone of the page, both
included. Not here: what is shown of that time.
"""

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from fairlead.domain.errors import Rejected
from fairlead.domain.instants import NS_PER_S
from fairlead.metrics.periods import lately
from fairlead.web.visit import Visit
from fairlead.web.words import moment

_DAY_NS: Final = 86_400 * NS_PER_S
PRESETS: Final = {
    "24h": ("24 hours", 1),
    "7d": ("7 days", 7),
    "30d": ("30 days", 30),
    "90d": ("90 days", 90),
    "180d": ("6 months", 180),
    "365d": ("12 months", 365),
}
"""What each is called, and how many days it reaches back."""
USUAL: Final = "90d"
_FIRST_YEAR, _LAST_YEAR = 2000, 2099


class Span(Struct, frozen=True, kw_only=True):
    """A half-open span of time."""

    from_at: int
    until_at: int
    """Exclusive."""
    preset: str = ""
    """The key of a preset; empty for days of one's own."""
    first_day: str = ""
    last_day: str = ""
    """Days of one's own, as they were written."""

    @property
    def label(self) -> str:
        """What the span is called in a sentence."""
        if self.preset:
            return f"the last {PRESETS[self.preset][0]}"
        return f"{self.first_day} to {self.last_day}"

    @property
    def before(self) -> "Span":
        """The span of the same length right before this one."""
        return Span(from_at=2 * self.from_at - self.until_at, until_at=self.from_at)

    @property
    def days(self) -> float:
        """How long it is."""
        return (self.until_at - self.from_at) / _DAY_NS

    def fields(self) -> dict[str, str]:
        """Return how an address says it; nothing for the usual one."""
        if self.preset:
            return {} if self.preset == USUAL else {"range": self.preset}
        return {"from": self.first_day, "to": self.last_day}


def span_of(visit: Visit) -> Span:
    """Return the span that the address of a visit asks for.

    Raises:
        Rejected: it names no preset and no days, or days in the wrong order.
    """
    first, last = visit.asked("from"), visit.asked("to")
    if first or last:
        return _days(first, last, visit)
    preset = visit.asked("range", USUAL)
    if preset not in PRESETS:
        raise Rejected(f"the range must be one of {', '.join(PRESETS)}", field="range")
    from_at, until_at = lately(visit.now, PRESETS[preset][1])
    return Span(from_at=from_at, until_at=until_at, preset=preset)


def _days(first: str, last: str, visit: Visit) -> Span:
    today = moment(visit.now, visit.zone).date()
    last_day = _day(last, "to") if last else today
    first_day = _day(first, "from") if first else last_day - timedelta(days=PRESETS[USUAL][1])
    if first_day > last_day:
        raise Rejected("the first day must not come after the last one", field="from")
    return Span(
        from_at=_midnight(first_day, visit.zone),
        until_at=_midnight(last_day + timedelta(days=1), visit.zone),
        first_day=first_day.isoformat(),
        last_day=last_day.isoformat(),
    )


def _day(text: str, field: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Rejected("a day looks like 2025-03-12", field=field) from None
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise Rejected(f"a day lies between {_FIRST_YEAR} and {_LAST_YEAR}", field=field)
    return day


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), zone).timestamp()) * NS_PER_S
