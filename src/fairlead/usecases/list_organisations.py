"""List the organisations of a server: for whoever runs it, never for a caller."""

from fairlead.domain.access import Organisation
from fairlead.store import access
from fairlead.store.engine import Transaction


def list_organisations(transaction: Transaction) -> list[Organisation]:
    """Return all organisations by name."""
    return access.every_organisation(transaction)
