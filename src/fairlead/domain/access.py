"""Access: organisations, their keys, and what a key permits.

A key's text carries its organisation, so that even looking a key up stays inside one
organisation. Not here: which request needs which permission (each dialect's routes), and
people with passwords and sessions.
"""

import base64
import hashlib
import re
from enum import StrEnum
from typing import NewType

from msgspec import Struct

from fairlead.domain.errors import Rejected

OrgId = NewType("OrgId", int)
KeyId = NewType("KeyId", str)

DEFAULT_ORGANISATION = "default"
SECRET_BYTES = 32
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}", re.ASCII)
_ORG_BYTES = 8


class KeyKind(StrEnum):
    """What a key is for; the text of each opens with its own letters."""

    API = "api"
    """Sends facts."""
    APP = "app"
    """Reads and changes, beside an API key, as far as its permissions go."""
    ACCESS_TOKEN = "access-token"  # noqa: S105 — the name of a kind, not a secret.
    """Stands alone, as far as its permissions go."""


PREFIXES = {KeyKind.API: "flapi", KeyKind.APP: "flapp", KeyKind.ACCESS_TOKEN: "fltok"}


class Permission(StrEnum):
    """What an application key or access token may do; Datadog's names where it has one."""

    DORA_METRICS_READ = "dora_metrics_read"
    DORA_METRICS_WRITE = "dora_metrics_write"
    DEPLOYMENT_GATES_READ = "deployment_gates_read"
    DEPLOYMENT_GATES_WRITE = "deployment_gates_write"
    DEPLOYMENT_GATES_EVALUATE = "deployment_gates_evaluate"
    APM_SERVICE_CATALOG_READ = "apm_service_catalog_read"
    APM_SERVICE_CATALOG_WRITE = "apm_service_catalog_write"
    MONITORS_READ = "monitors_read"
    MONITORS_WRITE = "monitors_write"
    INSIGHTS_READ = "insights_read"
    INSIGHTS_WRITE = "insights_write"
    CODE_REFS_WRITE = "code_refs_write"
    ORG_ADMIN = "org_admin"


EVERY_PERMISSION = frozenset(Permission)


class Organisation(Struct, frozen=True, kw_only=True):
    """A tenant. Its id follows from its name, so a name cannot be taken twice."""

    org_id: OrgId
    name: str
    rate_limit: str
    """Requests per period, such as `600/minute`; empty means the server's own."""
    created_at: int


class Key(Struct, frozen=True, kw_only=True):
    """A key as it is kept: everything but its secret."""

    org_id: OrgId
    id: KeyId
    kind: KeyKind
    name: str
    permissions: frozenset[Permission]
    """Empty for an API key, whose kind says what it may do."""
    created_at: int
    revoked_at: int | None


def organisation_id(name: str) -> OrgId:
    """Return the id of the organisation of that name: 63 bits, the same everywhere.

    Raises:
        Rejected: `name` is not 1 to 63 of a-z, 0-9, `-` and `_`.
    """
    if not _NAME.fullmatch(name):
        detail = "an organisation's name is 1 to 63 of a-z, 0-9, - and _, and starts with a letter or digit"
        raise Rejected(detail, field="name")
    digest = hashlib.sha256(b"organisation\x00" + name.encode()).digest()
    return OrgId(int.from_bytes(digest[:_ORG_BYTES], "big") >> 1)


def key_text(kind: KeyKind, org_id: OrgId, secret: bytes) -> str:
    """Return the text a client sends for a key made of `secret` (32 random bytes)."""
    return f"{PREFIXES[kind]}_{_base64(org_id.to_bytes(_ORG_BYTES, 'big'))}_{_base64(secret)}"


def key_owner(text: str) -> OrgId | None:
    """Return the organisation whose key `text` claims to be, or None if it cannot be one."""
    prefix, _, rest = text.partition("_")
    if prefix not in PREFIXES.values() or not rest.isascii():
        return None
    try:
        owner = int.from_bytes(base64.urlsafe_b64decode(rest[:11] + "="), "big")
    except ValueError:
        return None
    return OrgId(owner) if owner < 1 << 63 else None


def key_digest(text: str) -> bytes:
    """Return what is kept of a key's text. The secret has 256 bits, so it needs no salt."""
    return hashlib.sha256(text.encode()).digest()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
