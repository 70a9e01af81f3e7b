"""Change failure rate: the share of deployments that broke something.

Definition: Datadog, "Change failure detection" (read 2026): deployments marked as change failures by
all deployments, those that repair others among them. One that is still undecided counts among all and
not among those that failed. Failures told as such (incidents) do not enter. Of no deployments there
is no rate, which is not a rate of zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fairlead.domain.frames import pl
from fairlead.metrics.figures import FailureRate


def columns() -> Iterator[pl.Expr]:
    """Yield what is counted in a frame of deployments."""
    yield pl.col("change_failure").sum().cast(pl.Int64).alias("failed")
    yield pl.col("change_failure").null_count().cast(pl.Int64).alias("undecided")


def change_failure_rate(row: Mapping[str, Any]) -> FailureRate | None:
    """Return what the columns come to."""
    if not row["deployments"]:
        return None
    return FailureRate(counted=row["failed"], deployments=row["deployments"], undecided=row["undecided"])
