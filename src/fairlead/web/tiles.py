"""Tiles of the overview: each metric with its trend, its level and where it leads.

Not here: any arithmetic beyond comparing two values.
"""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from fairlead.metrics.figures import Figures
from fairlead.metrics.level_tables import Level, Year
from fairlead.metrics.levels import levels
from fairlead.web import words

_SAME: Final = 0.005


class Tile(Struct, frozen=True, kw_only=True):
    """One metric of a span of time."""

    name: str
    title: str
    said: str
    """The value in words; a dash where there is nothing to count."""
    beside: str
    """What it was made of."""
    trend: str
    """Against the span before; empty where one of the two has no value."""
    is_better: bool | None
    """None where neither is better."""
    level: Level | None
    why: str
    term: str
    """What the search asks for to find the deployments behind it."""
    path: str = "/deployments"


class _Metric(Struct, frozen=True):
    title: str
    value: Callable[[Figures], float | None]
    say: Callable[[float | None], str]
    beside: Callable[[Figures], str]
    why: str
    term: str = ""
    path: str = "/deployments"
    more_is_better: bool = False


def _deployments_beside(figures: Figures) -> str:
    return f"{words.count(figures.deployments)} deployments"


def _lead_beside(figures: Figures) -> str:
    lead = figures.change_lead_time
    if lead is None:
        return ""
    return f"median of {words.count(lead.deployments)}; 90 % within {words.roughly(lead.spread.p90_s)}"


def _failed_beside(figures: Figures) -> str:
    failed = figures.change_failure_rate
    if failed is None:
        return ""
    return f"{words.count(failed.counted)} of {words.count(failed.deployments)} failed"


def _recovery_beside(figures: Figures) -> str:
    spread = figures.recovery_time
    return "" if spread is None else f"median of {words.count(spread.count)} repaired"


def _rework_beside(figures: Figures) -> str:
    rework = figures.rework_rate
    if rework is None:
        return ""
    return f"{words.count(rework.counted)} of {words.count(rework.deployments)} unplanned"


def _restore_beside(figures: Figures) -> str:
    spread = figures.time_to_restore
    return "" if spread is None else f"median of {words.count(spread.count)} failures"


def frequency_said(per_day: float | None) -> str:
    """Return how often, in the unit that reads best."""
    if not per_day:
        return words.NOTHING
    if per_day >= 1:
        return f"{words.count(round(per_day, 1))} a day"
    if per_day * 7 >= 1:
        return f"{words.count(round(per_day * 7, 1))} a week"
    return f"{words.count(round(per_day * 30.4, 1))} a month"


METRICS: Final[Mapping[str, _Metric]] = {
    "deployment_frequency": _Metric(
        "Deployment frequency",
        lambda figures: figures.deployments_per_day,
        frequency_said,
        _deployments_beside,
        "How many deployments ended in this time, by its days.",
        more_is_better=True,
    ),
    "change_lead_time": _Metric(
        "Change lead time",
        lambda figures: (
            None if figures.change_lead_time is None else figures.change_lead_time.spread.median_s
        ),
        words.roughly,
        _lead_beside,
        "The median over deployments of how long their commits took on average, from being written to the "
        "end of the "
        "deployment.",
        "change_lead_time:*",
    ),
    "change_failure_rate": _Metric(
        "Change failure rate",
        lambda figures: None if figures.change_failure_rate is None else figures.change_failure_rate.rate,
        words.percent,
        _failed_beside,
        "Deployments that failed, by a rollback, a rule or a person's word, out of all.",
        "change_failure:true",
    ),
    "recovery_time": _Metric(
        "Recovery time",
        lambda figures: None if figures.recovery_time is None else figures.recovery_time.median_s,
        words.roughly,
        _recovery_beside,
        "The median over failed deployments of the time from their end to the end of what repaired them.",
        "recovery_time_sec:*",
    ),
    "rework_rate": _Metric(
        "Rework rate",
        lambda figures: None if figures.rework_rate is None else figures.rework_rate.rate,
        words.percent,
        _rework_beside,
        "Unplanned deployments that repair something, rollbacks and rollforwards, out of all.",
        "-deployment_type:standard",
    ),
    "time_to_restore": _Metric(
        "Time to restore",
        lambda figures: None if figures.time_to_restore is None else figures.time_to_restore.median_s,
        words.roughly,
        _restore_beside,
        "The median over failures that began in this time and ended, from their beginning to their end.",
        path="/failures",
    ),
}


def tiles(figures: Figures, before: Figures | None, year: Year) -> list[Tile]:
    """Return a tile for each metric, compared with the span before and placed by a year's levels."""
    placed = levels(figures, year).by_metric
    return [_tile(name, metric, figures, before, placed.get(name)) for name, metric in METRICS.items()]


def _tile(name: str, metric: _Metric, figures: Figures, before: Figures | None, level: Level | None) -> Tile:
    value = metric.value(figures)
    former = None if before is None else metric.value(before)
    trend, is_better = _trend(value, former, more_is_better=metric.more_is_better)
    return Tile(
        name=name,
        title=metric.title,
        said=metric.say(value),
        beside=metric.beside(figures),
        trend=trend,
        is_better=is_better,
        level=level,
        why=metric.why,
        term=metric.term,
        path=metric.path,
    )


def _trend(value: float | None, former: float | None, *, more_is_better: bool) -> tuple[str, bool | None]:
    """Return how a value stands to a former one, and whether that is better."""
    if value is None or not former:
        return "", None
    change = value / former - 1
    if abs(change) < _SAME:
        return "as before", None
    sign = "+" if change > 0 else words.MINUS
    return f"{sign}{abs(change) * 100:.0f} %", (change > 0) is more_is_better
