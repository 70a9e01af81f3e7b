"""Insight scores: one number from 0 to 100 for how well something goes, and the word for it.

LaunchDarkly publishes the words, the scores that belong to each, and two tables of tiers; how a value
becomes a score it does not. Here four values of a metric are marks: where it is as good as can be (100),
and where excellent (90), good (70) and fair (40) end; at a fifth it is as bad as can be (0). Between two
marks the score follows the value in a straight line, rounded down and kept within its word's scores. So a
better value never has a lower score. An aggregate is the mean of what could be calculated, rounded.

Confirmed by LaunchDarkly's documentation of 2024: words and scores, the tiers of lead time, and that one
deployment a day is excellent. All other tiers are Fairlead's. Not here: the values.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from msgspec import Struct

from fairlead.domain.instants import NS_PER_S

_DAY_S: Final = 86_400


class Indicator(Struct, frozen=True):
    """A word for a score."""

    name: str
    least: int
    most: int


EXCELLENT: Final = Indicator("excellent", 90, 100)
GOOD: Final = Indicator("good", 70, 89)
FAIR: Final = Indicator("fair", 40, 69)
NEEDS_ATTENTION: Final = Indicator("needsAttention", 0, 39)
NOT_CALCULATED: Final = Indicator("notCalculated", 0, 0)
INDICATORS: Final = (EXCELLENT, GOOD, FAIR, NEEDS_ATTENTION)
_SCORES: Final = (100, 90, 70, 40, 0)


class Scale(Struct, frozen=True, kw_only=True):
    """How values of a metric become scores."""

    marks: tuple[float, float, float, float, float]
    """Where the score is 100, where excellent, good and fair end, and where it is 0; all up or all down."""
    unit: str
    modifier: str
    descriptions: tuple[str, str, str, str]
    """Of the four tiers, the best first."""
    excellent_is_open: bool = False
    """Whether the end of excellent is good already; every other end belongs to the better tier."""

    @property
    def rises(self) -> bool:
        """Whether more is better."""
        return self.marks[0] > self.marks[-1]


class Score(Struct, frozen=True):
    """A score with its word."""

    score: int
    indicator: Indicator


SCALES: Final[Mapping[str, Scale]] = {
    "deploymentFrequency": Scale(
        marks=(3, 1, 1 / 7, 1 / 30, 0),
        unit="count",
        modifier="per day",
        descriptions=("At least 1 per day", "At least 1 per week", "At least 1 in 30 days", "Less often"),
    ),
    "leadTime": Scale(
        marks=(0, _DAY_S * NS_PER_S, 7 * _DAY_S * NS_PER_S, 28 * _DAY_S * NS_PER_S, 84 * _DAY_S * NS_PER_S),
        unit="ms",
        modifier="average",
        descriptions=("Less than 1 day", "1 day to 1 week", "1 to 4 weeks", "More than 4 weeks"),
        excellent_is_open=True,
    ),
    "deploymentFailureRate": Scale(
        marks=(0, 0.05, 0.15, 0.30, 1),
        unit="ratio",
        modifier="of deployments",
        descriptions=("At most 5%", "At most 15%", "At most 30%", "More than 30%"),
    ),
    "impactSize": Scale(
        marks=(0, 5, 20, 80, 100),
        unit="percent",
        modifier="average",
        descriptions=("At most 5%", "At most 20%", "At most 80%", "More than 80%"),
    ),
    "flagHealth": Scale(
        marks=(0, 0.05, 0.15, 0.30, 1),
        unit="ratio",
        modifier="of temporary flags are stale",
        descriptions=("At most 5%", "At most 15%", "At most 30%", "More than 30%"),
    ),
    "experimentationCoverage": Scale(
        marks=(1, 0.20, 0.10, 0.05, 0),
        unit="ratio",
        modifier="of releases",
        descriptions=("At least 20%", "At least 10%", "At least 5%", "Less than 5%"),
    ),
}
"""The leaves. Lead time in nanoseconds, shares between 0 and 1, impact in percent."""
AGGREGATES: Final[Mapping[str, tuple[str, ...]]] = {
    "velocity": ("deploymentFrequency", "leadTime"),
    "risk": ("deploymentFailureRate", "impactSize"),
    "efficiency": ("flagHealth", "experimentationCoverage"),
    "overall": ("velocity", "risk", "efficiency"),
}
"""In an order in which each comes after what it is made of."""


def scores(values: Mapping[str, float | None]) -> dict[str, Score]:
    """Return the score of every leaf and aggregate; a value that is absent or None is not calculated."""
    found = {name: score_of(scale, values.get(name)) for name, scale in SCALES.items()}
    for name, parts in AGGREGATES.items():
        found[name] = _together([found[part] for part in parts])
    return found


def score_of(scale: Scale, value: float | None) -> Score:
    """Return the score of one value."""
    if value is None:
        return Score(0, NOT_CALCULATED)
    sign = -1.0 if scale.rises else 1.0
    marks = [sign * mark for mark in scale.marks]
    place = sign * value
    indicator = _tier(marks, place, is_open=scale.excellent_is_open)
    return Score(max(indicator.least, min(int(_line(marks, place)), indicator.most)), indicator)


def indicator_of(score: int) -> Indicator:
    """Return the word for a score."""
    return next(one for one in INDICATORS if score >= one.least)


def _tier(marks: Sequence[float], place: float, *, is_open: bool) -> Indicator:
    if place < marks[1] or (place == marks[1] and not is_open):
        return EXCELLENT
    return next(
        (one for one, end in zip((GOOD, FAIR), marks[2:4], strict=True) if place <= end), NEEDS_ATTENTION
    )


def _line(marks: Sequence[float], place: float) -> float:
    """Return the score at a place; `marks` go up from the best to the worst."""
    if place <= marks[0]:
        return _SCORES[0]
    for (low, high), (upper, lower) in zip(pairwise(marks), pairwise(_SCORES), strict=True):
        if place <= high:
            return upper - (upper - lower) * (place - low) / (high - low)
    return _SCORES[-1]


def _together(parts: Sequence[Score]) -> Score:
    known = [one.score for one in parts if one.indicator is not NOT_CALCULATED]
    if not known:
        return Score(0, NOT_CALCULATED)
    # Halves go up, so that no better part lowers the whole.
    score = (2 * sum(known) + len(known)) // (2 * len(known))
    return Score(score, indicator_of(score))
