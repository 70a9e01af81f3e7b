"""Insight groups: every statement that touches them."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, func, select

from fairlead.domain.access import OrgId
from fairlead.domain.insights import InsightGroup
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import insight_groups

_t = insight_groups.c
_columns = [column.name for column in insight_groups.columns]
_new = BulkInsert(insight_groups, _columns, replaces=False)
_rows = BulkInsert(insight_groups, _columns, replaces=True)
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[str, ...] | None).decode


def add(transaction: Transaction, group: InsightGroup) -> bool:
    """Keep a group; False where there is one of that key."""
    return bool(_new.run_for_new(transaction, [_row(group)]))


def put(transaction: Transaction, group: InsightGroup) -> None:
    """Keep a group in place of the one of that key."""
    _rows.run(transaction, [_row(group)])


def get(transaction: Transaction, org_id: OrgId, key: str) -> InsightGroup | None:
    """Return the group of that key, or None."""
    mine = _t.org_id == org_id, _t.key == key
    row = transaction.execute(select(insight_groups).where(*mine)).first()
    return None if row is None else _group(row)


def find(transaction: Transaction, org_id: OrgId, text: str, *, descending: bool) -> Sequence[InsightGroup]:
    """Return the groups whose name holds a text in whatever case, in order of name."""
    wanted = select(insight_groups).where(_t.org_id == org_id)
    if text:
        wanted = wanted.where(func.lower(_t.name).contains(text.lower(), autoescape=True))
    order = (_t.name.desc(), _t.key.desc()) if descending else (_t.name, _t.key)
    return [_group(row) for row in transaction.execute(wanted.order_by(*order))]


def remove(transaction: Transaction, org_id: OrgId, key: str) -> bool:
    """Remove a group; False where there is none."""
    mine = _t.org_id == org_id, _t.key == key
    return transaction.execute(delete(insight_groups).where(*mine)).rowcount > 0


def _row(group: InsightGroup) -> tuple[Any, ...]:
    names = group.org_id, group.key, group.name, group.project_key, group.env
    return (*names, _encode(group.applications).decode(), group.created_at)


def _group(row: Any) -> InsightGroup:
    return InsightGroup(
        org_id=row.org_id,
        key=row.key,
        name=row.name,
        project_key=row.project_key,
        env=row.environment_key,
        applications=_decode(row.application_keys),
        created_at=row.created_at,
    )
