"""The shapes of Datadog's v1 monitors, letter for letter, as far as Fairlead keeps them.

Options are kept and shown as they were told. Not here: what any of it means.
"""

from typing import Any

from msgspec import UNSET, Struct, UnsetType


class MonitorRequest(Struct):
    type: str
    query: str
    name: str | None = None
    message: str | None = None
    tags: list[str] | None = None
    options: dict[str, Any] | None = None
    priority: int | None = None
    restricted_roles: list[str] | None = None
    draft_status: str | None = None
    assets: list[dict[str, Any]] | None = None


class MonitorChangeRequest(Struct):
    type: str | UnsetType = UNSET
    query: str | UnsetType = UNSET
    name: str | UnsetType | None = UNSET
    message: str | UnsetType | None = UNSET
    tags: list[str] | UnsetType | None = UNSET
    options: dict[str, Any] | UnsetType | None = UNSET
    priority: int | UnsetType | None = UNSET
    restricted_roles: list[str] | UnsetType | None = UNSET
    draft_status: str | UnsetType | None = UNSET
    assets: list[dict[str, Any]] | UnsetType | None = UNSET


class MuteRequest(Struct):
    scope: str | None = None
    end: int | None = None
    all_scopes: bool | None = None


class CreatorSeen(Struct):
    name: str
    handle: str
    email: str
    id: str


class GroupStateSeen(Struct, omit_defaults=True):
    name: str
    status: str
    last_nodata_ts: int | UnsetType = UNSET
    last_notified_ts: int | UnsetType = UNSET
    last_resolved_ts: int | UnsetType = UNSET
    last_triggered_ts: int | UnsetType = UNSET


class StateSeen(Struct):
    groups: dict[str, GroupStateSeen]


class DowntimeSeen(Struct, omit_defaults=True):
    id: int
    start: int
    scope: list[str]
    end: int | None = None


class MonitorSeen(Struct, omit_defaults=True):
    id: int
    org_id: int
    type: str
    name: str
    message: str
    tags: tuple[str, ...]
    query: str
    options: dict[str, Any]
    multi: bool
    created_at: int
    created: str
    modified: str
    priority: int | None
    restricted_roles: Any
    draft_status: str
    assets: Any
    overall_state_modified: str
    overall_state: str
    creator: CreatorSeen
    deleted: str | UnsetType | None = UNSET
    state: StateSeen | UnsetType = UNSET
    matching_downtimes: list[DowntimeSeen] | UnsetType = UNSET


class Deletable(Struct):
    ok: list[int]


class DeletableFetched(Struct):
    data: Deletable
    errors: dict[str, list[str]] | None


class Deleted(Struct):
    deleted_monitor_id: int


class Nothing(Struct):
    pass


class Notification(Struct):
    handle: str
    name: str


class Found(Struct):
    id: int
    name: str
    status: str
    type: str
    classification: str
    query: str
    scopes: tuple[str, ...]
    metrics: tuple[str, ...]
    tags: tuple[str, ...]
    notifications: list[Notification]
    creator: CreatorSeen
    last_triggered_ts: int | None
    muted_until_ts: int | None
    overall_state_modified: int
    priority: int | None
    restricted_roles: Any
    org_id: int


class Count(Struct):
    count: int
    name: str | bool


class FoundCounts(Struct):
    status: list[Count]
    muted: list[Count]
    tag: list[Count]
    type: list[Count]


class FoundMeta(Struct):
    total_count: int
    page_count: int
    page: int
    per_page: int


class FoundFetched(Struct):
    monitors: list[Found]
    counts: FoundCounts
    metadata: FoundMeta


class FoundGroup(Struct):
    group: str
    group_tags: tuple[str, ...]
    all_tags: tuple[str, ...]
    env_tags: list[str]
    team_tags: list[str]
    monitor_id: int
    monitor_name: str
    status: str
    priority: int | None
    muted: bool
    muted_until_ts: int | None
    last_triggered_ts: int | None
    last_nodata_ts: int | UnsetType
    downtimes: list[DowntimeSeen]


class GroupCounts(Struct):
    status: list[Count]
    type: list[Count]


class FoundGroupsFetched(Struct):
    groups: list[FoundGroup]
    counts: GroupCounts
    metadata: FoundMeta
