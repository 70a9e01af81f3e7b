"""Attempts to deploy: every statement that touches them, their events and their corrections.

Not here: how events add up (`domain.attempts`), and lists of them (`insights_pages.py`).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import BigInteger, Row, bindparam, delete, insert, select

from fairlead.domain.access import OrgId
from fairlead.domain.attempts import (
    Attempt,
    AttemptEvent,
    AttemptKind,
    AttemptStatus,
    Correction,
    EventType,
    Series,
)
from fairlead.domain.changes import RepositoryId, Sha
from fairlead.domain.versions import Place
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.engine_sql import array_of, is_one_of
from fairlead.store.tables import attempt_corrections, attempt_events, attempts

_t = attempts.c
_e = attempt_events.c
_x = attempt_corrections.c
_events = BulkInsert(attempt_events, [column.name for column in attempt_events.columns], replaces=False)
_rows = BulkInsert(attempts, [column.name for column in attempts.columns], replaces=True)
_encode = msgspec.json.Encoder().encode
_decode_metadata = msgspec.json.Decoder(dict[str, Any]).decode
_decode_correction = msgspec.json.Decoder(Correction).decode

# Asked for every page of a list, and therefore made once.
_by_id = select(attempts).where(
    _t.org_id == bindparam("of_org", type_=BigInteger()), is_one_of(_t.id, array_of("ids"))
)

NO_COMMIT: Place = (RepositoryId(""), Sha(""))


class _Told(Struct):
    application_name: str
    application_kind: str
    version_name: str
    event_metadata: str
    deployment_metadata: dict[str, Any]


_decode_told = msgspec.json.Decoder(_Told).decode


class Kept(Struct, frozen=True, kw_only=True):
    """An attempt as it is kept."""

    attempt: Attempt
    id: str
    """Of the attempt, or of the deployment told elsewhere."""
    commit: Place
    """The commit that its version names; empty texts while none is known."""

    @property
    def is_told_elsewhere(self) -> bool:
        """Whether it is a deployment told as a whole, and here only because somebody corrected it."""
        return self.id != self.attempt.id


def add_events(transaction: Transaction, told: Iterable[AttemptEvent]) -> None:
    """Keep events; one that is known stays as it is."""
    rows = {row[:5]: row for row in map(_event_row, told)}
    _events.run(transaction, [rows[key] for key in sorted(rows)])


def events_of(transaction: Transaction, series: Series) -> list[AttemptEvent]:
    """Return all events of a series."""
    wanted = select(attempt_events).where(_e.org_id == series.org_id, _e.series == series.id)
    return [_event(series, row) for row in transaction.execute(wanted)]


def of_series(transaction: Transaction, series: Series) -> list[Kept]:
    """Return the attempts of a series, the earliest first."""
    wanted = select(attempts).where(_t.org_id == series.org_id, _t.series == series.id).order_by(_t.ordinal)
    return [kept_from(row) for row in transaction.execute(wanted)]


def get(transaction: Transaction, org_id: OrgId, id: str) -> Kept | None:
    """Return the attempt of that id, or None."""
    row = transaction.execute(select(attempts).where(_t.org_id == org_id, _t.id == id)).first()
    return None if row is None else kept_from(row)


def by_id(transaction: Transaction, org_id: OrgId, ids: Sequence[str]) -> dict[str, Kept]:
    """Return those of `ids`, a page of them, that are kept here."""
    asked = {"of_org": org_id, "ids": _encode(ids).decode()}
    return {row.id: kept_from(row) for row in transaction.execute(_by_id, asked)}


def put(transaction: Transaction, kept: Sequence[Kept]) -> None:
    """Keep attempts in place of what was kept of them."""
    _rows.run(transaction, sorted((_row(one) for one in kept), key=lambda row: row[1]))


def remove(transaction: Transaction, org_id: OrgId, ids: Sequence[str]) -> None:
    """Remove attempts."""
    transaction.execute(delete(attempts).where(_t.org_id == org_id, _t.id.in_(ids)))


def add_correction(
    transaction: Transaction, org_id: OrgId, attempt_id: str, correction: Correction, *, at: int, by: str
) -> None:
    """Keep what somebody said about an attempt; what was said before stays on record."""
    mine = _x.org_id == org_id, _x.attempt_id == attempt_id
    last = select(_x.corrected_at).where(*mine).order_by(_x.corrected_at.desc()).limit(1)
    # Two within one tick of the clock still have an order.
    at = max(at, (transaction.execute(last).scalar() or 0) + 1)
    row = {
        "org_id": org_id,
        "attempt_id": attempt_id,
        "corrected_at": at,
        "corrected_by": by,
        "told": _encode(correction).decode(),
    }
    transaction.execute(insert(attempt_corrections).values(row))


def corrections_of(
    transaction: Transaction, org_id: OrgId, attempt_ids: Sequence[str]
) -> dict[str, list[Correction]]:
    """Return what was said about attempts, for each in the order in which it was said."""
    found: dict[str, list[Correction]] = {}
    wanted = select(_x.attempt_id, _x.told).where(_x.org_id == org_id, _x.attempt_id.in_(attempt_ids))
    for attempt_id, told in transaction.execute(wanted.order_by(_x.attempt_id, _x.corrected_at)):
        found.setdefault(attempt_id, []).append(_decode_correction(told))
    return found


def nameless(transaction: Transaction, org_id: OrgId, after: str, limit: int) -> list[Series]:
    """Return series whose version names no commit so far, in order of id, beginning behind `after`."""
    wanted = (
        select(attempts)
        .where(_t.org_id == org_id, _t.series > after, _t.ordinal == 0, _t.repository_id == "")
        .order_by(_t.series)
        .limit(limit)
    )
    return [kept_from(row).attempt.series for row in transaction.execute(wanted)]


def has_nameless(transaction: Transaction, org_id: OrgId) -> bool:
    """Tell whether any version names no commit so far."""
    wanted = select(_t.id).where(_t.org_id == org_id, _t.repository_id == "", _t.series != "").limit(1)
    return transaction.execute(wanted).first() is not None


def is_nameless(transaction: Transaction, series: Series) -> bool:
    """Tell whether a series has an attempt whose version names no commit so far."""
    mine = _t.org_id == series.org_id, _t.series == series.id, _t.repository_id == ""
    return transaction.execute(select(_t.id).where(*mine).limit(1)).first() is not None


def every_series(transaction: Transaction, org_id: OrgId, after: str, limit: int) -> list[str]:
    """Return the ids of series that have an attempt, in their order, beginning behind `after`."""
    wanted = select(_t.series).where(_t.org_id == org_id, _t.series > after).distinct().order_by(_t.series)
    return list(transaction.execute(wanted.limit(limit)).scalars())


def series_of(transaction: Transaction, org_id: OrgId, series_id: str) -> Series | None:
    """Return the series of that id, or None where it has no attempt."""
    wanted = select(attempts).where(_t.org_id == org_id, _t.series == series_id).limit(1)
    row = transaction.execute(wanted).first()
    return None if row is None else kept_from(row).attempt.series


def kept_from(row: Any) -> Kept:
    """Return the attempt of a row that has all columns."""
    attempt = Attempt(
        series=Series(OrgId(row.org_id), row.project_key, row.env, row.application, row.version),
        ordinal=row.ordinal,
        status=AttemptStatus(row.status),
        kind=AttemptKind(row.kind) if row.kind else None,
        started_at=row.started_at,
        ended_at=row.ended_at,
        version_name=row.version_name,
        metadata=_decode_metadata(row.metadata),
        archived=row.archived,
    )
    return Kept(attempt=attempt, id=row.id, commit=(RepositoryId(row.repository_id), Sha(row.commit_sha)))


def _row(kept: Kept) -> tuple[Any, ...]:
    one, series = kept.attempt, kept.attempt.series
    return (
        series.org_id,
        kept.id,
        "" if kept.is_told_elsewhere else series.id,
        one.ordinal,
        series.project_key,
        series.env,
        series.application,
        series.version,
        one.version_name,
        one.status.value,
        one.kind or "",
        one.started_at,
        one.ended_at,
        one.at,
        _encode(one.metadata).decode(),
        one.archived,
        *kept.commit,
    )


def _event_row(event: AttemptEvent) -> tuple[Any, ...]:
    series = event.series
    digest = hashlib.blake2b(event.content, digest_size=16).hexdigest()
    told = _encode(_told(event)).decode()
    return series.org_id, series.id, event.at, event.type.value, digest, told, event.received_at


def _told(event: AttemptEvent) -> Mapping[str, Any]:
    return {name: getattr(event, name) for name in _Told.__struct_fields__}


def _event(series: Series, row: Row[Any]) -> AttemptEvent:
    told = _decode_told(row.told)
    return AttemptEvent(
        series=series,
        type=EventType(row.type),
        at=row.happened_at,
        received_at=row.received_at,
        **{name: getattr(told, name) for name in _Told.__struct_fields__},
    )
