"""Days, weeks and months of a time zone, also where the clocks change."""

import pytest

from fairlead.domain.errors import Rejected
from fairlead.domain.instants import from_rfc3339, to_rfc3339
from fairlead.metrics.periods import (
    NS_PER_DAY,
    Interval,
    day_of,
    lately,
    midnight,
    periods,
    preceding,
    require_window,
    zone_named,
)

HOUR_NS = 3_600 * 10**9


def at(text: str) -> int:
    return from_rfc3339(text)


def starts(first: str, last: str, interval: Interval, zone: str = "UTC") -> list[str]:
    return [to_rfc3339(one.start_at) for one in periods(at(first), at(last), interval, zone_named(zone))]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        *(("Europe/Berlin", "2025-03-30", 23), ("Europe/Berlin", "2025-10-26", 25)),
        *(("Europe/Berlin", "2025-03-29", 24), ("Australia/Lord_Howe", "2025-04-06", 24.5)),
        # At midnight the clocks go to one o'clock: the day begins with its first instant.
        *(("America/Santiago", "2025-09-07", 23), ("UTC", "2025-03-30", 24)),
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(zone: str, day: str, hours: float) -> None:
    here = zone_named(zone)
    noon = at(f"{day}T12:00:00Z")

    [one] = periods(noon, noon + 1, Interval.DAY, here)

    assert hours * HOUR_NS == one.end_at - one.start_at
    assert one.start_at == midnight(day_of(noon, here), here)


def test_weeks_begin_on_monday_and_months_on_their_first_day() -> None:
    assert ["2024-12-30T00:00:00Z", "2025-01-06T00:00:00Z"] == starts(
        "2025-01-01T00:00:00Z", "2025-01-07T00:00:00Z", Interval.WEEK
    )
    assert ["2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z", "2025-03-01T00:00:00Z"] == starts(
        "2025-01-31T00:00:00Z", "2025-03-01T00:00:01Z", Interval.MONTH
    )
    assert [] == starts("2025-01-01T00:00:00Z", "2025-03-01T00:00:00Z", Interval.NONE)


def test_a_period_that_begins_with_the_end_of_the_window_is_none_of_it() -> None:
    assert ["2025-01-01T00:00:00Z"] == starts("2025-01-01T12:00:00Z", "2025-01-02T00:00:00Z", Interval.DAY)


def test_a_week_over_a_change_of_clocks_begins_and_ends_at_midnight_there() -> None:
    assert ["2025-03-23T23:00:00Z", "2025-03-30T22:00:00Z"] == starts(
        "2025-03-28T00:00:00Z", "2025-04-01T00:00:00Z", Interval.WEEK, "Europe/Berlin"
    )


def test_only_what_lies_in_the_window_counts_as_days_of_a_period() -> None:
    [first, last] = periods(
        at("2025-01-04T00:00:00Z"), at("2025-01-06T12:00:00Z"), Interval.WEEK, zone_named("UTC")
    )

    assert (2.0, 0.5) == (first.days, last.days)


def test_the_window_before_has_as_many_days_of_the_calendar() -> None:
    berlin = zone_named("Europe/Berlin")
    week = at("2025-03-31T00:00:00+02:00"), at("2025-04-07T00:00:00+02:00")

    assert (at("2025-03-24T00:00:00+01:00"), week[0]) == preceding(*week, berlin)


def test_the_window_before_one_that_begins_at_any_hour_has_as_many_hours() -> None:
    window = at("2025-03-31T01:00:00Z"), at("2025-03-31T07:00:00Z")

    assert (window[0] - 6 * HOUR_NS, window[0]) == preceding(*window, zone_named("UTC"))


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("1999-12-31T00:00:00Z", "2025-01-01T00:00:00Z", "from"),
        ("2025-01-01T00:00:00Z", "2101-01-01T00:00:00Z", "to"),
        ("2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z", "to"),
    ],
)
def test_a_window_has_a_length_and_lies_in_this_century(first: str, last: str, field: str) -> None:
    with pytest.raises(Rejected) as refused:
        require_window(at(first), at(last))

    assert field == refused.value.field


def test_more_periods_than_anybody_can_look_at_are_refused() -> None:
    with pytest.raises(Rejected, match="more than 4000 periods"):
        starts("2001-01-01T00:00:00Z", "2012-01-01T00:00:00Z", Interval.DAY)


@pytest.mark.parametrize("name", ["Berlin", "", "Europe", "../UTC", "x" * 200, "Europe/\0"])
def test_a_zone_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(Rejected, match="time zone"):
        zone_named(name)


@pytest.mark.parametrize(
    ("days", "now", "until"),
    [
        (1, "2025-03-12T10:31:07Z", "2025-03-12T10:32:00Z"),
        (7, "2025-03-12T10:31:07Z", "2025-03-12T10:35:00Z"),
        (90, "2025-03-12T10:31:07Z", "2025-03-12T10:45:00Z"),
        (90, "2025-03-12T10:45:00Z", "2025-03-12T11:00:00Z"),
        (365, "2025-03-12T23:59:58Z", "2025-03-13T00:00:00Z"),
    ],
)
def test_a_window_that_ends_now_stays_the_same_for_a_while(days: int, now: str, until: str) -> None:
    ended = at(until)

    assert (ended - days * NS_PER_DAY, ended) == lately(at(now), days)
