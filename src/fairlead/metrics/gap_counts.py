"""Gap counts: how many deployments or failures of each group have what a metric needs.

Counts alone, over the columns that the metrics count, and so far cheaper than measuring each group.
Not here: what is missing, and for whom (`usecases.find_missing`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from fairlead.domain.frames import pl
from fairlead.metrics import change_failure_rate, coverage, recovery_time, time_to_restore
from fairlead.metrics.facts import Facts
from fairlead.metrics.figures import Coverage
from fairlead.metrics.groups import Values, grouped, values_of


class DeploymentCounts(Struct, frozen=True, kw_only=True):
    """Of the deployments of a group."""

    deployments: int
    failed: int
    repaired: int
    """Of those that failed, how many have a recovery time."""
    coverage: Coverage


def deployment_counts(facts: Facts, keys: Sequence[str]) -> Iterator[tuple[Values, DeploymentCounts]]:
    """Yield each group that has a deployment."""
    wanted = [
        pl.len().alias("deployments"),
        pl.col(recovery_time.COLUMN).count().alias("repaired"),
        *change_failure_rate.columns(),
        *coverage.columns(),
    ]
    for values, row in _grouped(facts, keys, wanted):
        yield (
            values,
            DeploymentCounts(
                deployments=row["deployments"],
                failed=row["failed"],
                repaired=row["repaired"],
                coverage=coverage.coverage(row),
            ),
        )


def failure_counts(facts: Facts, keys: Sequence[str]) -> Iterator[tuple[Values, tuple[int, int]]]:
    """Yield each group that has a failure, with how many failures it has and how many of them ended."""
    ended = pl.col(time_to_restore.COLUMN).count().alias("ended")
    for values, row in _grouped(facts, keys, [*time_to_restore.columns(), ended]):
        yield values, (row["failures"], row["ended"])


def _grouped(
    facts: Facts, keys: Sequence[str], wanted: Sequence[pl.Expr]
) -> Iterator[tuple[Values, dict[str, int]]]:
    frame, meanings = grouped(facts, keys)
    names = [str(place) for place in range(len(keys))]
    for row in frame.group_by(names).agg(wanted).iter_rows(named=True):
        yield values_of((row[name] for name in names), meanings), row
