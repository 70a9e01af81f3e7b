"""The shapes of levels in Fairlead's own API: the year that an organisation reads them by."""

from msgspec import Struct


class YearTold(Struct):
    year: int
    """One with published levels."""


class YearSeen(Struct):
    year: int
    source: str
    confirmed: bool
    """False where the figures are from memory or second hand."""
    years: list[int]
    """Those that may be told."""
