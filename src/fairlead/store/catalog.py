"""The catalogue: every statement that touches its entries and how they are related.

Not here: kinds that users add (`catalog_kinds.py`), and what a document means.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import ColumnElement, Row, Select, and_, delete, insert, or_, select

from fairlead.domain.access import OrgId
from fairlead.domain.catalog import (
    DEFAULT_NAMESPACE,
    SERVICE,
    Entry,
    Ref,
    Relation,
    RelationType,
    Service,
    ref_from,
)
from fairlead.store import spoken
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import catalog_entries, catalog_relations

_t = catalog_entries.c
_r = catalog_relations.c
AnyRow = Row[*tuple[Any, ...]]

_entries = BulkInsert(catalog_entries, [column.name for column in catalog_entries.columns], replaces=True)
_encode = msgspec.json.encode
_decode_texts = msgspec.json.Decoder(list[str]).decode
_ENTRY_COLUMNS = (
    _t.org_id,
    _t.kind,
    _t.namespace,
    _t.name,
    _t.format,
    _t.document,
    _t.told,
    _t.created_at,
    _t.updated_at,
)
_SERVICE_COLUMNS = (
    _t.org_id,
    _t.name,
    _t.team,
    _t.tags,
    _t.source_patterns,
    _t.repository_ids,
    _t.pagerduty_url,
)


# Asked for every batch of events.
_SERVICES_NAMED = (
    f"SELECT name_key, namespace, ref, {', '.join(column.name for column in _SERVICE_COLUMNS)}"  # noqa: S608 — our own names.
    f" FROM catalog_entries WHERE org_id = ? AND name_key {spoken.ONE_OF} AND kind = ?"
)


class EntriesPage(Struct, frozen=True, kw_only=True):
    """Which entries of an organisation are asked for. An empty filter asks for all."""

    ids: Sequence[str] = ()
    refs: Sequence[Ref] = ()
    names: Sequence[str] = ()
    kinds: Sequence[str] = ()
    namespaces: Sequence[str] = ()
    teams: Sequence[str] = ()
    relation_types: Sequence[RelationType] = ()
    """Entries that are one of these to another."""
    offset: int = 0
    limit: int


class RelationsPage(Struct, frozen=True, kw_only=True):
    """Which relations of an organisation are asked for. An empty filter asks for all."""

    types: Sequence[RelationType] = ()
    sources: Sequence[Ref] = ()
    targets: Sequence[Ref] = ()
    offset: int = 0
    limit: int


class KnownRelation(Struct, frozen=True, kw_only=True):
    """A relation as it was told."""

    org_id: OrgId
    relation: Relation
    told_by: Ref
    """The entry whose document says it."""
    created_at: int
    updated_at: int
    """When that document was first and last told."""


def put(transaction: Transaction, entry: Entry, service: Service, relations: Sequence[Relation]) -> None:
    """Keep an entry with what follows from it; one of that name is replaced as a whole."""
    _entries.run(transaction, [_to_row(entry, service)])
    _forget_relations(transaction, entry.org_id, entry.ref)
    rows = [
        {
            "org_id": entry.org_id,
            "told_by": entry.ref.key,
            "position": position,
            "type": relation.type.value,
            "source": str(relation.source),
            "source_key": relation.source.key,
            "target": str(relation.target),
            "target_key": relation.target.key,
        }
        for position, relation in enumerate(relations)
    ]
    if rows:
        transaction.execute(insert(catalog_relations), rows)


def get(transaction: Transaction, org_id: OrgId, ref: Ref) -> Entry | None:
    """Return the entry of that name, or None."""
    row = transaction.execute(select(*_ENTRY_COLUMNS).where(_t.org_id == org_id, _t.ref == ref.key)).first()
    return None if row is None else _entry(row)


def find(transaction: Transaction, org_id: OrgId, page: EntriesPage) -> list[Entry]:
    """Return the entries of one page, by kind, namespace and name."""
    wanted = select(*_ENTRY_COLUMNS).where(_t.org_id == org_id, *_conditions(page))
    wanted = wanted.order_by(_t.ref).offset(page.offset).limit(page.limit)
    return [_entry(row) for row in transaction.execute(wanted)]


def remove(transaction: Transaction, org_id: OrgId, ref: Ref) -> bool:
    """Delete an entry and the relations it tells of; False if there is none."""
    gone = transaction.execute(delete(catalog_entries).where(_t.org_id == org_id, _t.ref == ref.key))
    _forget_relations(transaction, org_id, ref)
    return gone.rowcount > 0


def has_kind(transaction: Transaction, org_id: OrgId, kind: str) -> bool:
    """Tell whether there is an entry of that kind."""
    wanted = select(_t.id).where(_t.org_id == org_id, _of_kind(kind)).limit(1)
    return transaction.execute(wanted).first() is not None


def services(transaction: Transaction, org_id: OrgId, names: Iterable[str]) -> dict[str, Service]:
    """Return the services of those names, by name in lower case.

    Of services of one name in several namespaces the one in `default` counts, else the one whose
    namespace comes first.
    """
    keys = {name.lower() for name in names}
    if not keys:
        return {}
    rows = spoken.plain_rows(transaction, _SERVICES_NAMED, (org_id, spoken.listed(sorted(keys)), SERVICE))
    found = {row[0]: row for row in rows}
    if len(found) < len(rows):
        ordered = sorted(rows, key=lambda row: (row[1] != DEFAULT_NAMESPACE, row[2]), reverse=True)
        found = {row[0]: row for row in ordered}
    return {key: _service(*row[3:]) for key, row in found.items()}


def with_pagerduty(transaction: Transaction, org_id: OrgId) -> list[Service]:
    """Return the services that have an address at PagerDuty, by reference."""
    named = _t.org_id == org_id, _t.pagerduty_url != "", _t.kind == SERVICE
    rows = transaction.execute(select(*_SERVICE_COLUMNS).where(*named).order_by(_t.ref))
    return [_service(*row) for row in rows]


def has_team(transaction: Transaction, org_id: OrgId, team: str) -> bool:
    """Tell whether an entry is a team's of that name."""
    wanted = select(_t.ref).where(_t.org_id == org_id, _t.team == team).limit(1)
    return bool(team) and transaction.execute(wanted).first() is not None


def source_patterns(
    transaction: Transaction, org_id: OrgId, service: str, repository_id: str
) -> tuple[str, ...]:
    """Return the globs of the paths of a repository that belong to a service; none means all of it."""
    known = services(transaction, org_id, [service]).get(service.lower())
    return () if known is None else known.patterns_in(repository_id)


def relations(transaction: Transaction, org_id: OrgId, page: RelationsPage) -> list[KnownRelation]:
    """Return the relations of one page, by the entry that tells of them and their place in it."""
    wanted = _told_relations(org_id)
    for column, values in (
        (_r.type, [type.value for type in page.types]),
        (_r.source_key, [ref.key for ref in page.sources]),
        (_r.target_key, [ref.key for ref in page.targets]),
    ):
        if values:
            wanted = wanted.where(column.in_(values))
    wanted = wanted.order_by(_r.told_by, _r.position).offset(page.offset).limit(page.limit)
    return [_known_relation(row) for row in transaction.execute(wanted)]


def relations_from(transaction: Transaction, org_id: OrgId, refs: Sequence[Ref]) -> list[KnownRelation]:
    """Return all that those entries are to others, whoever says it."""
    if not refs:
        return []
    wanted = _told_relations(org_id).where(_r.source_key.in_([ref.key for ref in refs]))
    wanted = wanted.order_by(_r.source_key, _r.told_by, _r.position)
    return [_known_relation(row) for row in transaction.execute(wanted)]


def _told_relations(org_id: OrgId) -> Select[*tuple[Any, ...]]:
    told = (_r.org_id, _r.type, _r.source, _r.target)
    teller = (_t.kind, _t.namespace, _t.name, _t.created_at, _t.updated_at)
    joined = catalog_relations.join(catalog_entries, and_(_t.org_id == _r.org_id, _t.ref == _r.told_by))
    return select(*told, *teller).select_from(joined).where(_r.org_id == org_id)


def _conditions(page: EntriesPage) -> Iterable[ColumnElement[bool]]:
    for column, values in (
        (_t.id, page.ids),
        (_t.ref, [ref.key for ref in page.refs]),
        (_t.name_key, [name.lower() for name in page.names]),
        (_t.namespace, page.namespaces),
        (_t.team, page.teams),
    ):
        if values:
            yield column.in_(values)
    if page.kinds:
        yield or_(*(_of_kind(kind) for kind in page.kinds))
    if page.relation_types:
        types = [type.value for type in page.relation_types]
        mine = select(_r.position).where(_r.org_id == _t.org_id, _r.source_key == _t.ref, _r.type.in_(types))
        yield mine.exists()


def _of_kind(kind: str) -> ColumnElement[bool]:
    """Return what holds for the entries of a kind, as the stretch of the key that they take up."""
    return and_(_t.ref > f"{kind.lower()}:", _t.ref < f"{kind.lower()};")


def _forget_relations(transaction: Transaction, org_id: OrgId, ref: Ref) -> None:
    transaction.execute(delete(catalog_relations).where(_r.org_id == org_id, _r.told_by == ref.key))


def _to_row(entry: Entry, service: Service) -> tuple[object, ...]:
    return (
        entry.org_id,
        entry.ref.key,
        entry.id,
        entry.ref.kind,
        entry.ref.namespace,
        entry.ref.name,
        entry.ref.name.lower(),
        entry.format,
        entry.document,
        entry.text,
        entry.created_at,
        entry.updated_at,
        service.team,
        _encode(service.tags).decode(),
        _encode(service.source_patterns).decode(),
        _encode(service.repository_ids).decode(),
        service.pagerduty_url,
    )


def _entry(row: AnyRow) -> Entry:
    return Entry(
        org_id=row.org_id,
        ref=Ref(row.kind, row.namespace, row.name),
        format=row.format,
        document=row.document,
        text=row.told,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


@lru_cache(maxsize=4096)
def _service(org_id: OrgId, name: str, team: str, tags: str, *rest: str) -> Service:
    """Return the service that the values of `_SERVICE_COLUMNS` make. Events keep asking for the same."""
    source_patterns, repository_ids, pagerduty_url = rest
    return Service(
        org_id=org_id,
        name=name,
        team=team,
        tags=tuple(_decode_texts(tags)),
        source_patterns=tuple(_decode_texts(source_patterns)),
        repository_ids=tuple(_decode_texts(repository_ids)),
        pagerduty_url=pagerduty_url,
    )


def _known_relation(row: AnyRow) -> KnownRelation:
    source, target = ref_from(row.source, "ref"), ref_from(row.target, "ref")
    return KnownRelation(
        org_id=row.org_id,
        relation=Relation(RelationType(row.type), source, target),
        told_by=Ref(row.kind, row.namespace, row.name),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
