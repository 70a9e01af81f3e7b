"""The impact of a change of a flag: how much of what it served became something else.

Source: LaunchDarkly's OpenAPI document: none, small under 20 %, medium 20 to 80 %, large over 80 % change
in the share of those who get a variation; before and after are the ten minutes on either side. It counts
people; Fairlead is told of evaluations and counts those. Not here: who tells of them.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from fairlead.domain.flag_events import FlagEvent
from fairlead.domain.instants import NS_PER_S

SPAN_NS = 600 * NS_PER_S
_SMALL_BELOW, _LARGE_ABOVE = 20, 80


class ImpactSize(StrEnum):
    """How large an impact is."""

    NONE = "none"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Impact(Struct, frozen=True, kw_only=True):
    """What became different."""

    percentage: float
    """Of evaluations that got another variation, 0 to 100."""
    before: Mapping[str, int]
    """Evaluations by variation in the ten minutes before."""
    after: Mapping[str, int]

    @property
    def size(self) -> ImpactSize:
        """How large that is."""
        if self.percentage <= 0:
            return ImpactSize.NONE
        if self.percentage < _SMALL_BELOW:
            return ImpactSize.SMALL
        return ImpactSize.LARGE if self.percentage > _LARGE_ABOVE else ImpactSize.MEDIUM


class FlagEventShown(Struct, frozen=True):
    """What happened to a flag, and what came of it."""

    event: FlagEvent
    impact: Impact | None
    """None while it cannot be told: too early, or nobody told of evaluations on both sides."""


def impact_of(before: Mapping[str, int], after: Mapping[str, int]) -> Impact | None:
    """Return what became different between two counts of evaluations; None unless both hold some.

    Half the sum of what the shares of all variations moved by, which is the share that moved.
    """
    was, now = sum(before.values()), sum(after.values())
    if not was or not now:
        return None
    moved = sum(abs(before.get(one, 0) / was - after.get(one, 0) / now) for one in {*before, *after}) / 2
    return Impact(percentage=round(100 * moved, 6), before=before, after=after)
