"""Say what putting entries into the catalogue would make, and keep nothing."""

from collections.abc import Sequence

from fairlead.domain.catalog import Entry
from fairlead.store.engine import Transaction
from fairlead.usecases.put_entries import EntryTold, refuse_unknown_kinds


def preview_entries(transaction: Transaction, told: Sequence[EntryTold]) -> list[Entry]:
    """Return the entries as they would be kept.

    Raises:
        Rejected: one is of a kind that nobody has added.
    """
    refusal = refuse_unknown_kinds(transaction, told)
    if refusal is not None:
        raise refusal
    return [one.entry for one in told]
