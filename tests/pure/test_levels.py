"""Where measurements stand, worked out by hand from the published tables."""

import pytest

from fairlead.domain.errors import Rejected
from fairlead.metrics.figures import Coverage, FailureRate, Figures, LeadTime, Share, Spread
from fairlead.metrics.level_tables import DAY_S, HOUR_S, MONTH_S, WEEK_S, YEARS
from fairlead.metrics.levels import levels, year_of
from fairlead.metrics.quick_check import quick_check


def a_spread(seconds: float) -> Spread:
    return Spread(count=1, median_s=seconds, mean_s=seconds, p75_s=seconds, p90_s=seconds, p95_s=seconds)


def figures(
    per_day: float = 1.0,
    *,
    lead_s: float | None = None,
    rate: float | None = None,
    recovery_s: float | None = None,
    restore_s: float | None = None,
    rework: float | None = None,
) -> Figures:
    """Return figures of a thousand deployments, or of none where there are none a day."""
    lead = None if lead_s is None else a_spread(lead_s)
    return Figures(
        deployments=1000 if per_day else 0,
        deployments_per_day=per_day,
        change_lead_time=None
        if lead is None
        else LeadTime(deployments=1, commits=None, spread=lead, stages={}),
        change_failure_rate=None
        if rate is None
        else FailureRate(counted=round(rate * 1000), deployments=1000, undecided=0),
        recovery_time=None if recovery_s is None else a_spread(recovery_s),
        rework_rate=None if rework is None else Share(counted=round(rework * 1000), deployments=1000),
        time_to_restore=None if restore_s is None else a_spread(restore_s),
        failures=0,
        coverage=Coverage(with_lead_time=0, excluded={}),
    )


@pytest.mark.parametrize(
    ("year", "per_day", "level"),
    [
        *((2024, 1.01, "elite"), (2024, 1.0, "high"), (2024, 1 / 7, "high"), (2024, 0.14, "medium")),
        *((2024, DAY_S / MONTH_S, "medium"), (2024, 0.03, "low"), (2024, 0.0, None)),
        # Between several a day and weekly lies a gap, which the worse neighbour has.
        *((2021, 1.01, "elite"), (2021, 0.5, "high"), (2021, 0.03, "medium"), (2021, 0.001, "low")),
        *((2022, 5.0, "high"), (2023, 0.05, "medium"), (2023, 0.03, "low")),
    ],
)
def test_a_frequency_has_the_level_of_its_band(year: int, per_day: float, level: str | None) -> None:
    assert level == levels(figures(per_day), YEARS[year]).by_metric["deployment_frequency"]


@pytest.mark.parametrize(
    ("year", "seconds", "level"),
    [
        *(
            (2024, DAY_S - 1, "elite"),
            (2024, DAY_S, "high"),
            (2024, WEEK_S, "medium"),
            (2024, MONTH_S, "low"),
        ),
        # An hour to a day, and a week to a month: gaps.
        *((2021, HOUR_S - 1, "elite"), (2021, HOUR_S, "high"), (2021, WEEK_S, "medium")),
        *((2021, 7 * MONTH_S, "low"), (2024, 20 * MONTH_S, "low")),
    ],
)
def test_a_lead_time_has_the_level_of_its_band(year: int, seconds: float, level: str) -> None:
    assert level == levels(figures(lead_s=seconds), YEARS[year]).by_metric["change_lead_time"]


@pytest.mark.parametrize(
    ("year", "rate", "level"),
    [
        *((2024, 0.05, "elite"), (2024, 0.051, "high"), (2024, 0.1, "high"), (2024, 0.2, "high")),
        *((2024, 0.21, "low"), (2023, 0.1, "high"), (2023, 0.15, "medium"), (2023, 0.16, "low")),
        *((2021, 0.15, "elite"), (2021, 0.16, "high"), (2022, 0.4, "low"), (2024, None, None)),
    ],
)
def test_a_failure_rate_has_the_level_of_its_band(year: int, rate: float | None, level: str | None) -> None:
    assert level == levels(figures(rate=rate), YEARS[year]).by_metric["change_failure_rate"]


def test_recovery_is_that_of_failures_to_2022_and_that_of_deployments_since() -> None:
    told = figures(recovery_s=HOUR_S, restore_s=HOUR_S - 1)

    before, since = (levels(told, YEARS[year]).by_metric for year in (2021, 2024))

    assert ("elite", None) == (before["time_to_restore"], before["recovery_time"])
    assert (None, "high") == (since["time_to_restore"], since["recovery_time"])
    # A day to a week is a gap in 2024; two groups say "under a day", and the better one has it.
    assert "low" == levels(figures(recovery_s=DAY_S), YEARS[2024]).by_metric["recovery_time"]


def test_rework_has_no_published_level() -> None:
    assert levels(figures(rework=0.1), YEARS[2024]).by_metric["rework_rate"] is None


@pytest.mark.parametrize("year", [2020, 2025, 0])
def test_a_year_without_levels_is_refused(year: int) -> None:
    with pytest.raises(Rejected, match="2021, 2022, 2023, 2024"):
        year_of(year)


def test_every_year_says_where_it_comes_from() -> None:
    assert [(2021, True), (2022, False), (2023, False), (2024, True)] == [
        (year.year, year.confirmed) for year in YEARS.values() if year.source
    ]


@pytest.mark.parametrize(
    ("seconds", "score"),
    [
        *((HOUR_S - 1, 10), (HOUR_S, 8), (DAY_S, 6), (WEEK_S, 4), (MONTH_S, 2), (6 * MONTH_S, 0)),
        (100 * MONTH_S, 0),
    ],
)
def test_a_time_scores_two_points_less_in_each_longer_band(seconds: float, score: float) -> None:
    assert score == quick_check(figures(lead_s=seconds)).by_metric["change_lead_time"]


@pytest.mark.parametrize(
    ("per_day", "score"),
    [(24.1, 10), (24, 8), (1, 8), (0.9, 6), (1 / 7, 6), (0.1, 4), (0.03, 2), (0.001, 0), (0, None)],
)
def test_a_frequency_scores_by_its_answer(per_day: float, score: float | None) -> None:
    assert score == quick_check(figures(per_day)).by_metric["deployment_frequency"]


def test_the_whole_is_the_mean_of_five_and_nothing_while_one_is_missing() -> None:
    whole = quick_check(figures(2.0, lead_s=DAY_S, rate=0.2, recovery_s=HOUR_S, rework=0.1))

    # 8 for frequency, 6 for lead time, 8 for failures, 8 for recovery, 9 for rework.
    assert pytest.approx(7.8) == whole.overall
    assert quick_check(figures(2.0, lead_s=DAY_S, rate=0.2, rework=0.1)).overall is None
