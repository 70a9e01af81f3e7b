"""List the keys of an organisation, without their secrets, which nobody has."""

from fairlead.domain.access import Key, OrgId
from fairlead.domain.errors import NotFound
from fairlead.store import access
from fairlead.store.engine import Transaction


def list_keys(transaction: Transaction, org_id: OrgId) -> list[Key]:
    """Return the keys, oldest first, the revoked ones among them.

    Raises:
        NotFound: there is no such organisation.
    """
    if access.get_organisation(transaction, org_id) is None:
        raise NotFound("there is no such organisation")
    return access.keys_of(transaction, org_id)
