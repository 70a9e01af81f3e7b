"""The shape of LaunchDarkly's own outgoing webhooks, as far as Fairlead reads them: audit log entries.

Source: LaunchDarkly's documentation of webhooks and the schema `AuditLogEntryRep`. Fields that are not
named here are tolerated, whatever they hold.
"""

from typing import Any

from msgspec import Struct, field

from fairlead.dialects.launchdarkly.flags_wire import DefaultsTold, VariationTold
from fairlead.dialects.launchdarkly.projects_wire import SideAvailability

Instant = int | str


class AccessTold(Struct):
    action: str
    """Such as `updateOn`."""
    resource: str
    """Such as `proj/default:env/production:flag/my-flag`."""


class MemberTold(Struct, rename="camel"):
    id: str = field(default="", name="_id")
    email: str = ""
    first_name: str = ""
    last_name: str = ""


class SettingVersion(Struct, rename="camel"):
    on: bool = False
    last_modified: Instant | None = None
    version: int = 1
    targets: list[Any] | None = None
    context_targets: list[Any] | None = None
    rules: list[Any] | None = None
    prerequisites: list[Any] | None = None
    fallthrough: dict[str, Any] | None = None
    off_variation: int | None = None


class FlagVersion(Struct, rename="camel"):
    """A flag as it is after what happened."""

    key: str
    name: str
    creation_date: Instant
    description: str | None = None
    temporary: bool = True
    tags: list[str] | None = None
    variations: list[VariationTold] | None = None
    defaults: DefaultsTold | None = None
    client_side_availability: SideAvailability | None = None
    custom_properties: dict[str, Any] | None = None
    archived: bool = False
    archived_date: Instant | None = None
    deprecated: bool = False
    deprecated_date: Instant | None = None
    maintainer_id: str | None = None
    maintainer: MemberTold | None = field(default=None, name="_maintainer")
    maintainer_team_key: str | None = None
    version: int = field(default=1, name="_version")
    environments: dict[str, SettingVersion] | None = None


class EntryTold(Struct, rename="camel"):
    id: str = field(name="_id")
    date: Instant
    kind: str
    accesses: list[AccessTold]
    title_verb: str = ""
    description: str = ""
    comment: str = ""
    member: MemberTold | None = None
    current_version: Any = None
    """A flag, where `kind` is `flag` and it was not deleted."""
