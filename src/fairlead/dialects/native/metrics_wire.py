"""The shape of metrics in Fairlead's own API.

Instants are RFC 3339, durations seconds. A metric that has nothing to count is null, never 0.
"""

from msgspec import UNSET, Struct, UnsetType


class StageSeen(Struct):
    median_s: float
    deployments: int | UnsetType = UNSET
    commits: int | UnsetType = UNSET


class LeadTimeSeen(Struct):
    deployments: int
    median_s: float
    mean_s: float
    p75_s: float
    p90_s: float
    p95_s: float
    stages: dict[str, StageSeen | None]
    commits: int | UnsetType = UNSET
    """How many were measured, where the level is that of commits."""


class FailureRateSeen(Struct):
    failed: int
    rate: float
    undecided: int


class RecoverySeen(Struct):
    deployments: int
    median_s: float
    mean_s: float
    p75_s: float
    p90_s: float
    p95_s: float


class ReworkSeen(Struct):
    deployments: int
    rate: float


class RestoreSeen(Struct):
    failures: int
    median_s: float
    mean_s: float
    p75_s: float
    p90_s: float
    p95_s: float


class CoverageSeen(Struct):
    with_lead_time: int
    excluded: dict[str, int]
    """By reason code. All of it adds up to the deployments."""


class FiguresSeen(Struct):
    deployments: int
    deployments_per_day: float
    change_lead_time: LeadTimeSeen | None
    change_failure_rate: FailureRateSeen | None
    recovery_time: RecoverySeen | None
    rework_rate: ReworkSeen | None
    time_to_restore: RestoreSeen | None
    coverage: CoverageSeen


class PointSeen(FiguresSeen, kw_only=True):
    start: str
    """Where the period begins in the calendar of the time zone, be that before `from`."""
    end: str


class QuickCheckSeen(Struct):
    overall: float | None
    """The mean of all; null while one is missing."""
    metrics: dict[str, float | None]
    """From 0 to 10."""


class GroupSeen(Struct):
    by: dict[str, str | None]
    summary: FiguresSeen
    levels: dict[str, str | None]
    """Of the summary, by metric, in the year of the answer's `levels`."""
    quick_check: QuickCheckSeen
    points: list[PointSeen]
    previous: FiguresSeen | UnsetType = UNSET
    """The summary of the window before, with `compare=previous`."""


class Window(Struct, rename={"from_": "from"}):
    from_: str
    to: str


class LevelsSeen(Struct):
    year: int
    source: str
    confirmed: bool
    """False where the figures are from memory or second hand."""


class MetricsAnswer(Struct, rename={"from_": "from"}):
    from_: str
    to: str
    timezone: str
    interval: str
    level: str
    query: str
    group_by: list[str]
    levels: LevelsSeen
    """Where the levels of the groups come from."""
    groups: list[GroupSeen]
    previous: Window | UnsetType = UNSET
    """The window before, with `compare=previous`."""
