"""Revoke keys: from that instant on they open nothing, on every node within a second."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.store import access
from fairlead.store.engine import Transaction


class KeyNamed(Struct, frozen=True, kw_only=True):
    """Which key to revoke, and from when on."""

    org_id: OrgId
    id: str
    at: int


def revoke_keys(transaction: Transaction, named: Sequence[KeyNamed]) -> list[NotFound | None]:
    """Revoke each key; `NotFound` where there is none. One revoked before keeps its instant."""
    known = [access.revoke_key(transaction, one.org_id, one.id, one.at) for one in named]
    return [
        None if found else NotFound(f"there is no key with id {one.id} in this organisation")
        for one, found in zip(named, known, strict=True)
    ]
