"""Monitors and their mutes: every statement that touches them.

A monitor that was deleted stays, so that what a gate saw of it is still known, and is shown to
nobody else. Not here: states (`monitor_states.py`) and which monitors a search finds.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Row, func, or_, select, update

from fairlead.domain.access import OrgId
from fairlead.domain.authors import Author
from fairlead.domain.monitors import Monitor, MonitorId, Mute, StateSource
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import monitor_mutes, monitors

_m = monitors.c
_q = monitor_mutes.c
_encode = msgspec.json.Encoder().encode
_decode_object = msgspec.json.Decoder(dict[str, Any]).decode
_decode_tags = msgspec.json.Decoder(tuple[str, ...]).decode
_monitors = BulkInsert(monitors, [column.name for column in monitors.columns], replaces=True)
_new_monitors = BulkInsert(monitors, [column.name for column in monitors.columns], replaces=False)
_mutes = BulkInsert(monitor_mutes, [column.name for column in monitor_mutes.columns], replaces=True)


def put(transaction: Transaction, monitor: Monitor) -> None:
    """Keep a monitor; one of that id is replaced."""
    _monitors.run(transaction, [tuple(_row(monitor).values())])


def add_unless_known(transaction: Transaction, monitor: Monitor) -> bool:
    """Keep a new monitor; False, and nothing changed, if there is or was one of that id."""
    return bool(_new_monitors.run_for_new(transaction, [tuple(_row(monitor).values())]))


def get(transaction: Transaction, org_id: OrgId, monitor_id: int) -> Monitor | None:
    """Return the monitor of that id, or None."""
    mine = _m.org_id == org_id, _m.id == monitor_id, _m.deleted_at.is_(None)
    row = transaction.execute(select(monitors).where(*mine)).first()
    return None if row is None else _monitor(row)


def hold(transaction: Transaction, org_id: OrgId, ids: Iterable[int]) -> dict[int, Monitor]:
    """Return the monitors of those ids; nobody else writes them until the transaction ends."""
    mine = _m.org_id == org_id, _m.id.in_(sorted(ids)), _m.deleted_at.is_(None)
    # One order everywhere, so that two processes never wait for each other.
    rows = transaction.execute(select(monitors).where(*mine).order_by(_m.id).with_for_update())
    return {row.id: _monitor(row) for row in rows}


def of_organisation(transaction: Transaction, org_id: OrgId) -> list[Monitor]:
    """Return an organisation's monitors, the oldest first."""
    mine = select(monitors).where(_m.org_id == org_id, _m.deleted_at.is_(None))
    return [_monitor(row) for row in transaction.execute(mine.order_by(_m.created_at, _m.id))]


def ever_since(transaction: Transaction, org_id: OrgId, at: int) -> list[Monitor]:
    """Return the monitors that there are, and those that were deleted after `at`."""
    there = or_(_m.deleted_at.is_(None), _m.deleted_at > at)
    mine = select(monitors).where(_m.org_id == org_id, there)
    return [_monitor(row) for row in transaction.execute(mine.order_by(_m.created_at, _m.id))]


def with_query(transaction: Transaction, org_id: OrgId, query: str) -> list[Monitor]:
    """Return the monitors whose own query is that text, the oldest first."""
    mine = select(monitors).where(_m.org_id == org_id, _m.query == query, _m.deleted_at.is_(None))
    return [_monitor(row) for row in transaction.execute(mine.order_by(_m.created_at, _m.id))]


def named(transaction: Transaction, org_id: OrgId, name: str) -> list[Monitor]:
    """Return the monitors of that name, the oldest first."""
    mine = select(monitors).where(_m.org_id == org_id, _m.name == name, _m.deleted_at.is_(None))
    return [_monitor(row) for row in transaction.execute(mine.order_by(_m.created_at, _m.id))]


def by_ids(transaction: Transaction, org_id: OrgId, ids: Iterable[int]) -> list[Monitor]:
    """Return the monitors of those ids, deleted ones among them."""
    mine = select(monitors).where(_m.org_id == org_id, _m.id.in_(sorted(ids)))
    return [_monitor(row) for row in transaction.execute(mine)]


def mark_deleted(transaction: Transaction, org_id: OrgId, monitor_id: int, at: int) -> bool:
    """Delete a monitor; False if there was none."""
    mine = _m.org_id == org_id, _m.id == monitor_id, _m.deleted_at.is_(None)
    return transaction.execute(update(monitors).where(*mine).values(deleted_at=at)).rowcount > 0


def count(transaction: Transaction, org_id: OrgId) -> int:
    """Return how many monitors an organisation has."""
    mine = select(func.count()).select_from(monitors).where(_m.org_id == org_id, _m.deleted_at.is_(None))
    return transaction.execute(mine).scalar_one()


def put_mutes(transaction: Transaction, org_id: OrgId, mutes: Sequence[Mute]) -> None:
    """Keep mutes; one of the same monitor, group and beginning is replaced."""
    rows = [(org_id, one.monitor_id, one.group, one.from_at, one.until_at) for one in mutes]
    _mutes.run(transaction, rows)


def mutes_of(
    transaction: Transaction, org_id: OrgId, since_at: int, ids: Sequence[int] | None = None
) -> list[Mute]:
    """Return the mutes that end after `since_at` or not at all, by monitor and time."""
    wanted = select(monitor_mutes).where(
        _q.org_id == org_id, or_(_q.until_at.is_(None), _q.until_at > since_at)
    )
    if ids is not None:
        wanted = wanted.where(_q.monitor_id.in_(ids))
    return [
        Mute(
            monitor_id=MonitorId(row.monitor_id),
            group=row.group_name,
            from_at=row.from_at,
            until_at=row.until_at,
        )
        for row in transaction.execute(wanted.order_by(_q.monitor_id, _q.from_at))
    ]


def _row(monitor: Monitor) -> dict[str, Any]:
    return {
        "org_id": monitor.org_id,
        "id": monitor.id,
        "kind": monitor.kind,
        "query": monitor.query,
        "name": monitor.name,
        "message": monitor.message,
        "tags": _encode(monitor.tags).decode(),
        "priority": monitor.priority,
        "options": _encode(monitor.options).decode(),
        "extras": _encode(monitor.extras).decode(),
        "source": monitor.source.value,
        "created_at": monitor.created_at,
        "created_by": monitor.created_by.id,
        "created_by_name": monitor.created_by.name,
        "updated_at": monitor.updated_at,
        "deleted_at": monitor.deleted_at,
    }


def _monitor(row: Row[tuple[object, ...]]) -> Monitor:
    return Monitor(
        org_id=row.org_id,
        id=MonitorId(row.id),
        kind=row.kind,
        query=row.query,
        name=row.name,
        message=row.message,
        tags=_decode_tags(row.tags),
        priority=row.priority,
        options=_decode_object(row.options),
        extras=_decode_object(row.extras),
        source=StateSource(row.source),
        created_at=row.created_at,
        created_by=Author(row.created_by, row.created_by_name),
        updated_at=row.updated_at,
        deleted_at=row.deleted_at,
    )
