"""Windows of a chart, and what falls into each.

Three ways to cut a span of time, of which LaunchDarkly publishes the names alone. `hour` and `day` are
those of the clock in UTC, each named by its start. `rolling` is a window of a given length that moves on
by its own length, by a day at most, so that the last one ends with the span; each is named by its end.
Half open: the start belongs to a window, the end does not, save for the end of the span. Not here: which
instants are counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from fairlead.domain.errors import Rejected
from fairlead.domain.frames import pl
from fairlead.domain.instants import NS_PER_S

HOUR_NS = 3_600 * NS_PER_S
DAY_NS = 24 * HOUR_NS
MOST_WINDOWS = 3_000


class BucketType(StrEnum):
    """How a span of time is cut."""

    ROLLING = "rolling"
    HOUR = "hour"
    DAY = "day"


class Window(Struct, frozen=True):
    """A stretch of time."""

    named_at: int
    from_at: int
    """Inclusive."""
    until_at: int
    """Exclusive."""


class Averages(Struct, frozen=True):
    """What the durations of one window come to, in nanoseconds."""

    count: int
    mean_ns: float
    percentiles_ns: tuple[float, ...]
    """In the order asked for."""


def windows(cut: BucketType, from_at: int, until_at: int, bucket_ns: int) -> list[Window]:
    """Return the windows between two instants, both of which belong to the span, in order of time.

    Raises:
        Rejected: they are too many to draw.
    """
    step = {BucketType.HOUR: HOUR_NS, BucketType.DAY: DAY_NS}.get(cut, min(bucket_ns, DAY_NS))
    if (until_at - from_at) // step > MOST_WINDOWS:
        raise Rejected(f"a chart has at most {MOST_WINDOWS} points: ask for fewer days", field="from")
    if cut is BucketType.ROLLING:
        ends = range(until_at, from_at, -step)
        found = [Window(end, end - bucket_ns, end) for end in ends] or [
            Window(until_at, until_at - bucket_ns, until_at)
        ]
        found.reverse()
    else:
        starts = range(from_at // step * step, until_at + 1, step)
        found = [Window(start, max(start, from_at), start + step) for start in starts]
    last = found[-1]
    return [*found[:-1], Window(last.named_at, last.from_at, until_at + 1)]


def reach(cut: BucketType, from_at: int, bucket_ns: int) -> int:
    """Return from when on something may fall into a window: a rolling one reaches back before the span."""
    return from_at - bucket_ns if cut is BucketType.ROLLING else from_at


def counts(at: pl.Series, cut: Sequence[Window]) -> list[int]:
    """Return how many of `at`, which are in order, fall into each window."""
    return [end - start for start, end in _places(at, cut)]


def averages(
    at: pl.Series, durations: pl.Series, cut: Sequence[Window], shares: Sequence[float]
) -> list[Averages | None]:
    """Return what the durations in each window come to; None where there are none.

    `durations` belong to `at`, which are in order; `shares` are percentiles between 0 and 1.
    """
    found: list[Averages | None] = []
    for start, end in _places(at, cut):
        mine = durations.slice(start, end - start)
        found.append(overall(mine, shares))
    return found


def overall(durations: pl.Series, shares: Sequence[float]) -> Averages | None:
    """Return what all durations come to; None of nothing."""
    if durations.is_empty():
        return None
    mean = durations.cast(pl.Float64).mean()
    percentiles = (durations.quantile(share, "linear") for share in shares)
    return Averages(len(durations), _number(mean), tuple(_number(one) for one in percentiles))


def _places(at: pl.Series, cut: Sequence[Window]) -> Iterator[tuple[int, int]]:
    if not cut:
        return
    starts = at.search_sorted(pl.Series([one.from_at for one in cut], dtype=pl.Int64), "left")
    ends = at.search_sorted(pl.Series([one.until_at for one in cut], dtype=pl.Int64), "left")
    yield from zip(starts.to_list(), ends.to_list(), strict=True)


def _number(value: object) -> float:
    assert isinstance(value, (int, float))  # noqa: S101 — there is at least one duration.
    return float(value)
