"""What happened to flags in a window, and what they served around it: the statements behind that list.

Not here: how large an impact is (`domain.flag_impact`).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, case, func, or_, select

from fairlead.domain.flag_events import FlagEvent
from fairlead.domain.flag_impact import SPAN_NS
from fairlead.domain.insights import Territory
from fairlead.store.engine import Transaction
from fairlead.store.flag_history import event_from
from fairlead.store.tables import flag_evaluations, flag_events

_e = flag_events.c
_v = flag_evaluations.c
_IDS_A_STATEMENT = 400

Counts = tuple[dict[str, int], dict[str, int]]
"""Evaluations by variation, before and after."""


def events_in(
    transaction: Transaction,
    territory: Territory,
    from_at: int,
    until_at: int,
    *,
    text: str = "",
    with_global: bool = True,
    releases_only: bool = False,
) -> list[FlagEvent]:
    """Return what happened to flags in a window, both ends included, the latest first."""
    here = _e.environment_key == territory.env
    wanted = select(flag_events).where(
        _e.org_id == territory.org_id,
        _e.project_key == territory.project_key,
        _e.happened_at >= from_at,
        _e.happened_at <= until_at,
        or_(here, _e.environment_key == "") if with_global else here,
    )
    if text:
        wanted = wanted.where(func.lower(_e.flag_key).contains(text.lower(), autoescape=True))
    if releases_only:
        wanted = wanted.where(_e.is_release)
    rows = transaction.execute(wanted.order_by(_e.happened_at.desc(), _e.id.desc()))
    return [event_from(row) for row in rows]


def counts_around(
    transaction: Transaction, territory: Territory, events: Sequence[FlagEvent]
) -> dict[str, Counts]:
    """Return what the flags of events served in the ten minutes on either side, by the event's id.

    For each event that is a statement's share of one join, a few hundred events at a time.
    """
    found: dict[str, Counts] = {}
    for start in range(0, len(events), _IDS_A_STATEMENT):
        ids = [one.id for one in events[start : start + _IDS_A_STATEMENT]]
        for id, variation, is_after, count in transaction.execute(_around(territory, ids)):
            found.setdefault(id, ({}, {}))[is_after][variation] = int(count)
    return found


def _around(territory: Territory, ids: Sequence[str]) -> Any:
    is_after = case((_v.minute_at >= _e.happened_at, 1), else_=0).label("is_after")
    near = and_(
        _v.org_id == _e.org_id,
        _v.project_key == _e.project_key,
        _v.environment_key == territory.env,
        _v.flag_key == _e.flag_key,
        _v.minute_at >= _e.happened_at - SPAN_NS,
        _v.minute_at < _e.happened_at + SPAN_NS,
    )
    return (
        select(_e.id, _v.variation, is_after, func.sum(_v.count))
        .select_from(flag_events.join(flag_evaluations, near))
        .where(_e.org_id == territory.org_id, _e.id.in_(ids))
        .group_by(_e.id, _v.variation, is_after)
    )
