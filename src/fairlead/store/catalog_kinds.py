"""Kinds that users add to the catalogue: every statement that touches them."""

from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import Row, delete, or_, select

from fairlead.domain.access import OrgId
from fairlead.domain.catalog_kinds import Kind
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import catalog_kinds

_t = catalog_kinds.c
_kinds = BulkInsert(catalog_kinds, [column.name for column in catalog_kinds.columns], replaces=True)


class KindsPage(Struct, frozen=True, kw_only=True):
    """Which kinds of an organisation are asked for. An empty filter asks for all."""

    ids: Sequence[str] = ()
    names: Sequence[str] = ()
    offset: int = 0
    limit: int


def put(transaction: Transaction, kind: Kind) -> None:
    """Keep a kind; one of that name is replaced."""
    row = (
        kind.org_id,
        kind.name,
        kind.id,
        kind.display_name,
        kind.description,
        kind.created_at,
        kind.updated_at,
    )
    _kinds.run(transaction, [row])


def get(transaction: Transaction, org_id: OrgId, name_or_id: str) -> Kind | None:
    """Return the kind of that name or id, or None."""
    named = or_(_t.name == name_or_id, _t.id == name_or_id.lower())
    row = transaction.execute(select(catalog_kinds).where(_t.org_id == org_id, named)).first()
    return None if row is None else _kind(row)


def find(transaction: Transaction, org_id: OrgId, page: KindsPage) -> list[Kind]:
    """Return the kinds of one page, by name."""
    wanted = select(catalog_kinds).where(_t.org_id == org_id)
    if page.ids:
        wanted = wanted.where(_t.id.in_(page.ids))
    if page.names:
        wanted = wanted.where(_t.name.in_(page.names))
    wanted = wanted.order_by(_t.name).offset(page.offset).limit(page.limit)
    return [_kind(row) for row in transaction.execute(wanted)]


def remove(transaction: Transaction, org_id: OrgId, name: str) -> None:
    """Delete a kind."""
    transaction.execute(delete(catalog_kinds).where(_t.org_id == org_id, _t.name == name))


def _kind(row: Row[tuple[object, ...]]) -> Kind:
    return Kind(
        org_id=row.org_id,
        name=row.name,
        display_name=row.display_name,
        description=row.description,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
