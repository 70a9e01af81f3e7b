"""Time to restore: from the start of a failure to its end.

Definition: Datadog, "DORA Metrics calculation" (read 2026), and DORA's reports to 2022: the median
over failures that have ended. A failure counts when it started; one that is still open has no time
yet. It stands beside the recovery time of deployments and does not enter the change failure rate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.domain.frames import pl
from fairlead.metrics.figures import Spread
from fairlead.metrics.percentiles import Durations

COLUMN = "time_to_restore"
DURATIONS = Durations(spreads=(COLUMN,))
"""What is worked out over a frame of failures."""


def columns() -> Iterator[pl.Expr]:
    """Yield what is counted in a frame of failures."""
    yield pl.len().cast(pl.Int64).alias("failures")


def time_to_restore(row: Mapping[str, Any]) -> Spread | None:
    """Return what the columns come to."""
    return Spread.of(row, COLUMN)
