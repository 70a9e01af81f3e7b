"""The levels that DORA's reports describe, year by year, as data.

Each year's survey was divided into groups of teams; a row says what such a group said. They are
descriptions, not thresholds, and not comparable from year to year. `confirmed` is False where the
figures come from memory or from second hand only. Not here: how a measurement is placed (`levels.py`).
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

HOUR_S: Final = 3_600.0
DAY_S: Final = 24 * HOUR_S
WEEK_S: Final = 7 * DAY_S
MONTH_S: Final = 365.25 / 12 * DAY_S
HALF_YEAR_S: Final = 6 * MONTH_S


class Level(StrEnum):
    """From the best to the worst."""

    ELITE = "elite"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Row(Struct, frozen=True, kw_only=True):
    """One group of a year."""

    level: Level
    every_s: float | None
    """A deployment at least this often; None is less often than the group above."""
    lead_time_s: float | None
    """Below this; None is longer than the group above."""
    recovery_s: float | None
    failure_rate: float | None
    """At most this, from 0.0 to 1.0. Where a year gives a single value per group, it is our edge."""


class Year(Struct, frozen=True, kw_only=True):
    """The levels of one report."""

    year: int
    rows: tuple[Row, ...]
    """From the best to the worst."""
    restores: bool
    """Whether recovery is that of a failure (to 2022) rather than that of a failed deployment."""
    source: str
    confirmed: bool


def _row(
    level: Level,
    every_s: float | None,
    lead_time_s: float | None,
    recovery_s: float | None,
    failure_rate: float | None,
) -> Row:
    return Row(
        level=level,
        every_s=every_s,
        lead_time_s=lead_time_s,
        recovery_s=recovery_s,
        failure_rate=failure_rate,
    )


_E, _H, _M, _L = Level.ELITE, Level.HIGH, Level.MEDIUM, Level.LOW

YEARS: Final = {
    2021: Year(
        year=2021,
        restores=True,
        rows=(
            _row(_E, DAY_S, HOUR_S, HOUR_S, 0.15),
            _row(_H, MONTH_S, WEEK_S, DAY_S, 0.30),
            _row(_M, HALF_YEAR_S, HALF_YEAR_S, WEEK_S, 0.30),
            _row(_L, None, None, None, None),
        ),
        source="Accelerate State of DevOps Report 2021, page 9",
        confirmed=True,
    ),
    2022: Year(
        year=2022,
        restores=True,
        rows=(
            _row(_H, DAY_S, WEEK_S, DAY_S, 0.15),
            _row(_M, MONTH_S, MONTH_S, WEEK_S, 0.30),
            _row(_L, None, None, None, None),
        ),
        source="Accelerate State of DevOps Report 2022, from memory and secondary tables",
        confirmed=False,
    ),
    2023: Year(
        year=2023,
        restores=False,
        rows=(
            _row(_E, DAY_S, DAY_S, HOUR_S, 0.05),
            _row(_H, WEEK_S, WEEK_S, DAY_S, 0.10),
            _row(_M, MONTH_S, MONTH_S, WEEK_S, 0.15),
            _row(_L, None, None, None, None),
        ),
        source="Accelerate State of DevOps Report 2023, infographic and secondary tables",
        confirmed=False,
    ),
    2024: Year(
        year=2024,
        restores=False,
        rows=(
            _row(_E, DAY_S, DAY_S, HOUR_S, 0.05),
            _row(_H, WEEK_S, WEEK_S, DAY_S, 0.20),
            # Its failure rate of 10 % and its recovery within a day are no worse than those of the group
            # above, so neither of them ever tells it apart.
            _row(_M, MONTH_S, MONTH_S, DAY_S, 0.10),
            _row(_L, None, None, None, None),
        ),
        source="Accelerate State of DevOps Report 2024, page 13, as transcribed in several places",
        confirmed=True,
    ),
}
"""No report of 2025 or later gives levels."""
USUAL_YEAR: Final = 2024
