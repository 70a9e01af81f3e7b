"""The shapes of what is told of flags, and how they stand, in Fairlead's own API."""

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

MOST_TOLD = 1000

Instant = str | int
"""RFC 3339, or milliseconds since 1970."""
ChangeType = Literal[
    "created_flag",
    "deleted_flag",
    "archived_flag",
    "restored_flag",
    "enabled_targeting",
    "disabled_targeting",
    "updated_rules",
    "updated_targets",
    "updated_default_rule",
    "updated_off_variation",
    "updated_prerequisites",
    "updated_variations",
    "updated_settings",
]


class MemberTold(Struct):
    id: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""


class ChangeTold(Struct):
    """That something happened to a flag, which is made known by it if it was not."""

    project_key: str
    flag_key: str
    type: ChangeType
    at: Instant
    environment_key: str = ""
    """Empty for a change that is the same in every environment."""
    description: str = ""
    member: MemberTold | None = None
    name: str = ""
    """Of a flag that is made known: its name; by default its key."""
    temporary: bool = True
    """Of a flag that is made known."""


class ChangesTold(Struct):
    changes: Annotated[list[ChangeTold], Meta(max_length=MOST_TOLD)]


class EvaluationTold(Struct):
    """How often a flag served one variation in one minute; told again, the count is replaced."""

    project_key: str
    environment_key: str
    flag_key: str
    variation: Any
    """The value."""
    at: Instant
    """Any instant of the minute."""
    count: Annotated[int, Meta(ge=0, le=2**53)] = 1


class EvaluationsTold(Struct):
    evaluations: Annotated[list[EvaluationTold], Meta(max_length=MOST_TOLD)]


class Received(Struct):
    received: int


class FlagStanding(Struct):
    """How a flag stands in an environment."""

    key: str
    name: str
    temporary: bool
    created_at: str
    age_s: int
    status: str
    """`new`, `active`, `launched` or `inactive`."""
    quiet_since: str | None
    """Since when nothing has moved; null while it is new or active."""
    last_evaluated_at: str | None
    is_stale: bool


class FlagStandings(Struct):
    project_key: str
    environment_key: str
    flags: list[FlagStanding]
