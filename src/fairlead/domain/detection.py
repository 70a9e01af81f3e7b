"""Detection of faulty deployments: what is observed of a version, and how strictly it is judged.

Not here: the judgement (`gates`), and how requests are counted (`traffic`).
"""

from enum import StrEnum

import msgspec

from fairlead.domain.errors import Rejected

LONGEST_BASELINE_H = 720


class Correction(StrEnum):
    """How the error that is allowed in all is shared among comparisons."""

    TARONE = "tarone"
    """Only among those that could find anything with as many errors as there are."""
    BONFERRONI = "bonferroni"
    """Among all of them."""
    NONE = "none"
    """Each has all of it."""


class Method(StrEnum):
    """How the probability of what was counted is weighed."""

    MID_P = "mid-p"
    """What was counted itself by half, where that stops no more in vain than is allowed."""
    EXACT = "exact"


class Detection(msgspec.Struct, frozen=True, kw_only=True):
    """How strictly a version is judged. The defaults stop fewer than 1 in 100 that are as before."""

    confidence: float = 0.99
    """That a version no worse than before is not stopped: over all resources, types and looks."""
    method: Method = Method.MID_P
    correction: Correction = Correction.TARONE
    looks: int = 4
    """How often the data are looked at until the rule ends."""
    min_requests: int = 10
    """Of the new version on a resource; with fewer, the resource is not judged."""
    min_baseline_requests: int = 10
    """Of earlier versions on a resource; with fewer, the resource is not judged."""
    min_errors: int = 1
    """Of the new version; fewer are never a fault."""
    min_ratio: float = 1.25
    """How many times the earlier error rate the new one must be, to be a fault."""
    min_increase: float = 0.0001
    """By how much the error rate must have grown, to be a fault; 0.01 is one in a hundred."""
    baseline_hours: int = 24
    """How far back earlier versions are counted from the beginning of the rule."""
    lead_minutes: int = 15
    """How long before the beginning of the rule requests of the new version count already."""

    def __post_init__(self) -> None:
        _require("confidence", self.confidence, 0.5, 0.999999)
        _require("looks", self.looks, 1, 20)
        for name in ("min_requests", "min_baseline_requests", "min_errors"):
            _require(name, getattr(self, name), 1, 1_000_000_000)
        _require("min_ratio", self.min_ratio, 1, 1000)
        _require("min_increase", self.min_increase, 0, 1)
        _require("baseline_hours", self.baseline_hours, 1, LONGEST_BASELINE_H)
        _require("lead_minutes", self.lead_minutes, 0, 1440)

    @property
    def allowed(self) -> float:
        """The chance of a false stop that is allowed in all."""
        return 1 - self.confidence


def _require(field: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise Rejected(f'attribute "{field}" must be between {least:g} and {most:g}', field=field)


class Counted(msgspec.Struct, frozen=True):
    """Errors among requests."""

    errors: int
    requests: int

    @property
    def rate(self) -> float | None:
        """Errors per request; None where there were no requests."""
        return self.errors / self.requests if self.requests else None


class ResourceSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted of one resource."""

    source: str
    resource: str
    new: Counted
    old: Counted
    """Of earlier versions."""
    new_types: tuple[tuple[str, int], ...] = ()
    """Types of errors that no earlier version of the service had, with how many there were."""
    rare_types: tuple[int, ...] = ()
    """How often earlier versions had each type that is no more frequent than a new one of the service."""


class VersionSeen(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted of a version and of those before it."""

    version: str
    earlier: tuple[str, ...] = ()
    """The versions it is compared with."""
    left_out: tuple[str, ...] = ()
    """Earlier versions that are known to have failed."""
    resources: tuple[ResourceSeen, ...] = ()


class Comparison(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One resource of the new version beside earlier ones."""

    resource: str
    error_type: str = ""
    """Where a type of error is judged that no earlier version had; else all errors are."""
    new: Counted
    old: Counted
    ratio: float | None = None
    """How many times the earlier error rate the new one is; None where the earlier is zero."""
    ratio_low: float
    """The ratio is at least this, and at most `ratio_high`, with the confidence of the rule."""
    ratio_high: float | None = None
    p_value: float
    threshold: float
    """A fault has a smaller p-value, and is as large as the rule asks."""
    at_fault: bool = False
