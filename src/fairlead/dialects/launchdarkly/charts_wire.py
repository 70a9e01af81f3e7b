"""Shapes of charts and scores.

Source: `ld-openapi.json` of `launchdarkly/ldcli`, version 2.0. `x`, `y` and scores are integers even where
an average is meant; only the value of a metric may be fractional.
"""

from typing import Any

from msgspec import Struct, field

from fairlead.dialects.launchdarkly.wire import Link, SelfLink


class Axis(Struct):
    unit: str


class Tier(Struct):
    indicator: str
    description: str


class Metric(Struct):
    indicator: str
    value: float
    unit: str
    modifier: str
    tiers: list[Tier]


class ChartMetadata(Struct, rename="camel", omit_defaults=True):
    summary: dict[str, Any]
    x_axis: Axis
    y_axis: Axis
    name: str
    metrics: dict[str, Metric] | None = None


class SeriesMetadata(Struct):
    name: str
    count: int


class DataPoint(Struct, omit_defaults=True):
    x: int
    y: int
    values: dict[str, Any] | None = None


class Series(Struct):
    metadata: SeriesMetadata
    data: list[DataPoint]


class Chart(Struct):
    metadata: ChartMetadata
    series: list[Series]


class Range(Struct):
    min: int
    max: int


class Score(Struct, rename="camel", omit_defaults=True):
    score: int
    indicator: str
    indicator_range: Range
    aggregate_of: list[str] | None = None
    diff_vs_last_period: int | None = None
    last_period: "Score | None" = None


class Period(Struct, rename="camel"):
    start_time: int
    end_time: int


class ScoreMetadata(Struct, rename="camel"):
    period: Period
    last_period: Period


class Scores(Struct, rename="camel", omit_defaults=True):
    period: Period
    last_period: Period
    scores: dict[str, Score]
    links: SelfLink | None = field(default=None, name="_links")


class GroupTold(Struct, rename="camel"):
    name: str
    key: str
    project_key: str
    environment_key: str
    application_keys: list[str] | None = None


class Group(Struct, rename="camel", omit_defaults=True):
    key: str
    name: str
    project_key: str
    environment_key: str
    created_at: int
    application_keys: list[str] | None = None
    environment: Any = None
    scores: dict[str, Score] | None = None
    score_metadata: ScoreMetadata | None = None


class CountByIndicator(Struct, rename="camel"):
    excellent: int = 0
    good: int = 0
    fair: int = 0
    needs_attention: int = 0
    not_calculated: int = 0
    unknown: int = 0
    total: int = 0


class GroupsMetadata(Struct, rename="camel"):
    count_by_indicator: CountByIndicator


class Groups(Struct, rename="camel", omit_defaults=True):
    total_count: int
    items: list[Group]
    links: dict[str, Link] | None = field(default=None, name="_links")
    metadata: GroupsMetadata | None = None
    score_metadata: ScoreMetadata | None = None
