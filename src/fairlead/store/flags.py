"""Flags and what they are set to: every statement that touches them.

Not here: what happened to them and what they served (`flag_history.py`), and links (`flag_links.py`).
"""

from collections.abc import Collection, Iterable
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Row, Select, and_, func, select

from fairlead.domain.access import OrgId
from fairlead.domain.flags import Flag, FlagSetting
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import flag_settings, flags

_f = flags.c
_s = flag_settings.c
_flags = BulkInsert(flags, [column.name for column in flags.columns], replaces=True)
_settings = BulkInsert(flag_settings, [column.name for column in flag_settings.columns], replaces=True)
_encode = msgspec.json.Encoder().encode
_decode_flag = msgspec.json.Decoder(Flag).decode
_decode_targeting = msgspec.json.Decoder(dict[str, Any]).decode
# A text inside the record has its quotes escaped, so this can only be the field itself.
_NOT_DEPRECATED = '%"deprecated_at":null%'

SORTS = ("creationDate", "key", "maintainerId", "name", "tags", "type", "targetingModifiedDate")


class FlagsAsked(Struct, frozen=True, kw_only=True):
    """Which flags of a project are asked for, and in which order. What is empty or None asks for all."""

    org_id: OrgId
    project_key: str
    query: str = ""
    """A part of key or name, whatever the case of its letters."""
    tags: Collection[str] = ()
    """All of them, whatever the case of their letters."""
    archived: bool | None = False
    deprecated: bool | None = None
    temporary: bool | None = None
    maintainer_id: str = ""
    maintainer_team_key: str = ""
    created_before: int | None = None
    among: Collection[str] | None = None
    """Only flags of these keys."""
    besides: Collection[str] = ()
    sort: str = "key"
    descending: bool = False
    environment_key: str = ""
    """Where the order is that of the last change of targeting: in this environment."""
    offset: int = 0
    limit: int | None = None


def put(transaction: Transaction, told: Iterable[Flag]) -> None:
    """Keep flags; those of the same keys are replaced."""
    _flags.run(transaction, [_row(one) for one in told])


def get(transaction: Transaction, org_id: OrgId, project_key: str, key: str) -> Flag | None:
    """Return the flag of that key, or None; one that was deleted is returned too, and says so."""
    found = by_key(transaction, org_id, project_key, [key])
    return found[0] if found else None


def by_key(transaction: Transaction, org_id: OrgId, project_key: str, keys: Collection[str]) -> list[Flag]:
    """Return the flags of those keys, by key, those that were deleted too."""
    mine = _f.org_id == org_id, _f.project_key == project_key, _f.key.in_(sorted(set(keys)))
    wanted = select(_f.record).where(*mine).order_by(_f.key)
    return [_decode_flag(record) for record in transaction.execute(wanted).scalars()]


def find(transaction: Transaction, asked: FlagsAsked) -> tuple[list[Flag], int]:
    """Return one page of flags, and how many there are on all pages."""
    narrowed = _narrowed(select(_f.record), asked)
    counted = _narrowed(select(func.count()).select_from(flags), asked)
    page = _ordered(narrowed, asked).offset(asked.offset)
    if asked.limit is not None:
        page = page.limit(asked.limit)
    found = [_decode_flag(record) for record in transaction.execute(page).scalars()]
    return found, transaction.execute(counted).scalar_one()


def put_settings(transaction: Transaction, told: Iterable[FlagSetting]) -> None:
    """Keep what flags are set to in environments; what was known is replaced."""
    _settings.run(
        transaction,
        [
            (
                *(one.org_id, one.project_key, one.environment_key, one.flag_key, one.is_on, one.version),
                *(one.changed_at, _encode(one.targeting).decode(), one.switched_at),
            )
            for one in told
        ],
    )


def settings_of(
    transaction: Transaction,
    org_id: OrgId,
    project_key: str,
    *,
    keys: Collection[str] | None = None,
    environment_keys: Collection[str] | None = None,
) -> list[FlagSetting]:
    """Return what flags are set to, of all flags or those of some keys, in all environments or some."""
    wanted = select(flag_settings).where(_s.org_id == org_id, _s.project_key == project_key)
    if keys is not None:
        wanted = wanted.where(_s.flag_key.in_(sorted(set(keys))))
    if environment_keys is not None:
        wanted = wanted.where(_s.environment_key.in_(sorted(set(environment_keys))))
    rows = transaction.execute(wanted.order_by(_s.flag_key, _s.environment_key))
    return [_setting(row) for row in rows]


def _narrowed(wanted: Select[Any], asked: FlagsAsked) -> Select[Any]:
    wanted = wanted.where(
        _f.org_id == asked.org_id, _f.project_key == asked.project_key, _f.deleted.is_(False)
    )
    for column, truth in ((_f.archived, asked.archived), (_f.temporary, asked.temporary)):
        if truth is not None:
            wanted = wanted.where(column.is_(truth))
    if asked.deprecated is not None:
        unlike = _f.record.like(_NOT_DEPRECATED)
        wanted = wanted.where(~unlike if asked.deprecated else unlike)
    if asked.query:
        wanted = wanted.where(_f.words.contains(asked.query.lower(), autoescape=True))
    for tag in asked.tags:
        wanted = wanted.where(_f.tags.icontains(_encode(tag).decode(), autoescape=True))
    for owner, text in (
        (_f.maintainer, asked.maintainer_id),
        (_f.maintainer_team, asked.maintainer_team_key),
    ):
        if text:
            wanted = wanted.where(owner == text)
    if asked.created_before is not None:
        wanted = wanted.where(_f.created_at < asked.created_before)
    if asked.among is not None:
        wanted = wanted.where(_f.key.in_(sorted(set(asked.among))))
    return wanted.where(_f.key.not_in(sorted(set(asked.besides)))) if asked.besides else wanted


def _ordered(wanted: Select[Any], asked: FlagsAsked) -> Select[Any]:
    columns: dict[str, Any] = {
        "creationDate": _f.created_at,
        "maintainerId": _f.maintainer,
        "name": _f.name,
        "tags": _f.tags,
        "type": _f.temporary,
    }
    if asked.sort == "targetingModifiedDate":
        same = and_(
            _s.org_id == _f.org_id,
            _s.project_key == _f.project_key,
            _s.flag_key == _f.key,
            _s.environment_key == asked.environment_key,
        )
        wanted = wanted.outerjoin(flag_settings, same)
        # Never changed there comes before everything that was.
        columns["targetingModifiedDate"] = func.coalesce(_s.changed_at, 0)
    order = [columns[asked.sort], _f.key] if asked.sort in columns else [_f.key]
    return wanted.order_by(*(column.desc() if asked.descending else column for column in order))


def _row(one: Flag) -> tuple[object, ...]:
    words, tags = f"{one.key}\n{one.name}".lower(), _encode(one.tags).decode()
    owner = one.maintainer.id, one.maintainer.team_key
    state = one.temporary, one.archived_at is not None, one.deleted_at is not None
    times = one.created_at, one.updated_at
    record = _encode(one).decode()
    return one.org_id, one.project_key, one.key, one.name, words, tags, *owner, *state, *times, record


def _setting(row: Row[tuple[object, ...]]) -> FlagSetting:
    return FlagSetting(
        org_id=row.org_id,
        project_key=row.project_key,
        flag_key=row.flag_key,
        environment_key=row.environment_key,
        is_on=row.is_on,
        targeting=_decode_targeting(row.targeting),
        version=row.version,
        changed_at=row.changed_at,
        switched_at=row.switched_at,
    )
