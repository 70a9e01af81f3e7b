"""The shapes of flags, of how they stand and of their links, as far as Fairlead keeps them.

Source: `ld-openapi.json` of `launchdarkly/ldcli`, version 2.0.
"""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field

from fairlead.dialects.launchdarkly.projects_wire import SideAvailability
from fairlead.dialects.launchdarkly.wire import Link

Index = Annotated[int, Meta(ge=0, le=1000)]


class VariationTold(Struct):
    value: Any
    name: str | None = None
    description: str | None = None


class DefaultsTold(Struct, rename="camel"):
    on_variation: Index
    off_variation: Index


class FlagTold(Struct, rename="camel"):
    """A new flag, or all that may change of one."""

    name: str
    key: str
    description: str | None = None
    temporary: bool = True
    tags: list[str] = []
    variations: list[VariationTold] | None = None
    defaults: DefaultsTold | None = None
    include_in_snippet: bool = False
    client_side_availability: SideAvailability | None = None
    custom_properties: dict[str, Any] = {}
    maintainer_id: str | None = None
    maintainer_team_key: str | None = None
    is_flag_on: bool = False
    archived: bool = False
    deprecated: bool = False
    environments: dict[str, dict[str, Any]] = {}


class InstructionsTold(Struct, rename="camel"):
    """A semantic patch."""

    instructions: list[dict[str, Any]]
    comment: str | None = None
    environment_key: str | None = None


class VariationRep(Struct, omit_defaults=True):
    id: str = field(name="_id")
    value: Any
    name: str = ""
    description: str = ""


class DefaultsRep(Struct, rename="camel"):
    on_variation: int
    off_variation: int


class ExperimentsRep(Struct, rename="camel"):
    """Fairlead knows of no experiments."""

    baseline_idx: int = 0
    items: list[Any] = []


class MemberRep(Struct, rename="camel"):
    links: dict[str, Link] = field(name="_links")
    id: str = field(name="_id")
    first_name: str
    last_name: str
    role: str
    email: str


class SettingRep(Struct, rename="camel"):
    """What a flag is set to in one environment."""

    on: bool
    archived: bool
    salt: str
    sel: str
    last_modified: int
    version: int
    targets: list[Any]
    context_targets: list[Any]
    rules: list[Any]
    prerequisites: list[Any]
    site: Link = field(name="_site")
    environment_name: str = field(name="_environmentName")
    track_events: bool
    track_events_fallthrough: bool
    fallthrough: Any | UnsetType = UNSET
    off_variation: int | UnsetType = UNSET


class FlagRep(Struct, rename="camel"):
    name: str
    kind: str
    key: str
    version: int = field(name="_version")
    creation_date: int
    include_in_snippet: bool
    client_side_availability: SideAvailability
    variations: list[VariationRep]
    temporary: bool
    tags: list[str]
    links: dict[str, Link] = field(name="_links")
    experiments: ExperimentsRep
    custom_properties: dict[str, Any]
    archived: bool
    deprecated: bool
    defaults: DefaultsRep
    description: str
    maintainer_id: str | UnsetType = UNSET
    maintainer: MemberRep | UnsetType = field(default=UNSET, name="_maintainer")
    maintainer_team_key: str | UnsetType = UNSET
    archived_date: int | UnsetType = UNSET
    deprecated_date: int | UnsetType = UNSET
    environments: dict[str, SettingRep] | UnsetType = UNSET


class FlagsRep(Struct, rename="camel"):
    items: list[FlagRep]
    links: dict[str, Link] = field(name="_links")
    total_count: int
    """Without it `ld-find-code-refs` would ask for the same page for ever."""


class StatusRep(Struct, rename="camel"):
    name: str
    """`new`, `active`, `launched` or `inactive`."""
    is_stale: bool
    """Fairlead's own; the vendor tells it nowhere but in charts."""
    links: dict[str, Link] | UnsetType = field(default=UNSET, name="_links")
    last_requested: str | UnsetType = UNSET
    """RFC 3339."""
    quiet_since: int | UnsetType = UNSET
    """Fairlead's own: since when nothing has moved."""


class StatusesRep(Struct):
    links: dict[str, Link] = field(name="_links")
    items: list[StatusRep]


class StatusAcrossRep(Struct):
    environments: dict[str, StatusRep]
    key: str
    links: dict[str, Link] = field(name="_links")


class FlagLinkTold(Struct, rename="camel"):
    key: str | None = None
    integration_key: str | None = None
    timestamp: int | str | None = None
    deep_link: str | None = None
    title: str | None = None
    description: str | None = None
    metadata: dict[str, str] | None = None


class TimestampRep(Struct):
    milliseconds: int
    seconds: int
    rfc3339: str
    simple: str


class FlagLinkRep(Struct, rename="camel"):
    links: dict[str, Link] = field(name="_links")
    key: str = field(name="_key")
    integration_key: str = field(name="_integrationKey")
    id: str = field(name="_id")
    deep_link: str = field(name="_deepLink")
    timestamp: TimestampRep = field(name="_timestamp")
    title: str
    description: str
    metadata: dict[str, str] = field(name="_metadata")
    created_at: int = field(name="_createdAt")


class FlagLinksRep(Struct):
    items: list[FlagLinkRep]
    links: dict[str, Link] = field(name="_links")
