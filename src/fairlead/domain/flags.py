"""Feature flags, with the projects and environments they live in.

Fairlead serves no flags. It keeps what it is told about them, so far as it takes to say which of them
a deployment brought, which were released, and which have outlived their purpose. Not here: how a flag
stands (`flag_standing.py`), what happened to it (`flag_events.py`), where code names it
(`code_references.py`).
"""

import hashlib
import re
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.texts import LONGEST_TEXT, require_text

DEFAULT_PROJECT = "default"
LONGEST_KEY = 256
LONGEST_DESCRIPTION = 10_000
MOST_TAGS = 500
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


class Project(Struct, frozen=True, kw_only=True):
    """What flags and environments belong to."""

    org_id: OrgId
    key: str
    name: str
    tags: tuple[str, ...] = ()
    include_in_snippet: bool = False
    using_mobile_key: bool = False
    using_environment_id: bool = False
    created_at: int
    updated_at: int


class Environment(Struct, frozen=True, kw_only=True):
    """Where a flag has a state of its own."""

    org_id: OrgId
    project_key: str
    key: str
    name: str
    color: str = "417505"
    """Six hexadecimal digits."""
    default_ttl: int = 0
    """Minutes that an SDK may keep what it was told; repeated to whoever asks, and nothing else."""
    secure_mode: bool = False
    default_track_events: bool = False
    require_comments: bool = False
    confirm_changes: bool = False
    critical: bool = False
    tags: tuple[str, ...] = ()
    created_at: int
    updated_at: int


class Variation(Struct, frozen=True, kw_only=True):
    """One of the values that a flag may have."""

    value: Any
    name: str = ""
    description: str = ""


class Maintainer(Struct, frozen=True, kw_only=True):
    """Whoever looks after a flag; empty texts where nobody does."""

    id: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    team_key: str = ""


class Flag(Struct, frozen=True, kw_only=True):
    """A feature flag, in all environments alike."""

    org_id: OrgId
    project_key: str
    key: str
    name: str
    description: str = ""
    temporary: bool = True
    """Meant to be removed some day; only such flags go stale."""
    tags: tuple[str, ...] = ()
    variations: tuple[Variation, ...] = (Variation(value=True), Variation(value=False))
    on_variation: int = 0
    off_variation: int = 1
    maintainer: Maintainer = Maintainer()
    custom_properties: dict[str, Any] = field(default_factory=dict)
    include_in_snippet: bool = False
    using_mobile_key: bool = False
    using_environment_id: bool = False
    archived_at: int | None = None
    deprecated_at: int | None = None
    version: int = 1
    """One more with each change."""
    created_at: int
    updated_at: int
    deleted_at: int | None = None

    @property
    def is_boolean(self) -> bool:
        """Whether its values are true and false."""
        return {type(one.value) for one in self.variations} == {bool}


class FlagSetting(Struct, frozen=True, kw_only=True):
    """What a flag is set to in one environment."""

    org_id: OrgId
    project_key: str
    flag_key: str
    environment_key: str
    is_on: bool = False
    targeting: dict[str, Any] = field(default_factory=dict)
    """Rules, targets, fallthrough and the like, in the words of whoever told."""
    version: int = 1
    changed_at: int
    """When any of it last changed."""
    switched_at: int | None = None
    """When it was last turned on or off, as far as is known; never after `changed_at`."""


def require_key(key: str, name: str) -> str:
    """Return a key of a project, environment or flag.

    Raises:
        Rejected: it is empty, too long or holds other than letters, digits, `.`, `_` and `-`.
    """
    require_text(key, name, longest=LONGEST_KEY)
    if not _KEY.fullmatch(key):
        detail = (
            f'attribute "{name}" must be letters, digits, ".", "_" and "-", and begin with a letter or digit'
        )
        raise Rejected(detail, field=name)
    return key


def require_name(text: str, name: str) -> str:
    """Return a name for people.

    Raises:
        Rejected: it is empty, too long or holds a NUL.
    """
    if not text.strip():
        raise Rejected(f'attribute "{name}" must not be empty', field=name)
    return require_text(text, name, longest=LONGEST_TEXT)


def require_labels(tags: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return tags as given, each once.

    Raises:
        Rejected: there are too many, or one is empty, too long or holds a NUL.
    """
    kept = tuple(dict.fromkeys(require_name(tag, name) for tag in tags))
    if len(kept) > MOST_TAGS:
        raise Rejected(f'attribute "{name}" holds more than {MOST_TAGS} tags', field=name)
    return kept


def hex_id(org_id: OrgId, *keys: str) -> str:
    """Return 24 hexadecimal digits that follow from keys, in the form that vendors' ids have."""
    return hashlib.sha256(repr((org_id, keys)).encode()).hexdigest()[:24]


def default_project(org_id: OrgId) -> Project:
    """Return the project that every organisation has from the start."""
    return Project(org_id=org_id, key=DEFAULT_PROJECT, name="Default Project", created_at=0, updated_at=0)


def default_environments(org_id: OrgId, project_key: str, at: int = 0) -> tuple[Environment, ...]:
    """Return the environments of a project that was created without any."""
    told = (("production", "Production", "417505"), ("test", "Test", "EBFF00"))
    return tuple(
        Environment(
            org_id=org_id,
            project_key=project_key,
            key=key,
            name=name,
            color=color,
            created_at=at,
            updated_at=at,
        )
        for key, name, color in told
    )


def later(known: Flag | None, told: Flag) -> Flag:
    """Return what two accounts of a flag come to: the one of later date stands, the first creation too."""
    if known is None:
        return told
    stands = told if told.updated_at >= known.updated_at else known
    return replace(stands, created_at=min(known.created_at, told.created_at))
