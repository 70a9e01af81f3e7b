"""Find entries of the catalogue, and what they are to others."""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.catalog import Entry
from fairlead.store import catalog
from fairlead.store.catalog import EntriesPage, KnownRelation
from fairlead.store.engine import Transaction

__all__ = ["EntriesFound", "EntriesPage", "KnownRelation", "find_entries"]


class EntriesFound(Struct, frozen=True, kw_only=True):
    """A page of entries."""

    entries: Sequence[Entry]
    relations: Sequence[KnownRelation]
    """All that these are to others, where that was asked for."""
    is_last: bool
    """Whether no others follow."""


def find_entries(
    transaction: Transaction, org_id: OrgId, page: EntriesPage, *, with_relations: bool = False
) -> EntriesFound:
    """Return the entries of an organisation that `page` asks for."""
    found = catalog.find(transaction, org_id, replace(page, limit=page.limit + 1))
    entries = found[: page.limit]
    refs = [entry.ref for entry in entries] if with_relations else []
    return EntriesFound(
        entries=entries,
        relations=catalog.relations_from(transaction, org_id, refs),
        is_last=len(found) <= page.limit,
    )
