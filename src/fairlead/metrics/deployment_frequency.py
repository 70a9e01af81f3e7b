"""Deployment frequency: how many deployments ended in a span of time, and how many that is per day.

Definition: Datadog, "DORA Metrics calculation" (read 2026), and DORA's guide (2026-01-05). Every
deployment counts, also one that puts an earlier version back. It happens when it ends. A day is 24
hours of the span, so the day on which the clocks change counts as what it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from fairlead.domain.frames import pl


def columns() -> Iterator[pl.Expr]:
    """Yield what is counted in a frame of deployments."""
    yield pl.len().cast(pl.Int64).alias("deployments")


def per_day(deployments: int, days: float) -> float:
    """Return the frequency; `days` is never 0."""
    return deployments / days
