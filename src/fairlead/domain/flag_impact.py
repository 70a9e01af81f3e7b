"""The impact of a change of a flag: how far what it serves moved from one variation to others.

Source: LaunchDarkly's OpenAPI document, version 2.0, `FlagEventImpactRep`: none is 0 %, small under 20 %,
medium 20 to 80 %, large over 80 % of evaluations, in the ten minutes before and after. Not here: where
evaluations come from.
"""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct

from fairlead.domain.instants import NS_PER_S

EITHER_SIDE_NS = 600 * NS_PER_S
"""How much time before and after a change is looked at."""
_SMALL, _MEDIUM = 20.0, 80.0


class ImpactSize(StrEnum):
    """How large an impact is."""

    NONE = "none"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


class Impact(Struct, frozen=True, kw_only=True):
    """How a change moved what a flag serves."""

    size: ImpactSize
    percentage: float
    """From 0 to 100: the share of evaluations that came to another variation than before."""
    before: Mapping[str, int]
    """How often each variation, as JSON, was served before the change."""
    after: Mapping[str, int]


def impact(before: Mapping[str, int], after: Mapping[str, int]) -> Impact | None:
    """Return the impact of a change; None where nothing was evaluated before it, or nothing after.

    The percentage is the sum of what variations gained, which is what the others lost.
    """
    had, has = sum(before.values()), sum(after.values())
    if not had or not has:
        return None
    gains = (count / has - before.get(variation, 0) / had for variation, count in after.items())
    percentage = 100 * min(1.0, sum(gain for gain in gains if gain > 0))
    return Impact(size=_size(percentage), percentage=percentage, before=before, after=after)


def _size(percentage: float) -> ImpactSize:
    # What rounding leaves of a share is none.
    if percentage < 1e-9:  # noqa: PLR2004 — nothing can move so little.
        return ImpactSize.NONE
    if percentage < _SMALL:
        return ImpactSize.SMALL
    return ImpactSize.MEDIUM if percentage <= _MEDIUM else ImpactSize.LARGE
