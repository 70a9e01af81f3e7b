"""What happened to flags and what they served: every statement that touches it.

Not here: what follows from it (`domain.flag_standing`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import groupby

import msgspec
from sqlalchemy import ColumnElement, Row, and_, func, or_, select, tuple_

from fairlead.domain.access import OrgId
from fairlead.domain.flag_events import Evaluations, FlagEvent, FlagEventType, Member
from fairlead.domain.flag_impact import EITHER_SIDE_NS
from fairlead.domain.flag_standing import Served
from fairlead.domain.instants import NS_PER_S
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.holding import hold_facts
from fairlead.store.tables import flag_evaluations, flag_events, flag_served

_e = flag_events.c
_v = flag_served.c
_events = BulkInsert(flag_events, [column.name for column in flag_events.columns], replaces=False)
_evaluations = BulkInsert(
    flag_evaluations, [column.name for column in flag_evaluations.columns], replaces=True
)
_served = BulkInsert(flag_served, [column.name for column in flag_served.columns], replaces=True)
_n = flag_evaluations.c
_place = tuple_(_e.happened_at, _e.id)
_MINUTE_NS = 60 * NS_PER_S
# SQLite takes a thousand alternatives in one expression; this is a page and more.
_EVENTS_A_STATEMENT = 200
_encode = msgspec.json.Encoder().encode
_decode_actions = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_member = msgspec.json.Decoder(Member).decode
_Variation = tuple[str, str, str, str]
"""Project, environment, flag and variation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlagEventsPage:
    """Which events of a project are asked for, the latest first. What is empty or None asks for all."""

    org_id: OrgId
    project_key: str
    environment_key: str
    """Only events in this environment, and those that are the same everywhere where `with_global`."""
    with_global: bool = True
    releases_only: bool = False
    query: str = ""
    """A part of the key of the flag, whatever the case of its letters."""
    flag_keys: Collection[str] | None = None
    from_at: int | None = None
    """Inclusive, as is `until_at`."""
    until_at: int | None = None
    before: tuple[int, str] | None = None
    """Instant and id of an event: only such as come behind it in the list, that is earlier ones."""
    after: tuple[int, str] | None = None
    """Likewise: only later ones, and of these the nearest."""
    limit: int


def add_events(transaction: Transaction, events: Iterable[FlagEvent]) -> None:
    """Keep events; one whose id is known stays as it is."""
    rows = {(one.org_id, one.id): _event_row(one) for one in events}
    _events.run(transaction, list(rows.values()))


def events_of(transaction: Transaction, org_id: OrgId, project_key: str, flag_key: str) -> list[FlagEvent]:
    """Return what happened to a flag, the latest first."""
    mine = _e.org_id == org_id, _e.project_key == project_key, _e.flag_key == flag_key
    wanted = select(flag_events).where(*mine).order_by(_e.happened_at.desc(), _e.id.desc())
    return [event_from(row) for row in transaction.execute(wanted)]


def find_events(transaction: Transaction, page: FlagEventsPage) -> list[FlagEvent]:
    """Return the events of one page, the latest first, ties by id."""
    wanted = select(flag_events).where(*_asked(page))
    if page.before is not None:
        wanted = wanted.where(_place < tuple_(*page.before))
    if page.after is not None:
        wanted = wanted.where(_place > tuple_(*page.after)).order_by(_e.happened_at, _e.id)
    else:
        wanted = wanted.order_by(_e.happened_at.desc(), _e.id.desc())
    found = [event_from(row) for row in transaction.execute(wanted.limit(page.limit))]
    return found[::-1] if page.after is not None else found


def count_events(transaction: Transaction, page: FlagEventsPage) -> int:
    """Return how many events there are on all pages."""
    wanted = select(func.count()).select_from(flag_events).where(*_asked(page))
    return transaction.execute(wanted).scalar_one()


def evaluated_around(
    transaction: Transaction, environment_key: str, events: Collection[FlagEvent]
) -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """Return for each event, by id, what its flag served in an environment before and after it.

    As far as `flag_impact.EITHER_SIDE_NS` either way, by variation. The minute of the event is after it.
    """
    found: dict[str, tuple[dict[str, int], dict[str, int]]] = {one.id: ({}, {}) for one in events}
    by_flag: dict[tuple[str, str], list[FlagEvent]] = {}
    for one in events:
        by_flag.setdefault((one.project_key, one.flag_key), []).append(one)
    for part in _parts(list(events)):
        columns = _n.project_key, _n.flag_key, _n.variation, _n.minute_at, _n["count"].label("times")
        rows = transaction.execute(select(*columns).where(_around(environment_key, part)))
        mine = {one.id for one in part}
        for row in rows:
            for one in by_flag[row.project_key, row.flag_key]:
                side = _side(one, row.minute_at)
                if one.id in mine and side is not None:
                    counts = found[one.id][side]
                    counts[row.variation] = counts.get(row.variation, 0) + row.times
    return found


def put_evaluations(transaction: Transaction, org_id: OrgId, told: Collection[Evaluations]) -> None:
    """Keep what flags of one organisation served; the count of a minute replaces what was told of it."""
    minutes = {(*_variation(one), one.minute_at): one for one in told}
    _evaluations.run(
        transaction,
        [
            (*(org_id, one.project_key, one.environment_key, one.flag_key), one.variation, minute, one.count)
            for (*_, minute), one in minutes.items()
        ],
    )
    _put_served(transaction, org_id, [one for one in told if one.count])


def served(
    transaction: Transaction,
    org_id: OrgId,
    project_key: str,
    environment_key: str,
    keys: Collection[str] | None = None,
) -> dict[str, list[Served]]:
    """Return what flags were seen to serve in an environment, by flag; of all flags, or of some keys."""
    mine = _v.org_id == org_id, _v.project_key == project_key, _v.environment_key == environment_key
    wanted = select(flag_served).where(*mine).order_by(_v.flag_key, _v.variation)
    if keys is not None:
        wanted = wanted.where(_v.flag_key.in_(sorted(set(keys))))
    rows = transaction.execute(wanted)
    return {
        key: [Served(variation=row.variation, first_at=row.first_at, last_at=row.last_at) for row in group]
        for key, group in groupby(rows, key=lambda row: str(row.flag_key))
    }


def event_from(row: Row[tuple[object, ...]]) -> FlagEvent:
    """Return the event of a row that has every column of the table."""
    return FlagEvent(
        org_id=row.org_id,
        id=row.id,
        project_key=row.project_key,
        environment_key=row.environment_key,
        flag_key=row.flag_key,
        type=FlagEventType(row.type),
        happened_at=row.happened_at,
        description=row.description,
        actions=_decode_actions(row.actions),
        member=_decode_member(row.member),
        entry_id=row.entry_id,
    )


def _asked(page: FlagEventsPage) -> list[ColumnElement[bool]]:
    places = [page.environment_key, *([""] if page.with_global else [])]
    asked = [_e.org_id == page.org_id, _e.project_key == page.project_key, _e.environment_key.in_(places)]
    if page.releases_only:
        asked.append(_e.is_release.is_(True))
    if page.from_at is not None:
        asked.append(_e.happened_at >= page.from_at)
    if page.until_at is not None:
        asked.append(_e.happened_at <= page.until_at)
    if page.query:
        asked.append(_e.flag_key.icontains(page.query, autoescape=True))
    if page.flag_keys is not None:
        asked.append(_e.flag_key.in_(sorted(set(page.flag_keys))))
    return asked


def _around(environment_key: str, events: Collection[FlagEvent]) -> ColumnElement[bool]:
    return or_(
        *(
            and_(
                _n.org_id == one.org_id,
                _n.project_key == one.project_key,
                _n.environment_key == environment_key,
                _n.flag_key == one.flag_key,
                _n.minute_at >= _minute(one) - EITHER_SIDE_NS,
                _n.minute_at < _minute(one) + EITHER_SIDE_NS,
            )
            for one in events
        )
    )


def _side(event: FlagEvent, minute_at: int) -> int | None:
    """Return 0 for a minute that counts as before an event, 1 for one after it, None for another."""
    since = minute_at - _minute(event)
    if not -EITHER_SIDE_NS <= since < EITHER_SIDE_NS:
        return None
    return int(since >= 0)


def _minute(event: FlagEvent) -> int:
    return event.happened_at - event.happened_at % _MINUTE_NS


def _parts(events: list[FlagEvent]) -> Iterable[list[FlagEvent]]:
    return (events[at : at + _EVENTS_A_STATEMENT] for at in range(0, len(events), _EVENTS_A_STATEMENT))


def _put_served(transaction: Transaction, org_id: OrgId, told: Collection[Evaluations]) -> None:
    """Stretch the time in which each variation is known to have been served."""
    places = sorted({(one.project_key, one.environment_key) for one in told})
    hold_facts(transaction, "served", [(org_id, "/".join(place)) for place in places])
    spans: dict[_Variation, tuple[int, int]] = {}
    for place in places:
        keys = {one.flag_key for one in told if (one.project_key, one.environment_key) == place}
        for key, known in served(transaction, org_id, *place, keys).items():
            spans |= {(*place, key, one.variation): (one.first_at, one.last_at) for one in known}
    for one in told:
        first_at, last_at = spans.get(_variation(one), (one.minute_at, one.minute_at))
        spans[_variation(one)] = min(first_at, one.minute_at), max(last_at, one.minute_at)
    _served.run(transaction, [(org_id, *variation, *span) for variation, span in spans.items()])


def _variation(one: Evaluations) -> _Variation:
    return one.project_key, one.environment_key, one.flag_key, one.variation


def _event_row(one: FlagEvent) -> tuple[object, ...]:
    where = one.project_key, one.environment_key, one.flag_key
    told = one.description, _encode(one.actions).decode(), _encode(one.member).decode(), one.entry_id
    return one.org_id, one.id, *where, one.type.value, one.is_release, one.happened_at, *told
