"""Create keys. The text of one is returned here, once, and never kept."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import (
    EVERY_PERMISSION,
    SECRET_BYTES,
    Key,
    KeyId,
    KeyKind,
    OrgId,
    Permission,
    key_digest,
    key_text,
)
from fairlead.domain.errors import FairleadError, NotFound, Rejected
from fairlead.domain.identity import id_from_chance
from fairlead.domain.texts import require_text
from fairlead.store import access
from fairlead.store.engine import Transaction

LONGEST_NAME = 200


class KeyWanted(Struct, frozen=True, kw_only=True):
    """What a new key is to be, with the randomness that makes it one of a kind."""

    org_id: OrgId
    kind: KeyKind
    name: str
    """What it is for, in somebody's words; two keys may share a name."""
    permissions: frozenset[Permission] = frozenset()
    """Empty means all of them, and nothing for an API key, whose kind says what it may do."""
    secret: bytes
    """`SECRET_BYTES` of randomness."""
    chance: bytes
    """Ten bytes of randomness for its id."""
    at: int

    def __post_init__(self) -> None:
        if not require_text(self.name, "name", longest=LONGEST_NAME).strip():
            raise Rejected("a key needs a name that says what it is for", field="name")
        if self.kind is KeyKind.API and self.permissions:
            detail = "an API key sends facts and has no permissions; leave them out"
            raise Rejected(detail, field="permissions")
        if len(self.secret) != SECRET_BYTES:
            raise Rejected(f"a key's secret has {SECRET_BYTES} bytes", field="secret")


class KeyMade(Struct, frozen=True, kw_only=True):
    """A new key and the text that its holder sends."""

    key: Key
    text: str


def create_keys(transaction: Transaction, facts: Sequence[KeyWanted]) -> list[KeyMade | FairleadError]:
    """Create each key; the result holds its text, or is `NotFound` where there is no such organisation."""
    return [_create(transaction, wanted) for wanted in facts]


def _create(transaction: Transaction, wanted: KeyWanted) -> KeyMade | FairleadError:
    if access.get_organisation(transaction, wanted.org_id) is None:
        return NotFound("there is no such organisation")
    everything = frozenset() if wanted.kind is KeyKind.API else EVERY_PERMISSION
    key = Key(
        org_id=wanted.org_id,
        id=KeyId(id_from_chance(wanted.at, wanted.chance)),
        kind=wanted.kind,
        name=wanted.name,
        permissions=wanted.permissions or everything,
        created_at=wanted.at,
        revoked_at=None,
    )
    text = key_text(wanted.kind, wanted.org_id, wanted.secret)
    access.put_key(transaction, key, key_digest(text))
    return KeyMade(key=key, text=text)
