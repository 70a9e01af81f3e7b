"""What charts show: series of points, and what they come to. Not here: how one is spelled (`dialects`)."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

Number = int | float


class Point(Struct, frozen=True):
    """One value at one instant."""

    at: int
    value: Number
    beside: Mapping[str, Number] = field(default_factory=dict)
    """What else is said of the same window."""


class Line(Struct, frozen=True):
    """A series of points."""

    name: str
    points: Sequence[Point]
    count: int
    """How many things all points together are about."""


class Chart(Struct, frozen=True, kw_only=True):
    """All that a chart shows."""

    name: str
    unit: str
    lines: Sequence[Line]
    summary: Mapping[str, Number | None]
    """What the whole window comes to; None where there is nothing to count."""
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    """Values of the metrics of `insight_scores` that the chart is about."""
