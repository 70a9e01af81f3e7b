"""Keeping the chance of any false stop small where much is compared, and more than once.

A release is judged by many comparisons at several looks. The chance that any of them finds a
difference where there is none must not exceed one figure, the error that is allowed in all. It is
spent over the looks, and shared at each look among the comparisons. Not here: any comparison.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct

from fairlead.domain.detection import Correction

_POWER = 5


class Look(Struct, frozen=True):
    """One time at which the data are looked at."""

    at: int
    share: float
    """Of the allowed error that may be spent on it."""


def looks(from_at: int, until_at: int, number: int) -> list[Look]:
    """Return when to look between two instants: at the end, and halfway to each look after it.

    By a look at a fraction `f` of the time `f⁵` of the allowed error is spent: what is beyond doubt
    shows early, and the last look, which sees most, has all but a 32nd. The shares add up to 1, so the
    error holds however the requests fall to the looks; weighing how the looks depend on each other
    would win back less than that 32nd.

    Source: Lan and DeMets, "Discrete sequential boundaries for clinical trials", Biometrika 70
    (1983), with Kim and DeMets' power family.
    """
    if until_at <= from_at:
        return [Look(until_at, 1.0)]
    fractions = [0.0, *(0.5**left for left in range(number - 1, -1, -1))]
    return [
        Look(from_at + round((until_at - from_at) * later), later**_POWER - earlier**_POWER)
        for earlier, later in pairwise(fractions)
    ]


def threshold(allowed: float, least: Sequence[float], correction: Correction) -> float:
    """Return the p-value below which a comparison finds a difference.

    `least` holds of each comparison the least p-value it could have come to.

    Source of Tarone's way: "A modified Bonferroni method for discrete data", Biometrics 46 (1990).
    """
    if correction is Correction.NONE or not least:
        return allowed
    if correction is Correction.BONFERRONI:
        return allowed / len(least)
    ordered = sorted(least)
    return next(
        allowed / sharing
        for sharing in range(1, len(least) + 1)
        if bisect_right(ordered, allowed / sharing) <= sharing
    )
