"""Check that the store answers."""

from fairlead.domain.access import DEFAULT_ORGANISATION, organisation_id
from fairlead.domain.errors import OldSchema
from fairlead.store import access
from fairlead.store.engine import Transaction


def check_store(transaction: Transaction) -> None:
    """Ask the database for what every migrated database has.

    Raises:
        OldSchema: it is not there.
        Unavailable: the database cannot be reached.
    """
    if access.get_organisation(transaction, organisation_id(DEFAULT_ORGANISATION)) is None:
        raise OldSchema
