"""Spans of time and shares in words, short enough for a table."""

from typing import Final

NONE: Final = "-"
_MINUTE_S, _HOUR_S, _DAY_S = 60, 3_600, 86_400


def in_words(seconds: float | None) -> str:
    """Return a span in its two largest units, such as `3 h 05 min`; a dash for none."""
    if seconds is None:
        return NONE
    whole = round(seconds)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S:02} min"
    return f"{whole // _DAY_S} d {whole % _DAY_S // _HOUR_S:02} h"


def percent(share: float | None) -> str:
    """Return a share in per cent; a dash for none."""
    return NONE if share is None else f"{share * 100:.1f} %"
