"""The states of monitors as spans of time: every statement that touches them.

A state told for an instant holds up to the next one told for the same group, in whatever order
they arrive. Not here: monitors themselves, and who tells.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, func, insert, or_, select, update

from fairlead.domain.access import OrgId
from fairlead.domain.monitors import MonitorId, MonitorState, Span, StateSource
from fairlead.store.engine import Transaction
from fairlead.store.tables import monitor_states

_s = monitor_states.c
_IDS_A_STATEMENT = 500


def tell(transaction: Transaction, org_id: OrgId, told: Span) -> bool:
    """Keep that a group is in a state from an instant on; False if that was known.

    `until_at` of what is told is not looked at. The monitor must be held, so that nobody else
    divides the same span.
    """
    mine = _group(org_id, told.monitor_id, told.group)
    around = _at(transaction, mine, told.from_at)
    if around is not None and around.state == told.state.value:
        return False
    until_at = _next(transaction, mine, told.from_at)
    if around is not None and around.from_at == told.from_at:
        transaction.execute(delete(monitor_states).where(mine, _s.from_at == told.from_at))
    elif around is not None:
        # It lasted to the next one or still does, and now ends here.
        transaction.execute(
            update(monitor_states).where(mine, _s.from_at == around.from_at).values(until_at=told.from_at)
        )
    row = {
        "org_id": org_id,
        "monitor_id": told.monitor_id,
        "group_name": told.group,
        "from_at": told.from_at,
        "until_at": until_at,
        "state": told.state.value,
        "reason": told.reason,
        "source": told.source.value,
    }
    transaction.execute(insert(monitor_states).values(row))
    return True


def end(transaction: Transaction, org_id: OrgId, monitor_id: MonitorId, group: str, at: int) -> bool:
    """Keep that a group is no more from an instant on; False if there was none or it began later."""
    mine = _group(org_id, monitor_id, group), _s.until_at.is_(None), _s.from_at <= at
    gone = transaction.execute(delete(monitor_states).where(*mine, _s.from_at == at)).rowcount
    ended = transaction.execute(update(monitor_states).where(*mine).values(until_at=at)).rowcount
    return gone + ended > 0


def current(
    transaction: Transaction, org_id: OrgId, ids: Sequence[int] | None = None
) -> dict[int, list[Span]]:
    """Return the spans that last, by monitor, each in order of group; all monitors' for None."""
    return _by_monitor(transaction, org_id, ids, _s.until_at.is_(None))


def touching(
    transaction: Transaction, org_id: OrgId, since_at: int, ids: Sequence[int] | None = None
) -> dict[int, list[Span]]:
    """Return the spans that end after `since_at` or last, by monitor, each in order of time."""
    return _by_monitor(transaction, org_id, ids, or_(_s.until_at.is_(None), _s.until_at > since_at))


def _by_monitor(
    transaction: Transaction, org_id: OrgId, ids: Sequence[int] | None, which: ColumnElement[bool]
) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    parts: list[Sequence[int] | None] = [None]
    if ids is not None:
        parts = [ids[at : at + _IDS_A_STATEMENT] for at in range(0, len(ids), _IDS_A_STATEMENT)]
    for part in parts:
        wanted = select(monitor_states).where(_s.org_id == org_id, which)
        if part is not None:
            wanted = wanted.where(_s.monitor_id.in_(part))
        for row in transaction.execute(wanted.order_by(_s.monitor_id, _s.group_name, _s.from_at)):
            found.setdefault(row.monitor_id, []).append(_span(row))
    return found


def latest(
    transaction: Transaction, org_id: OrgId, ids: Sequence[int]
) -> dict[tuple[MonitorId, str, MonitorState], int]:
    """Return when each group of monitors last entered each state."""
    found: dict[tuple[MonitorId, str, MonitorState], int] = {}
    for at in range(0, len(ids), _IDS_A_STATEMENT):
        mine = _s.org_id == org_id, _s.monitor_id.in_(ids[at : at + _IDS_A_STATEMENT])
        which = _s.monitor_id, _s.group_name, _s.state
        for row in transaction.execute(select(*which, func.max(_s.from_at)).where(*mine).group_by(*which)):
            found[MonitorId(row[0]), row[1], MonitorState(row[2])] = row[3]
    return found


def _group(org_id: OrgId, monitor_id: MonitorId, group: str) -> ColumnElement[bool]:
    return and_(_s.org_id == org_id, _s.monitor_id == monitor_id, _s.group_name == group)


def _at(transaction: Transaction, mine: ColumnElement[bool], at: int) -> Row[Any, Any] | None:
    """Return the span that an instant lies in."""
    lasting = or_(_s.until_at.is_(None), _s.until_at > at)
    wanted = select(_s.from_at, _s.state).where(mine, _s.from_at <= at, lasting)
    return transaction.execute(wanted.order_by(_s.from_at.desc()).limit(1)).first()


def _next(transaction: Transaction, mine: ColumnElement[bool], at: int) -> int | None:
    """Return where the next span of the group begins."""
    wanted = select(_s.from_at).where(mine, _s.from_at > at).order_by(_s.from_at).limit(1)
    return transaction.execute(wanted).scalar()


def _span(row: Row[Any]) -> Span:
    return Span(
        monitor_id=MonitorId(row.monitor_id),
        group=row.group_name,
        state=MonitorState(row.state),
        from_at=row.from_at,
        until_at=row.until_at,
        reason=row.reason,
        source=StateSource(row.source),
    )
