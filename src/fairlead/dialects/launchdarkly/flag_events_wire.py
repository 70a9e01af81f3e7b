"""Shapes of flag events.

Source: `ld-openapi.json` of `launchdarkly/ldcli`, version 2.0.
"""

from typing import Any

from msgspec import Struct, field

from fairlead.dialects.launchdarkly.wire import PageLinks


class Variation(Struct):
    value: Any
    before: int
    after: int


class Summary(Struct):
    variations: list[Variation]


class Impact(Struct, rename="camel", omit_defaults=True):
    size: str | None = None
    percentage: float | None = None
    reason: str | None = None
    evaluations_summary: Summary | None = None


class Member(Struct, rename="camel"):
    id: str
    email: str
    first_name: str
    last_name: str


class Experiments(Struct, rename="camel"):
    total_count: int
    items: list[Any]


class FlagEvent(Struct, rename="camel", omit_defaults=True):
    id: str
    project_id: str
    project_key: str
    flag_key: str
    event_type: str
    event_time: int
    description: str
    impact: Impact
    environment_id: str | None = None
    environment_key: str | None = None
    audit_log_entry_id: str | None = None
    member: Member | None = None
    actions: list[str] | None = None
    experiments: Experiments | None = None


class FlagEvents(Struct, rename="camel", omit_defaults=True):
    total_count: int
    items: list[FlagEvent]
    links: PageLinks | None = field(default=None, name="_links")
