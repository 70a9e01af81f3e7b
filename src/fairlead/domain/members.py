"""Members: the people of an organisation, what each may do, and how one is signed in.

A session's and a link's text carry their organisation, as a key's does, so that even looking one up
stays inside the wall. Not here: passwords (`passwords.py`) and cookies (`intake.sessions`).
"""

import base64
import hashlib
import re
from dataclasses import dataclass, field  # noqa: TID251 — a secret stays out of what is printed.
from enum import StrEnum
from typing import Final, NewType

from msgspec import Struct

from fairlead.domain.access import EVERY_PERMISSION, OrgId, Permission
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.texts import require_text

MemberId = NewType("MemberId", str)

SECRET_BYTES = 32
LONGEST_EMAIL = 254
LONGEST_NAME = 200
LINK_LASTS_NS: Final = 7 * 86_400 * NS_PER_S
FIRST_LINK_LASTS_NS: Final = 86_400 * NS_PER_S
_ORG_BYTES = 8
_ORG_CHARACTERS = 11
_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")


class Role(StrEnum):
    """What a member may do: each role all that the one before it may, and more."""

    VIEWER = "viewer"
    """Looks at everything, changes nothing."""
    MEMBER = "member"
    """Decides about deployments and failures, and works with gates."""
    ADMIN = "admin"
    """Sees to keys, hooks, members and settings too."""


_READS = frozenset(one for one in Permission if one.value.endswith("_read"))
_WORKS = _READS | {
    Permission.DORA_METRICS_WRITE,
    Permission.DEPLOYMENT_GATES_WRITE,
    Permission.DEPLOYMENT_GATES_EVALUATE,
    Permission.APM_SERVICE_CATALOG_WRITE,
    Permission.MONITORS_WRITE,
    Permission.INSIGHTS_WRITE,
}
PERMISSIONS: Final = {Role.VIEWER: _READS, Role.MEMBER: _WORKS, Role.ADMIN: EVERY_PERMISSION}


class TokenKind(StrEnum):
    """What a text with a secret is for; it opens with these letters."""

    SESSION = "flses"
    """A browser that is signed in."""
    LINK = "flink"
    """A link that can be used once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody with a place in an organisation."""

    org_id: OrgId
    id: MemberId
    email: str
    """In lower case; unique in the organisation."""
    name: str
    role: Role
    password_hash: str = field(default="", repr=False)
    """Empty for somebody who signs in elsewhere."""
    subject: str = ""
    """Who the identity provider says it is: issuer, a blank, its own name; empty without one."""
    created_at: int


class Session(Struct, frozen=True, kw_only=True):
    """A browser that is signed in, by the digest of its secret."""

    org_id: OrgId
    digest: bytes
    member_id: MemberId
    created_at: int
    expires_at: int


class Link(Struct, frozen=True, kw_only=True):
    """A link that makes a member, or gives one a new password, once."""

    org_id: OrgId
    digest: bytes
    role: Role
    member_id: str = ""
    """Whose password it sets; empty where it makes a member."""
    created_at: int
    created_by: str = ""
    """The member who made it; empty for the server itself."""
    expires_at: int


def permissions_of(role: Role) -> frozenset[Permission]:
    """Return what somebody with that role may do."""
    return PERMISSIONS[role]


def require_email(text: str) -> str:
    """Return an address in the form it is kept.

    Raises:
        Rejected: it is none.
    """
    email = require_text(text.strip().lower(), "email", longest=LONGEST_EMAIL)
    if not _EMAIL.fullmatch(email):
        raise Rejected("an e-mail address looks like name@example.com", field="email")
    return email


def require_name(text: str) -> str:
    """Return somebody's name in the form it is kept.

    Raises:
        Rejected: it is empty or too long.
    """
    name = " ".join(require_text(text, "name", longest=LONGEST_NAME).split())
    if not name:
        raise Rejected("a name is needed, so that others know who did what", field="name")
    return name


def token_text(kind: TokenKind, org_id: OrgId, secret: bytes) -> str:
    """Return the text for a secret of `SECRET_BYTES` of randomness in an organisation."""
    return f"{kind.value}_{_base64(org_id.to_bytes(_ORG_BYTES, 'big'))}{_base64(secret)}"


def token_owner(kind: TokenKind, text: str) -> OrgId | None:
    """Return the organisation that a text claims to belong to, or None if it cannot be one."""
    prefix, _, rest = text.partition("_")
    if prefix != kind.value or not rest.isascii():
        return None
    try:
        owner = int.from_bytes(base64.urlsafe_b64decode(rest[:_ORG_CHARACTERS] + "="), "big")
    except ValueError:
        return None
    return OrgId(owner) if owner < 1 << 63 else None


def token_digest(text: str) -> bytes:
    """Return what is kept of a text. Its secret has 256 bits, so it needs no salt."""
    return hashlib.sha256(text.encode()).digest()


def form_token(session_text: str) -> str:
    """Return what every form of a session carries: who cannot read the page cannot know it."""
    return hashlib.sha256(b"form\x00" + session_text.encode()).hexdigest()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
