"""The metrics that can be queried, and what each is in Fairlead's figures.

A count or a rate of a period is one value, so every aggregator gives it; of a duration the aggregator
says what is meant, the median where it says nothing. Not here: what the numbers mean (`metrics`).
"""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec import Struct

from fairlead.domain.errors import Rejected
from fairlead.metrics.figures import Figures, Share, Spread

COUNT: Final = "dora.deployments.count"


def _rate(share: Share | None) -> float | None:
    return None if share is None else share.rate


_SPREADS: Final[Mapping[str, str]] = {
    "": "median_s",
    "median": "median_s",
    "p50": "median_s",
    "avg": "mean_s",
    "mean": "mean_s",
    "p75": "p75_s",
    "p90": "p90_s",
    "p95": "p95_s",
    "count": "count",
}
_OTHERS: Final = frozenset({"sum", "min", "max", "last"})
_SPREAD_OF: Final[Mapping[str, Callable[[Figures], Spread | None]]] = {
    "dora.change_lead_time": lambda figures: (
        figures.change_lead_time.spread if figures.change_lead_time else None
    ),
    "dora.recovery_time": lambda figures: figures.recovery_time,
    "dora.time_to_restore": lambda figures: figures.time_to_restore,
}
_RATE_OF: Final[Mapping[str, Callable[[Figures], float | None]]] = {
    COUNT: lambda figures: figures.deployments,
    "dora.change_failure_rate": lambda figures: _rate(figures.change_failure_rate),
    "dora.rework_rate": lambda figures: _rate(figures.rework_rate),
}
NAMES: Final = frozenset({*_SPREAD_OF, *_RATE_OF})


class Unit(Struct, frozen=True):
    """What a value is measured in, in Datadog's words."""

    family: str
    name: str
    plural: str
    short_name: str
    scale_factor: float = 1.0


_SECOND: Final = Unit("time", "second", "seconds", "s")


def unit_of(metric: str, statistic: str) -> Unit | None:
    """Return what the values of a metric are measured in; None for counts and shares."""
    return _SECOND if metric in _SPREAD_OF and statistic != "count" else None


def value_of(metric: str, statistic: str, figures: Figures) -> float | None:
    """Return what a metric comes to; None where there is nothing to count.

    Raises:
        Rejected: a duration is asked for by a statistic that there is not.
    """
    if (found := _RATE_OF.get(metric)) is not None:
        value = found(figures)
        return None if value is None else float(value)
    spread = _SPREAD_OF[metric](figures)
    if spread is None:
        return None
    if statistic == "sum":
        return spread.mean_s * spread.count
    return float(getattr(spread, _SPREADS[statistic]))


def require_statistic(metric: str, statistic: str, field: str) -> None:
    """See to it that a metric can be asked for by an aggregator.

    Raises:
        Rejected: it cannot; the message says which it can.
    """
    known = {*_SPREADS, *_OTHERS} if metric not in _SPREAD_OF else {*_SPREADS, "sum"}
    if statistic not in known:
        listed = ", ".join(sorted(known - {""}))
        detail = (
            f"The value provided for parameter '{field}' is invalid: {metric} is aggregated by {listed}, "
            f"not by {statistic}"
        )
        raise Rejected(detail, field=field)
