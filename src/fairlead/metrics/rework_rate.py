"""Deployment rework rate: the share of deployments that were not planned and repair something.

Definition: DORA's guide (2026-01-05): unplanned deployments made because of a problem in production.
Here: rollbacks and rollforwards by all deployments. Whoever knows better says so with a tag, which
wins over the type: `planned:false` makes a deployment rework, `planned:true` makes it none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fairlead.domain.deployments import DeploymentType
from fairlead.domain.frames import pl
from fairlead.domain.measured import TYPES
from fairlead.metrics.figures import Share

_STANDARD: Final = TYPES.index(DeploymentType.STANDARD)
UNPLANNED: Final = "planned:false"
PLANNED: Final = "planned:true"


def columns(tag_lists: Mapping[int, Sequence[str]]) -> Iterator[pl.Expr]:
    """Yield what is counted in a frame of deployments; `tag_lists` says which tags a code stands for."""
    unplanned = [code for code, tags in tag_lists.items() if UNPLANNED in tags]
    planned = [code for code, tags in tag_lists.items() if PLANNED in tags and UNPLANNED not in tags]
    is_rework = pl.col("deployment_type") != _STANDARD
    if planned:
        is_rework &= ~pl.col("tags").is_in(planned)
    if unplanned:
        is_rework |= pl.col("tags").is_in(unplanned)
    yield is_rework.sum().cast(pl.Int64).alias("rework")


def rework_rate(row: Mapping[str, Any]) -> Share | None:
    """Return what the columns come to."""
    if not row["deployments"]:
        return None
    return Share(counted=row["rework"], deployments=row["deployments"])
