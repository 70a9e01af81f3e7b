"""Find the key, and its organisation, behind the digest of a text somebody sent."""

from fairlead.domain.access import Key, Organisation, OrgId
from fairlead.store import access
from fairlead.store.engine import Transaction


def find_key(transaction: Transaction, org_id: OrgId, digest: bytes) -> tuple[Key, Organisation] | None:
    """Return the key of that digest, revoked or not, with its organisation; None if nobody's."""
    key = access.key_by_digest(transaction, org_id, digest)
    organisation = access.get_organisation(transaction, org_id)
    return None if key is None or organisation is None else (key, organisation)
