"""The shapes of sources of traffic, and of how strictly versions are judged, in Fairlead's own API."""

from msgspec import Struct, field


class SourceTold(Struct):
    service: str
    env: str
    requests: str
    errors: str
    step_s: int = 60
    version_label: str = "version"
    resource_labels: list[str] = field(default_factory=lambda: ["route"])
    error_type_label: str = ""


class SourceSeen(SourceTold, kw_only=True):
    name: str
    asked_at: str | None
    failure: str | None


class Sources(Struct):
    sources: list[SourceSeen]


class DetectionTold(Struct):
    confidence: float | None = None
    method: str | None = None
    correction: str | None = None
    looks: int | None = None
    min_requests: int | None = None
    min_baseline_requests: int | None = None
    min_errors: int | None = None
    min_ratio: float | None = None
    min_increase: float | None = None
    baseline_hours: int | None = None
    lead_minutes: int | None = None


class DetectionSeen(Struct):
    service: str | None
    confidence: float
    method: str
    correction: str
    looks: int
    min_requests: int
    min_baseline_requests: int
    min_errors: int
    min_ratio: float
    min_increase: float
    baseline_hours: int
    lead_minutes: int
