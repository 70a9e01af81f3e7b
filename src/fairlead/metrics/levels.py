"""Performance levels: where a measurement stands among the groups of a year's report.

Each metric is placed by itself, and nothing is made of several levels. A measurement has the best level
whose band it reaches; one in a gap between two bands has the worse of the two; beyond the last band it
is low. A frequency is on demand when it is more than once a day. Rework has no published level. Not
here: the bands (`level_tables.py`).
"""

from collections.abc import Callable, Mapping

from msgspec import Struct

from fairlead.domain.errors import Rejected
from fairlead.metrics.figures import Figures
from fairlead.metrics.level_tables import DAY_S, YEARS, Level, Row, Year


class Levels(Struct, frozen=True, kw_only=True):
    """The levels of some figures."""

    year: Year
    by_metric: Mapping[str, Level | None]
    """None where there is nothing to place, or the year says nothing of the metric."""


def year_of(number: int, field: str = "year") -> Year:
    """Return the levels of a year's report.

    Raises:
        Rejected: it has none; the message names `field`.
    """
    if number not in YEARS:
        listed = ", ".join(map(str, YEARS))
        raise Rejected(f'attribute "{field}" must be a year with published levels: {listed}', field=field)
    return YEARS[number]


def levels(figures: Figures, year: Year) -> Levels:
    """Return where figures stand."""
    lead, failed = figures.change_lead_time, figures.change_failure_rate
    recovery, restore = figures.recovery_time, figures.time_to_restore
    recovered = None if recovery is None else recovery.median_s
    restored = None if restore is None else restore.median_s
    found = {
        "deployment_frequency": _of_frequency(figures, year),
        "change_lead_time": _within(year, None if lead is None else lead.spread.median_s, _lead_time),
        "change_failure_rate": _of_rate(year, None if failed is None else failed.rate),
        "recovery_time": None if year.restores else _within(year, recovered, _recovery),
        "time_to_restore": _within(year, restored, _recovery) if year.restores else None,
        "rework_rate": None,
    }
    return Levels(year=year, by_metric=found)


def _of_frequency(figures: Figures, year: Year) -> Level | None:
    if not figures.deployments:
        return None
    for row in year.rows:
        # On demand is more often than daily; the other bands take in their own ends.
        if row.every_s is None or (
            figures.deployments_per_day > 1
            if row.every_s == DAY_S
            else figures.deployments_per_day >= DAY_S / row.every_s
        ):
            return row.level
    return year.rows[-1].level


def _within(year: Year, value_s: float | None, bound: Callable[[Row], float | None]) -> Level | None:
    if value_s is None:
        return None
    bands = ((row.level, bound(row)) for row in year.rows)
    return next(level for level, most in bands if most is None or value_s < most)


def _of_rate(year: Year, rate: float | None) -> Level | None:
    if rate is None:
        return None
    bands = ((row.level, row.failure_rate) for row in year.rows)
    return next(level for level, most in bands if most is None or rate <= most)


def _lead_time(row: Row) -> float | None:
    return row.lead_time_s


def _recovery(row: Row) -> float | None:
    return row.recovery_s
