"""Quick Check: DORA's own score from 0 to 10 for each metric and for all of them.

Definition: the program of dora.dev's Quick Check (read 2026). Six answers for what is measured in time,
0, 2, 4, 6, 8 or 10 points, from over six months to under an hour; and for frequency from less than
every six months to on demand, which is here more than once an hour. A share of 0 scores 10, one of 1
scores 0, in a straight line. The whole is the mean of the five, and there is none while one is missing.
Its bands have no gaps, so it says something where a year's levels do not.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from fairlead.metrics.figures import Figures
from fairlead.metrics.level_tables import DAY_S, HALF_YEAR_S, HOUR_S, MONTH_S, WEEK_S

_BANDS_S: Final = (HOUR_S, DAY_S, WEEK_S, MONTH_S, HALF_YEAR_S)
_MOST: Final = 10.0


class QuickCheck(Struct, frozen=True, kw_only=True):
    """The scores of some figures."""

    by_metric: Mapping[str, float | None]
    """None where there is nothing to score."""
    overall: float | None


def quick_check(figures: Figures) -> QuickCheck:
    """Return the scores of figures."""
    lead, recovery = figures.change_lead_time, figures.recovery_time
    failed, rework = figures.change_failure_rate, figures.rework_rate
    scores = {
        "deployment_frequency": _of_frequency(figures),
        "change_lead_time": None if lead is None else _of_time(lead.spread.median_s),
        "change_failure_rate": None if failed is None else _MOST * (1 - failed.rate),
        "recovery_time": None if recovery is None else _of_time(recovery.median_s),
        "rework_rate": None if rework is None else _MOST * (1 - rework.rate),
    }
    known = [score for score in scores.values() if score is not None]
    overall = sum(known) / len(known) if len(known) == len(scores) else None
    return QuickCheck(by_metric=scores, overall=overall)


def _of_time(seconds: float) -> float:
    """Return 10 for under an hour, then 2 less for every longer band, 0 for over six months."""
    return _MOST - 2 * sum(seconds >= band for band in _BANDS_S)


def _of_frequency(figures: Figures) -> float | None:
    if not figures.deployments:
        return None
    per_day = figures.deployments_per_day
    # More than hourly is on demand; the other bands take in their slower ends.
    return _MOST - 2 * sum(
        (per_day <= DAY_S / band) if band == HOUR_S else (per_day < DAY_S / band) for band in _BANDS_S
    )
