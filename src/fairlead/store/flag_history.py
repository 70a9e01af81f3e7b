"""What happened to flags and what they served: every statement that touches it.

Not here: what follows from it (`domain.flag_standing`).
"""

from collections.abc import Collection, Iterable
from itertools import groupby

import msgspec
from sqlalchemy import Row, select

from fairlead.domain.access import OrgId
from fairlead.domain.flag_events import Evaluations, FlagEvent, FlagEventType, Member
from fairlead.domain.flag_standing import Served
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
_encode = msgspec.json.Encoder().encode
_decode_actions = msgspec.json.Decoder(tuple[str, ...]).decode
_decode_member = msgspec.json.Decoder(Member).decode
_Variation = tuple[str, str, str, str]
"""Project, environment, flag and variation."""


def add_events(transaction: Transaction, events: Iterable[FlagEvent]) -> None:
    """Keep events; one whose id is known stays as it is."""
    rows = {(one.org_id, one.id): _event_row(one) for one in events}
    _events.run(transaction, list(rows.values()))


def events_of(transaction: Transaction, org_id: OrgId, project_key: str, flag_key: str) -> list[FlagEvent]:
    """Return what happened to a flag, the latest first."""
    mine = _e.org_id == org_id, _e.project_key == project_key, _e.flag_key == flag_key
    wanted = select(flag_events).where(*mine).order_by(_e.happened_at.desc(), _e.id.desc())
    return [event_from(row) for row in transaction.execute(wanted)]


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
