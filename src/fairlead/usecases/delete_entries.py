"""Delete entries of the catalogue. Events keep what they took from it."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.catalog import Ref
from fairlead.domain.errors import NotFound
from fairlead.store import catalog
from fairlead.store.engine import Transaction
from fairlead.usecases.put_entries import source_changed, standing_service


class EntryNamed(Struct, frozen=True, kw_only=True):
    """Which entry to delete: by name, or by its UUID."""

    org_id: OrgId
    name: Ref | str


def delete_entries(transaction: Transaction, named: Sequence[EntryNamed]) -> list[NotFound | None]:
    """Delete each entry with the relations it tells of; `NotFound` where there is none."""
    return [_delete(transaction, one) for one in named]


def _delete(transaction: Transaction, named: EntryNamed) -> NotFound | None:
    org_id, name = named.org_id, named.name
    if isinstance(name, str):
        page = catalog.EntriesPage(ids=[name], limit=1)
        refs = [entry.ref for entry in catalog.find(transaction, org_id, page)]
    else:
        refs = [name]
    before = [standing_service(transaction, org_id, ref) for ref in refs]
    if not any(catalog.remove(transaction, org_id, ref) for ref in refs):
        return NotFound(f"the catalogue has no entry {name}")
    source_changed(transaction, before[0], standing_service(transaction, org_id, refs[0]))
    return None
