"""Percentiles: the one definition, for every metric and every level.

Of n values in order the percentile p lies at the place p * (n - 1), counted from 0; between two
values it is interpolated in a straight line. So the median of an even number of values is the mean
of the two in the middle. The same is `PERCENTILE_CONT` in SQL and the default of most tools
(Hyndman and Fan's type 7). Of no values there is none. Not here: which values.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from fairlead.domain.instants import NS_PER_S

PERCENTILES: Final = {"median_s": 0.5, "p75_s": 0.75, "p90_s": 0.9, "p95_s": 0.95}
"""What is said of every duration beside its mean, in seconds."""


def percentile(column: str, share: float) -> pl.Expr:
    """Return the percentile of a column of nanoseconds, in seconds; NULL where all of it is NULL."""
    return pl.col(column).quantile(share, "linear") / NS_PER_S


def mean(column: str) -> pl.Expr:
    """Return the mean of a column of nanoseconds, in seconds; NULL where all of it is NULL."""
    return pl.col(column).mean() / NS_PER_S


def spread(column: str) -> Iterator[pl.Expr]:
    """Yield all that is said of a duration, each under `column.name`, and how many there are as `.count`."""
    yield pl.col(column).count().alias(f"{column}.count")
    yield mean(column).alias(f"{column}.mean_s")
    for name, share in PERCENTILES.items():
        yield percentile(column, share).alias(f"{column}.{name}")


def middle(column: str) -> Iterator[pl.Expr]:
    """Yield the median and how many there are, each under `column.name`."""
    yield pl.col(column).count().alias(f"{column}.count")
    yield percentile(column, PERCENTILES["median_s"]).alias(f"{column}.median_s")
