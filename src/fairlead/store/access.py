"""Organisations and keys: every statement that touches them.

Not here: the making of a secret, and what a permission allows.
"""

from sqlalchemy import Row, insert, select, update

from fairlead.domain.access import Key, KeyId, KeyKind, Organisation, OrgId, Permission
from fairlead.store.engine import Transaction
from fairlead.store.tables import keys, organisations

_o = organisations.c
_k = keys.c


def put_organisation(transaction: Transaction, organisation: Organisation) -> bool:
    """Create an organisation; False, and nothing changed, if there is one of that id."""
    if get_organisation(transaction, organisation.org_id) is not None:
        return False
    row = {
        "org_id": organisation.org_id,
        "name": organisation.name,
        "rate_limit": organisation.rate_limit,
        "created_at": organisation.created_at,
    }
    transaction.execute(insert(organisations).values(row))
    return True


def get_organisation(transaction: Transaction, org_id: OrgId) -> Organisation | None:
    """Return the organisation of that id, or None."""
    row = transaction.execute(select(organisations).where(_o.org_id == org_id)).first()
    return None if row is None else _organisation(row)


def every_organisation(transaction: Transaction) -> list[Organisation]:
    """Return all organisations by name: for whoever runs the server, never for a caller."""
    return [_organisation(row) for row in transaction.execute(select(organisations).order_by(_o.name))]


def put_rate_limit(transaction: Transaction, org_id: OrgId, rate_limit: str) -> None:
    """Set an organisation's own rate limit; empty gives it the server's again."""
    transaction.execute(update(organisations).where(_o.org_id == org_id).values(rate_limit=rate_limit))


def put_key(transaction: Transaction, key: Key, digest: bytes) -> None:
    """Keep a new key by the digest of its text."""
    row = {
        "org_id": key.org_id,
        "id": key.id,
        "kind": key.kind.value,
        "name": key.name,
        "digest": digest,
        "permissions": " ".join(sorted(key.permissions)),
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }
    transaction.execute(insert(keys).values(row))


def key_by_digest(transaction: Transaction, org_id: OrgId, digest: bytes) -> Key | None:
    """Return the key of that digest, revoked or not, or None."""
    row = transaction.execute(select(keys).where(_k.org_id == org_id, _k.digest == digest)).first()
    return None if row is None else _key(row)


def keys_of(transaction: Transaction, org_id: OrgId) -> list[Key]:
    """Return an organisation's keys, oldest first, the revoked ones among them."""
    wanted = select(keys).where(_k.org_id == org_id).order_by(_k.created_at, _k.id)
    return [_key(row) for row in transaction.execute(wanted)]


def revoke_key(transaction: Transaction, org_id: OrgId, key_id: str, at: int) -> bool:
    """Revoke a key from `at` on; False if there is none. One revoked before keeps its instant."""
    known = transaction.execute(select(_k.id).where(_k.org_id == org_id, _k.id == key_id)).first()
    live = update(keys).where(_k.org_id == org_id, _k.id == key_id, _k.revoked_at.is_(None))
    transaction.execute(live.values(revoked_at=at))
    return known is not None


def _organisation(row: Row[tuple[object, ...]]) -> Organisation:
    return Organisation(
        org_id=row.org_id, name=row.name, rate_limit=row.rate_limit, created_at=row.created_at
    )


def _key(row: Row[tuple[object, ...]]) -> Key:
    return Key(
        org_id=row.org_id,
        id=KeyId(row.id),
        kind=KeyKind(row.kind),
        name=row.name,
        permissions=frozenset(Permission(name) for name in row.permissions.split()),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
