"""Figures: what the metrics come to for some deployments and failures.

Durations are seconds. A metric that has nothing to count is None as a whole, never 0; every rate
carries what it was made of. Not here: how any of it is worked out (one file per metric).
"""

from collections.abc import Mapping
from typing import Any, Self

from msgspec import Struct


class Spread(Struct, frozen=True, kw_only=True):
    """How long something took."""

    count: int
    """Never 0."""
    median_s: float
    mean_s: float
    p75_s: float
    p90_s: float
    p95_s: float

    @classmethod
    def of(cls, row: Mapping[str, Any], column: str) -> Self | None:
        """Return what `percentiles` found in `column`; None of nothing."""
        if not row[f"{column}.count"]:
            return None
        return cls(**{name: row[f"{column}.{name}"] for name in cls.__struct_fields__})


class Middle(Struct, frozen=True, kw_only=True):
    """The median of a stage."""

    count: int
    """How many have the stage; never 0."""
    median_s: float

    @classmethod
    def of(cls, row: Mapping[str, Any], column: str) -> Self | None:
        """Return what `percentiles` found in `column`; None of nothing."""
        count = row[f"{column}.count"]
        return cls(count=count, median_s=row[f"{column}.median_s"]) if count else None


class LeadTime(Struct, frozen=True, kw_only=True):
    """Change lead time: over deployments, or over commits where that was asked for."""

    deployments: int
    """How many have one; never 0."""
    commits: int | None
    """How many commits were measured; None where the level is that of deployments."""
    spread: Spread
    stages: Mapping[str, Middle | None]
    """By name, in the order of `STAGES`."""


class Share(Struct, frozen=True, kw_only=True):
    """A share of deployments."""

    counted: int
    deployments: int
    """Never 0."""

    @property
    def rate(self) -> float:
        """From 0.0 to 1.0."""
        return self.counted / self.deployments


class FailureRate(Share, frozen=True, kw_only=True):
    """Change failure rate."""

    undecided: int
    """Deployments of which nobody can say yet; they count among all and not among those that failed."""


class Coverage(Struct, frozen=True, kw_only=True):
    """How many deployments have a lead time, and why the others have none."""

    with_lead_time: int
    excluded: Mapping[str, int]
    """By reason code; codes that no deployment has are left out. All of it adds up to the deployments."""


class Figures(Struct, frozen=True, kw_only=True):
    """All metrics of some deployments and failures within a span of time."""

    deployments: int
    deployments_per_day: float
    """Per 24 hours; 0.0 where there were none, which is known and not missing."""
    change_lead_time: LeadTime | None
    change_failure_rate: FailureRate | None
    recovery_time: Spread | None
    rework_rate: Share | None
    time_to_restore: Spread | None
    failures: int
    """Those that began, ended or not."""
    coverage: Coverage
