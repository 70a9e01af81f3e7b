"""What the software catalogue answers with: entities, kinds and relations, as recorded.

Not here: reading documents (`catalog_documents.py`), and service definitions
(`definitions_answers.py`).
"""

import base64
import uuid
from collections.abc import Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.dialects.datadog.catalog_documents import Told, told_by
from fairlead.dialects.datadog.catalog_listing import RELATION_NAMES
from fairlead.dialects.datadog.catalog_wire import (
    Count,
    EntitiesFetched,
    EntitiesPreviewed,
    Entity,
    EntityAttributes,
    EntityMeta,
    EntityObject,
    EntityRelationships,
    Identifier,
    Included,
    KindAttributes,
    KindMeta,
    KindObject,
    KindsFetched,
    Links,
    ListMeta,
    Managed,
    Origin,
    RawSchemaAttributes,
    RelatedAttributes,
    RelatedMeta,
    RelationAttributes,
    RelationEnd,
    RelationMeta,
    RelationObject,
    RelationRelationships,
    RelationsFetched,
    SchemaAttributes,
    ToMany,
    ToOne,
)
from fairlead.domain.catalog import Entry, Ref, entry_id
from fairlead.domain.catalog_kinds import Kind
from fairlead.domain.instants import to_rfc3339
from fairlead.usecases.find_entries import KnownRelation

ENTITY, RELATED, SCHEMA, RAW_SCHEMA = "entity", "relatedEntity", "schema", "rawSchema"
SOURCE = "api"
ORIGIN = "unknown"
_RELATION_IDS = uuid.UUID("e0c4a0a4-1b1f-5d3a-9a6b-6f2d1f0c7b33")
_SCHEMA_VERSIONS = ("v3", "v2.2", "v2.1", "v2")


class _Seen(Struct, frozen=True):
    """An entry that is shown, with what its document says and what it is to others."""

    entry: Entry
    told: Told
    relations: Sequence[KnownRelation]


def entities_fetched(
    entries: Iterable[Entry],
    includes: Sequence[str],
    relations: Iterable[KnownRelation] = (),
    links: Links | None = None,
) -> EntitiesFetched:
    """Return a page of entities with what is to be included."""
    by_source: dict[str, list[KnownRelation]] = {}
    for known in relations:
        by_source.setdefault(known.relation.source.key, []).append(known)
    seen = [_Seen(entry, told_by(entry), by_source.get(entry.ref.key, [])) for entry in entries]
    included = [one for some in seen for one in _included(some, includes)]
    return EntitiesFetched(
        data=[_entity_object(some, includes) for some in seen],
        meta=ListMeta(count=len(seen), include_count=len(included)),
        links=links,
        included=included,
    )


def previewed(entries: Iterable[Entry]) -> EntitiesPreviewed:
    """Return entities that are not kept, and so have no times."""
    seen = (_Seen(entry, told_by(entry), ()) for entry in entries)
    return EntitiesPreviewed([replace(_entity_object(one, ()), meta=None) for one in seen])


def kinds_fetched(kinds: Sequence[Kind]) -> KindsFetched:
    """Return a page of kinds."""
    return KindsFetched([_kind_object(kind) for kind in kinds], Count(len(kinds)))


def _kind_object(kind: Kind) -> KindObject:
    return KindObject(
        id=kind.id,
        type="kind",
        attributes=KindAttributes(kind.name, kind.display_name, kind.description),
        meta=KindMeta(to_rfc3339(kind.created_at), to_rfc3339(kind.updated_at)),
    )


def relations_fetched(
    found: Sequence[KnownRelation], entries: Iterable[Entry], includes: Sequence[str], links: Links
) -> RelationsFetched:
    """Return a page of relations with what is to be included about the entries at their ends."""
    seen = [_Seen(entry, told_by(entry), ()) for entry in entries]
    included: list[Included] = []
    if "entity" in includes:
        objects = (_entity_object(one, ()) for one in seen)
        included += [Included(one.id, one.type, one.attributes, one.meta) for one in objects]
    if "schema" in includes:
        included += [_schema(one) for one in seen]
    return RelationsFetched(
        data=[_relation_object(known) for known in found],
        meta=ListMeta(count=len(found), include_count=len(included)),
        links=links,
        included=included,
    )


def _entity_object(seen: _Seen, includes: Sequence[str]) -> EntityObject:
    entry, metadata = seen.entry, seen.told.entity.metadata
    return EntityObject(
        id=entry.id,
        type=ENTITY,
        attributes=EntityAttributes(
            api_version=entry.format,
            kind=entry.ref.kind,
            name=entry.ref.name,
            namespace=entry.ref.namespace,
            description=metadata.description,
            display_name=metadata.display_name,
            owner=metadata.owner,
            tags=metadata.tags,
        ),
        meta=EntityMeta(to_rfc3339(entry.created_at), to_rfc3339(entry.updated_at), SOURCE, ORIGIN),
        relationships=_relationships(seen, includes),
    )


def _relationships(seen: _Seen, includes: Sequence[str]) -> EntityRelationships | None:
    """Return where in `included` the rest is. Nothing here knows who is on call, or of incidents."""
    id, org_id = seen.entry.id, seen.entry.org_id
    related = [Identifier(entry_id(org_id, known.relation.target), RELATED) for known in seen.relations]
    relationships = EntityRelationships(
        schema=ToOne(Identifier(id, SCHEMA)) if "schema" in includes else None,
        raw_schema=ToOne(Identifier(id, RAW_SCHEMA)) if "raw_schema" in includes else None,
        related_entities=ToMany(related) if "relation" in includes else None,
        oncall=ToMany([]) if "oncall" in includes else None,
        incidents=ToMany([]) if "incident" in includes else None,
    )
    return relationships if relationships != EntityRelationships() else None


def _included(seen: _Seen, includes: Sequence[str]) -> list[Included]:
    included = []
    if "schema" in includes:
        included.append(_schema(seen))
    if "raw_schema" in includes:
        raw = base64.b64encode(seen.entry.text.encode()).decode()
        included.append(Included(seen.entry.id, RAW_SCHEMA, RawSchemaAttributes(raw)))
    if "relation" in includes:
        included += [_related(known) for known in seen.relations]
    return included


def _schema(seen: _Seen) -> Included:
    return Included(seen.entry.id, SCHEMA, SchemaAttributes(_managed(seen.entry, seen.told.entity)))


def _managed(entry: Entry, entity: Entity) -> Entity:
    """Return an entity with what the catalogue adds to it, as recorded."""
    created, modified = to_rfc3339(entry.created_at), to_rfc3339(entry.updated_at)
    managed = Managed(Origin(ORIGIN), SOURCE, created, modified)
    # Typed clients know these versions alone.
    version = entity.api_version if entity.api_version in _SCHEMA_VERSIONS else _SCHEMA_VERSIONS[0]
    return replace(entity, api_version=version, metadata=replace(entity.metadata, managed=managed))


def _related(known: KnownRelation) -> Included:
    target, type = known.relation.target, RELATION_NAMES[known.relation.type]
    created, modified = to_rfc3339(known.created_at), to_rfc3339(known.updated_at)
    return Included(
        id=entry_id(known.org_id, target),
        type=RELATED,
        attributes=RelatedAttributes(target.kind, target.namespace, target.name, type),
        meta=RelatedMeta(created, modified, str(known.told_by), SOURCE),
    )


def _relation_object(known: KnownRelation) -> RelationObject:
    org_id, relation, type = known.org_id, known.relation, RELATION_NAMES[known.relation.type]
    identity = f"{org_id}/{known.told_by.key}/{type}/{relation.source.key}/{relation.target.key}"
    created, modified = to_rfc3339(known.created_at), to_rfc3339(known.updated_at)
    return RelationObject(
        id=str(uuid.uuid5(_RELATION_IDS, identity)),
        type="relation",
        attributes=RelationAttributes(_end(relation.source), _end(relation.target), type),
        meta=RelationMeta(created, modified, str(known.told_by), SOURCE),
        relationships=RelationRelationships(
            from_entity=ToOne(Identifier(entry_id(org_id, relation.source), ENTITY)),
            to_entity=ToOne(Identifier(entry_id(org_id, relation.target), ENTITY)),
        ),
    )


def _end(ref: Ref) -> RelationEnd:
    return RelationEnd(ref.kind, ref.namespace, ref.name)
