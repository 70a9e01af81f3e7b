"""Sources of counts: every statement that touches them."""

import msgspec
from sqlalchemy import Row, delete, select

from fairlead.domain.access import OrgId
from fairlead.domain.traffic_sources import KeptSource, TrafficSource
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import traffic_sources

_t = traffic_sources.c
_rows = BulkInsert(traffic_sources, [column.name for column in traffic_sources.columns], replaces=True)
_decode = msgspec.json.Decoder(TrafficSource).decode


def put(transaction: Transaction, kept: KeptSource) -> None:
    """Keep a source; one of that name is replaced."""
    told = msgspec.json.encode(kept.source).decode()
    row = kept.org_id, kept.source.name, told, kept.done_until, kept.asked_at, kept.failure
    _rows.run(transaction, [row])


def get(transaction: Transaction, org_id: OrgId, name: str) -> KeptSource | None:
    """Return the source of that name, or None."""
    wanted = select(traffic_sources).where(_t.org_id == org_id, _t.name == name)
    row = transaction.execute(wanted).first()
    return None if row is None else _kept(row)


def every(transaction: Transaction, org_id: OrgId) -> list[KeptSource]:
    """Return the sources of an organisation, by name."""
    wanted = select(traffic_sources).where(_t.org_id == org_id).order_by(_t.name)
    return [_kept(row) for row in transaction.execute(wanted)]


def remove(transaction: Transaction, org_id: OrgId, name: str) -> bool:
    """Forget a source; False if there was none. What it counted stays."""
    mine = delete(traffic_sources).where(_t.org_id == org_id, _t.name == name)
    return transaction.execute(mine).rowcount > 0


def _kept(row: Row[tuple[object, ...]]) -> KeptSource:
    return KeptSource(
        org_id=OrgId(row.org_id),
        source=_decode(row.told),
        done_until=row.done_until,
        asked_at=row.asked_at,
        failure=row.failure,
    )
