"""What charts show: series of points, and what they come to. Not here: how one is spelled (`dialects`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Number = int | float


@dataclass(frozen=True, slots=True)
class Point:
    """One value at one instant."""

    at: int
    value: Number
    beside: Mapping[str, Number] = field(default_factory=dict)
    """What else is said of the same window."""


@dataclass(frozen=True, slots=True)
class Line:
    """A series of points."""

    name: str
    points: Sequence[Point]
    count: int
    """How many things all points together are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """All that a chart shows."""

    name: str
    unit: str
    lines: Sequence[Line]
    summary: Mapping[str, Number | None]
    """What the whole window comes to; None where there is nothing to count."""
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    """Values of the metrics of `insight_scores` that the chart is about."""
