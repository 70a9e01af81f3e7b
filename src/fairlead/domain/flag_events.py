"""What happened to feature flags: created, switched, changed, archived.

Not here: what a flag is (`flags.py`) and how a vendor words an event.
"""

from enum import StrEnum
from uuid import UUID, uuid5

from msgspec import Struct

from fairlead.domain.access import OrgId

_NAMESPACE = UUID("5a4c29a1-6d6c-5d0d-9a39-0d3c3f5c6f43")


class FlagEventType(StrEnum):
    """What happened; the value is what LaunchDarkly's clients are told."""

    CREATED = "created_flag"
    DELETED = "deleted_flag"
    ARCHIVED = "archived_flag"
    RESTORED = "restored_flag"
    TURNED_ON = "enabled_targeting"
    TURNED_OFF = "disabled_targeting"
    RULES = "updated_rules"
    TARGETS = "updated_targets"
    DEFAULT_RULE = "updated_default_rule"
    OFF_VARIATION = "updated_off_variation"
    PREREQUISITES = "updated_prerequisites"
    VARIATIONS = "updated_variations"
    SETTINGS = "updated_settings"
    """Name, description, tags, maintainer and the like."""


RELEASES = frozenset(FlagEventType) - {FlagEventType.SETTINGS}
"""What can change an evaluation, and so counts as a release."""


class Member(Struct, frozen=True, kw_only=True):
    """Whoever did it; the id is empty where nobody was told."""

    id: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""


class FlagEvent(Struct, frozen=True, kw_only=True):
    """One change of one flag, everywhere or in one environment."""

    org_id: OrgId
    id: str
    """A UUID."""
    project_key: str
    environment_key: str = ""
    """Empty for a change that is the same in every environment."""
    flag_key: str
    type: FlagEventType
    happened_at: int
    description: str = ""
    actions: tuple[str, ...] = ()
    """What was done, in the words of whoever told."""
    member: Member = Member()
    entry_id: str = ""
    """The vendor's own id of its record; empty where there is none."""

    @property
    def is_release(self) -> bool:
        """Whether it can change an evaluation."""
        return self.type in RELEASES


class Evaluations(Struct, frozen=True, kw_only=True):
    """How often a flag was seen to serve one variation in one minute."""

    org_id: OrgId
    project_key: str
    environment_key: str
    flag_key: str
    variation: str
    """The value, as JSON."""
    minute_at: int
    """When the minute began."""
    count: int


def flag_event_id(org_id: OrgId, *told: object) -> str:
    """Return the id of the event that is told so, the same whenever it is told."""
    return str(uuid5(_NAMESPACE, repr((org_id, told))))
