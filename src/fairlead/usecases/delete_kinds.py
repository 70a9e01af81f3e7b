"""Delete kinds that were added to the catalogue."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.catalog import BUILT_IN_KINDS
from fairlead.domain.errors import FairleadError, NotFound, Rejected
from fairlead.store import catalog, catalog_kinds
from fairlead.store.engine import Transaction


class KindNamed(Struct, frozen=True, kw_only=True):
    """Which kind to delete: by name, or by its UUID."""

    org_id: OrgId
    name: str


def delete_kinds(transaction: Transaction, named: Sequence[KindNamed]) -> list[FairleadError | None]:
    """Delete each kind; `NotFound` where there is none, `Rejected` while entries are of it.

    Of a kind that is built in only what was said about it goes.
    """
    return [_delete(transaction, one) for one in named]


def _delete(transaction: Transaction, named: KindNamed) -> FairleadError | None:
    kind = catalog_kinds.get(transaction, named.org_id, named.name)
    if kind is None:
        return NotFound(f"the catalogue has no kind {named.name}")
    if kind.name not in BUILT_IN_KINDS and catalog.has_kind(transaction, named.org_id, kind.name):
        return Rejected(f'there are entries of the kind "{kind.name}"; delete these first', field="kind_id")
    catalog_kinds.remove(transaction, named.org_id, kind.name)
    return None
