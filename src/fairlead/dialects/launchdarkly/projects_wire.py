"""The shapes of projects and environments, as far as Fairlead keeps them.

Source: `ld-openapi.json` of `launchdarkly/ldcli`, version 2.0.
"""

from typing import Annotated

from msgspec import Meta, Struct, field

from fairlead.dialects.launchdarkly.wire import Link


class SideAvailability(Struct, rename="camel"):
    using_environment_id: bool = False
    using_mobile_key: bool = False


class EnvironmentTold(Struct, rename="camel"):
    name: str
    key: str
    color: str = "417505"
    default_ttl: Annotated[int, Meta(ge=0, le=525_600)] = 0
    secure_mode: bool = False
    default_track_events: bool = False
    confirm_changes: bool = False
    require_comments: bool = False
    critical: bool = False
    tags: list[str] = []


class ProjectTold(Struct, rename="camel"):
    name: str
    key: str
    include_in_snippet_by_default: bool = False
    default_client_side_availability: SideAvailability | None = None
    tags: list[str] = []
    environments: list[EnvironmentTold] = []


class EnvironmentRep(Struct, rename="camel"):
    links: dict[str, Link] = field(name="_links")
    id: str = field(name="_id")
    key: str
    name: str
    api_key: str
    """Empty, as is the other: Fairlead serves no SDK, and has no key for one."""
    mobile_key: str
    color: str
    default_ttl: int
    secure_mode: bool
    default_track_events: bool
    require_comments: bool
    confirm_changes: bool
    tags: list[str]
    critical: bool


class EnvironmentsRep(Struct, rename="camel"):
    links: dict[str, Link] = field(name="_links")
    total_count: int
    items: list[EnvironmentRep]


class ProjectRep(Struct, rename="camel", omit_defaults=True):
    links: dict[str, Link] = field(name="_links")
    id: str = field(name="_id")
    key: str
    include_in_snippet_by_default: bool
    default_client_side_availability: SideAvailability
    name: str
    tags: list[str]
    environments: EnvironmentsRep | list[EnvironmentRep] | None = None
    """A list in the answer to whoever creates a project, a collection to whoever asks for it."""


class ProjectsRep(Struct, rename="camel"):
    links: dict[str, Link] = field(name="_links")
    total_count: int
    items: list[ProjectRep]
