"""Percentiles: the one definition, for every metric and every level.

Of n values in order the percentile p lies at the place p * (n - 1), counted from 0; between two
values it is interpolated in a straight line. So the median of an even number of values is the mean
of the two in the middle. The same is `PERCENTILE_CONT` in SQL and the default of most tools
(Hyndman and Fan's type 7). Of no values there is none. Not here: which values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final, TypeVar

from msgspec import Struct

from fairlead.domain.frames import pl
from fairlead.domain.instants import NS_PER_S

PERCENTILES: Final = {"median_s": 0.5, "p75_s": 0.75, "p90_s": 0.9, "p95_s": 0.95}
"""What is said of every duration beside its mean, in seconds."""
_LINEAR: Final = "linear"
_WORTH_THREADS: Final = 50_000
_Wanted = tuple[str, Mapping[str, float]]
_Told = TypeVar("_Told")
_threads: Final = ThreadPoolExecutor(2, thread_name_prefix="fairlead-percentiles")


class Durations(Struct, frozen=True):
    """Columns of nanoseconds, NULL where there is none, of which something is to be said."""

    spreads: Sequence[str] = ()
    """Those of which the mean and all percentiles are wanted."""
    middles: Sequence[str] = ()
    """Those of which the median is enough."""

    def shares(self) -> Iterator[tuple[str, Mapping[str, float]]]:
        """Yield each column with the percentiles that are wanted of it."""
        median = {"median_s": PERCENTILES["median_s"]}
        yield from ((column, PERCENTILES) for column in self.spreads)
        yield from ((column, median) for column in self.middles)


def told_of(frame: pl.DataFrame, durations: Durations) -> dict[str, Any]:
    """Return what is said of the durations of a frame: `column.count`, and in seconds `column.mean_s`, ….

    What has no value at all is left out.
    """
    found = _each(partial(_told_of_one, frame), frame, durations)
    return {name: value for one in found for name, value in one.items()}


def told_by(frame: pl.DataFrame, durations: Durations, keys: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the same for each group of rows that agree in `keys`, a column of durations at a time."""
    for told in _each(partial(_told_by_one, frame, keys), frame, durations):
        yield from told.iter_rows(named=True)


def _each(tell: Callable[[_Wanted], _Told], frame: pl.DataFrame, durations: Durations) -> Iterable[_Told]:
    """Return what `tell` says of each column, two at a time where the frame is large."""
    if len(frame) >= _WORTH_THREADS:
        # Polars lets other threads go on meanwhile.
        return _threads.map(tell, durations.shares())
    return map(tell, durations.shares())


def _told_of_one(frame: pl.DataFrame, wanted: _Wanted) -> Mapping[str, Any]:
    name, shares = wanted
    # Without gaps and in one piece, so that no percentile has to sort.
    values = frame[name].drop_nulls().rechunk()
    if not len(values):
        return {}
    told: dict[str, Any] = {f"{name}.count": len(values), f"{name}.mean_s": _seconds(values.mean())}
    for said, share in shares.items():
        told[f"{name}.{said}"] = _seconds(values.quantile(share, _LINEAR))
    return told


def _told_by_one(frame: pl.DataFrame, keys: Sequence[str], wanted: _Wanted) -> pl.DataFrame:
    column, shares = wanted
    said = [
        pl.len().alias(f"{column}.count"),
        (pl.col(column).mean() / NS_PER_S).alias(f"{column}.mean_s"),
        *(
            (pl.col(column).quantile(share, _LINEAR) / NS_PER_S).alias(f"{column}.{name}")
            for name, share in shares.items()
        ),
    ]
    there = frame.lazy().select(*keys, column).filter(pl.col(column).is_not_null())
    return there.group_by(keys).agg(said).collect()


def _seconds(ns: Any) -> float:
    return float(ns) / NS_PER_S
