"""Coverage: how many deployments have a lead time, and for which reason each of the others has none.

Every deployment is in exactly one of these numbers, so that they add up. The codes are those of
`docs/metrics.md`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.domain.frames import pl
from fairlead.domain.measured import COVERAGE
from fairlead.metrics.figures import Coverage


def columns() -> Iterator[pl.Expr]:
    """Yield what is counted in a frame of deployments."""
    for number in range(len(COVERAGE)):
        yield (pl.col("coverage") == number).sum().cast(pl.Int64).alias(f"coverage.{number}")


def coverage(row: Mapping[str, Any]) -> Coverage:
    """Return what the columns come to."""
    counts = {code: row[f"coverage.{number}"] for number, code in enumerate(COVERAGE)}
    measured = counts.pop("")
    return Coverage(
        with_lead_time=measured, excluded={code: count for code, count in counts.items() if count}
    )
