"""Which of Datadog's schemas a catalogue document is in, and what it says.

A document is recognised by itself: service definitions name a `schema-version`, entities of v3 and
Backstage's components an `apiVersion`. Every endpoint takes all of them. Numbers and truth values
are texts in these schemas, and authors of YAML forget quotes, so outside the free parts they are
read as they print; null means absent. Not here: bodies (`intake.documents`).
"""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from fairlead.dialects.datadog.catalog_translate import description_of, normal
from fairlead.dialects.datadog.catalog_wire import Entity, KindRequest
from fairlead.dialects.datadog.definitions_entities import definition_from, entity_from
from fairlead.dialects.datadog.definitions_translate import V1, VERSIONS, from_backstage, from_v1
from fairlead.dialects.datadog.definitions_wire import BackstageComponent, Definition, DefinitionV1
from fairlead.domain.access import OrgId
from fairlead.domain.catalog import SERVICE, Entry, ref_to
from fairlead.domain.catalog_kinds import Kind, new_kind
from fairlead.domain.errors import Rejected
from fairlead.intake.decoding import decode
from fairlead.intake.documents import Document
from fairlead.usecases.put_entries import EntryTold

_T = TypeVar("_T")

V3 = "v3"
_BACKSTAGE = "backstage.io/"
_COMPONENT = "Component"
_API_VERSIONS = (V3, *VERSIONS)
# What is free, and what only answers have.
_FREE = frozenset({"extensions", "definition"})
_READ_ONLY = frozenset({"managed"})

_definition = msgspec.json.Decoder(Definition)
_definition_v1 = msgspec.json.Decoder(DefinitionV1)
_component = msgspec.json.Decoder(BackstageComponent)
_entity = msgspec.json.Decoder(Entity)
_kind = msgspec.json.Decoder(KindRequest)


class Told(Struct, frozen=True):
    """What a document says, in the shapes of both families."""

    format: str
    """The version its author named."""
    entity: Entity
    definition: Definition
    v1: DefinitionV1 | None = None
    """Of a definition in v1, all of it."""


def told_in(document: dict[str, Any]) -> Told:
    """Return what a document says.

    Raises:
        Rejected: it is in none of the schemas, or not as that schema has it.
    """
    tidy = _tidied(document)
    if "schema-version" in tidy or "dd-service" in tidy or "info" in tidy:
        return _told_definition(tidy)
    version = tidy.get("apiVersion")
    if isinstance(version, str) and version.startswith(_BACKSTAGE):
        return _told_component(tidy)
    if version not in _API_VERSIONS:
        detail = f'attribute "apiVersion" must be "{V3}", or "schema-version" one of "{" ".join(VERSIONS)}"'
        raise Rejected(detail, field="apiVersion")
    entity = normal(_shaped(_entity, tidy), document.get("spec"))
    return Told(entity.api_version, entity, definition_from(entity))


def entry_from(document: Document, org_id: OrgId, now: int) -> EntryTold:
    """Return the entry that a document makes.

    Raises:
        Rejected: as `told_in`, or a name or reference in it cannot be one.
    """
    told = told_in(document.value)
    metadata = told.entity.metadata
    entry = Entry(
        org_id=org_id,
        ref=ref_to(told.entity.kind, metadata.name, metadata.namespace),
        format=told.format,
        document=msgspec.json.encode(document.value).decode(),
        text=document.text,
        created_at=now,
        updated_at=now,
    )
    return EntryTold(entry=entry, said=description_of(told.entity))


def told_by(entry: Entry) -> Told:
    """Return what the document of an entry says."""
    return told_in(msgspec.json.decode(entry.document))


def kinds_from(documents: Iterable[Document], org_id: OrgId, now: int) -> list[Kind]:
    """Return the kinds that documents describe.

    Raises:
        Rejected: one is not as the schema has it, or its name cannot be one.
    """
    told = [_shaped(_kind, _tidied(document.value)) for document in documents]
    return [new_kind(org_id, one.kind, one.display_name, one.description, now) for one in told]


def require_services(entries: list[EntryTold]) -> list[EntryTold]:
    """Return `entries` if all of them are services, which is what definitions are about.

    Raises:
        Rejected: one is something else, or is outside the namespace that definitions name.
    """
    for one in entries:
        if one.entry.ref != ref_to(SERVICE, one.entry.ref.name):
            raise Rejected(f"{one.entry.ref} is not a service of the default namespace", field="kind")
    return entries


def _told_definition(tidy: dict[str, Any]) -> Told:
    version = tidy.get("schema-version", V1 if "info" in tidy else None)
    if version == V1:
        v1 = _shaped(_definition_v1, tidy)
        v1.schema_version = V1
        definition = from_v1(v1)
        return Told(V1, entity_from(definition, V1, v1.info.display_name), definition, v1)
    if version not in (*VERSIONS, V3):
        detail = f'attribute "schema-version" must be one of "{" ".join(VERSIONS)}"'
        raise Rejected(detail, field="schema-version")
    definition = _shaped(_definition, tidy)
    if not definition.dd_service.strip():
        raise Rejected('attribute "dd-service" is required', field="dd-service")
    return Told(version, entity_from(definition, version), definition)


def _told_component(tidy: dict[str, Any]) -> Told:
    component = _shaped(_component, tidy)
    if component.kind != _COMPONENT:
        detail = f'attribute "kind" of a Backstage document must be "{_COMPONENT}"'
        raise Rejected(detail, field="kind")
    definition = from_backstage(component)
    return Told(component.api_version, entity_from(definition, component.api_version), definition)


def _shaped(decoder: "msgspec.json.Decoder[_T]", tidy: dict[str, Any]) -> _T:
    """Return a document as the shape that `decoder` was made for, which says where it is not."""
    return decode(decoder, msgspec.json.encode(tidy))


def _tidied(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: inner if key in _FREE else _tidied(inner)
            for key, inner in value.items()
            if inner is not None and key not in _READ_ONLY
        }
    if isinstance(value, list):
        return [_tidied(inner) for inner in value if inner is not None]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else value
