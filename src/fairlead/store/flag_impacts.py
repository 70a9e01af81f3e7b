"""What happened to flags in a window, and what they served around it: the statements behind that list.

Not here: how large an impact is (`domain.flag_impact`).
"""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Select, Text, and_, case, func, literal, or_, select, tuple_

from fairlead.domain.flag_events import FlagEvent
from fairlead.domain.flag_impact import SPAN_NS
from fairlead.domain.insights import Territory
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import by_way_of
from fairlead.store.engine_sql import is_one_of
from fairlead.store.flag_history import event_from
from fairlead.store.tables import flag_evaluations, flag_events

_e = flag_events.c
_v = flag_evaluations.c
_IDS_A_STATEMENT = 400
_encode = msgspec.json.Encoder().encode

Counts = tuple[dict[str, int], dict[str, int]]
"""Evaluations by variation, before and after."""


class Events(Struct, frozen=True, kw_only=True):
    """Which events are asked for."""

    territory: Territory
    """Its applications say nothing here."""
    from_at: int
    """Inclusive."""
    until_at: int
    """Inclusive."""
    text: str = ""
    """Part of the flag's key, in whatever case."""
    flags: Collection[str] | None = None
    """None means all of them."""
    with_global: bool = True
    releases_only: bool = False


def events_in(transaction: Transaction, asked: Events) -> list[FlagEvent]:
    """Return what happened to flags in a window, the latest first."""
    wanted = select(flag_events).where(*_conditions(asked))
    rows = transaction.execute(wanted.order_by(_e.happened_at.desc(), _e.id.desc()))
    return [event_from(row) for row in rows]


def count_in(transaction: Transaction, asked: Events) -> int:
    """Return how many events there are in a window."""
    wanted = select(func.count()).select_from(flag_events).where(*_conditions(asked))
    return int(transaction.execute(_in_order_of_time(wanted)).scalar_one())


def events_beside(
    transaction: Transaction, asked: Events, *, after: str, before: str, limit: int
) -> list[FlagEvent]:
    """Return the first so many events behind one of that id, or the last before one, the latest first.

    Without either they are the first of all; beside an event that is not there is nothing.
    """
    wanted = _in_order_of_time(select(flag_events).where(*_conditions(asked)))
    if after or before:
        edge = select(_e.happened_at).where(_e.org_id == asked.territory.org_id, _e.id == (after or before))
        at = transaction.execute(edge).scalar()
        if at is None:
            return []
        here, there = tuple_(_e.happened_at, _e.id), tuple_(literal(at), literal(after or before))
        # The first condition follows from the second; said apart because it is where an index can begin.
        wanted = wanted.where(
            *((_e.happened_at <= at, here < there) if after else (_e.happened_at >= at, here > there))
        )
    by = _e.happened_at, _e.id
    order = (column.asc() for column in by) if before else (column.desc() for column in by)
    listed = [event_from(row) for row in transaction.execute(wanted.order_by(*order).limit(limit))]
    return listed[::-1] if before else listed


def _in_order_of_time(wanted: Select[Any]) -> Select[Any]:
    return by_way_of("flag_events_by_time", flag_events, wanted)


def _conditions(asked: Events) -> list[ColumnElement[bool]]:
    territory = asked.territory
    here = _e.environment_key == territory.env
    found = [
        _e.org_id == territory.org_id,
        _e.project_key == territory.project_key,
        _e.happened_at >= asked.from_at,
        _e.happened_at <= asked.until_at,
        or_(here, _e.environment_key == "") if asked.with_global else here,
    ]
    if asked.text:
        found.append(func.lower(_e.flag_key).contains(asked.text.lower(), autoescape=True))
    if asked.flags is not None:
        found.append(is_one_of(_e.flag_key, literal(_encode(sorted(asked.flags)).decode(), Text())))
    if asked.releases_only:
        found.append(_e.is_release)
    return found


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
