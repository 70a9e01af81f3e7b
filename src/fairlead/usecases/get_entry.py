"""Get one entry of the catalogue by its name."""

from fairlead.domain.access import OrgId
from fairlead.domain.catalog import Entry, Ref
from fairlead.domain.errors import NotFound
from fairlead.store import catalog
from fairlead.store.engine import Transaction


def get_entry(transaction: Transaction, org_id: OrgId, ref: Ref) -> Entry:
    """Return the entry of that name.

    Raises:
        NotFound: there is none in this organisation.
    """
    entry = catalog.get(transaction, org_id, ref)
    if entry is None:
        raise NotFound(f"the catalogue has no entry {ref}")
    return entry
