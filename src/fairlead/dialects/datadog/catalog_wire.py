"""The shapes of Datadog's software catalogue, letter for letter: entities of v3, kinds, relations.

What is empty is left out of answers, except where recorded answers show it. Not here: what any of
it means (`catalog_translate.py`).
"""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

_NonEmpty = Annotated[str, Meta(min_length=1)]


class EntityContact(Struct, omit_defaults=True):
    type: str
    contact: str
    name: Annotated[str, Meta(min_length=2)] = ""


class EntityLink(Struct, omit_defaults=True):
    name: str
    url: str
    type: str = ""
    provider: str = ""


class Owner(Struct, omit_defaults=True):
    name: str
    type: str = ""


class Origin(Struct):
    origin: str


class Managed(Struct, rename="camel"):
    origin: Origin
    ingestion_source: str
    created_at: str
    modified_at: str


class Metadata(Struct, rename="camel", omit_defaults=True):
    name: _NonEmpty
    namespace: str = ""
    display_name: str = ""
    inherit_from: str = ""
    description: str = ""
    tags: tuple[str, ...] = ()
    owner: str = ""
    links: tuple[EntityLink, ...] = ()
    contacts: tuple[EntityContact, ...] = ()
    additional_owners: tuple[Owner, ...] = ()
    managed: Managed | None = None
    """In answers; what is sent is not looked at."""


class EntityPagerDuty(Struct):
    service_url: _NonEmpty = field(name="serviceURL")


class EntityOpsgenie(Struct, omit_defaults=True):
    service_url: _NonEmpty = field(name="serviceURL")
    region: _NonEmpty = ""


class EntityIntegrations(Struct, omit_defaults=True):
    pagerduty: EntityPagerDuty | None = None
    opsgenie: EntityOpsgenie | None = None


class CodeLocation(Struct, omit_defaults=True):
    repository_url: str = field(default="", name="repositoryURL")
    paths: tuple[str, ...] = ()


class NamedQuery(Struct):
    name: str = ""
    query: str = ""


class PerformanceData(Struct):
    tags: tuple[str, ...] = ()


class Pipelines(Struct):
    fingerprints: tuple[str, ...] = ()


class EntityDatadog(Struct, rename="camel", omit_defaults=True):
    performance_data: PerformanceData | None = None
    events: tuple[NamedQuery, ...] = ()
    logs: tuple[NamedQuery, ...] = ()
    pipelines: Pipelines | None = None
    code_locations: tuple[CodeLocation, ...] = ()


class Spec(Struct, rename="camel", omit_defaults=True):
    lifecycle: _NonEmpty = ""
    tier: _NonEmpty = ""
    languages: tuple[str, ...] = ()
    type: str = ""
    depends_on: tuple[str, ...] = ()
    component_of: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    implemented_by: tuple[str, ...] = ()
    interface: dict[str, Any] = field(default_factory=dict)


class Entity(Struct, rename="camel", omit_defaults=True):
    api_version: str
    kind: _NonEmpty
    metadata: Metadata
    extensions: dict[str, Any] = field(default_factory=dict)
    integrations: EntityIntegrations | None = None
    datadog: EntityDatadog | None = None
    spec: dict[str, Any] | None = None
    """A `Spec`, or anything where the kind is one that users added."""


class EntityAttributes(Struct, rename="camel", omit_defaults=True):
    api_version: str
    kind: str
    name: str
    namespace: str
    description: str = ""
    display_name: str = ""
    owner: str = ""
    tags: tuple[str, ...] = ()


class EntityMeta(Struct, rename="camel"):
    created_at: str
    modified_at: str
    ingestion_source: str
    origin: str


class Identifier(Struct):
    id: str
    type: str


class ToOne(Struct):
    data: Identifier


class ToMany(Struct):
    data: list[Identifier]


class EntityRelationships(Struct, rename="camel", omit_defaults=True):
    schema: ToOne | None = None
    raw_schema: ToOne | None = None
    related_entities: ToMany | None = None
    oncall: ToMany | None = None
    incidents: ToMany | None = None


class EntityObject(Struct, omit_defaults=True):
    id: str
    type: str
    attributes: EntityAttributes
    meta: EntityMeta | None = None
    relationships: EntityRelationships | None = None


class SchemaAttributes(Struct):
    schema: Entity


class RawSchemaAttributes(Struct, rename="camel"):
    raw_schema: str


class RelatedAttributes(Struct):
    kind: str
    namespace: str
    name: str
    type: str


class RelatedMeta(Struct):
    created_at: str = field(name="createdAt")
    modified_at: str = field(name="modifiedAt")
    defined_by: str
    source: str


class Included(Struct, omit_defaults=True):
    id: str
    type: str
    attributes: Any
    """`SchemaAttributes`, `RawSchemaAttributes`, `RelatedAttributes` or `EntityAttributes`."""
    meta: Any = None
    """`RelatedMeta` or `EntityMeta`."""


class ListMeta(Struct, rename="camel"):
    count: int
    include_count: int


class Links(Struct, omit_defaults=True):
    self: str
    next: str = ""
    previous: str = ""


class EntitiesFetched(Struct, omit_defaults=True):
    data: list[EntityObject]
    meta: ListMeta
    links: Links | None = None
    included: list[Included] = field(default_factory=list)


class EntitiesPreviewed(Struct):
    data: list[EntityObject]


class KindRequest(Struct, rename="camel"):
    kind: str
    display_name: str = ""
    description: str = ""


class KindAttributes(Struct, rename="camel", omit_defaults=True):
    name: str
    display_name: str
    description: str = ""


class KindMeta(Struct, rename="camel"):
    created_at: str
    modified_at: str


class KindObject(Struct):
    id: str
    type: str
    attributes: KindAttributes
    meta: KindMeta


class Count(Struct):
    count: int


class KindsFetched(Struct):
    data: list[KindObject]
    meta: Count


class RelationEnd(Struct):
    kind: str
    namespace: str
    name: str


class RelationAttributes(Struct, rename={"source": "from", "target": "to"}):
    source: RelationEnd
    target: RelationEnd
    type: str


class RelationMeta(Struct, rename="camel"):
    created_at: str
    modified_at: str
    defined_by: str
    source: str


class RelationRelationships(Struct, rename="camel"):
    from_entity: ToOne
    to_entity: ToOne


class RelationObject(Struct):
    id: str
    type: str
    attributes: RelationAttributes
    meta: RelationMeta
    relationships: RelationRelationships


class RelationsFetched(Struct, omit_defaults=True):
    data: list[RelationObject]
    meta: ListMeta
    links: Links
    included: list[Included] = field(default_factory=list)


EntityRequest = Entity | str
"""A document, or a text that holds documents."""
KindBody = KindRequest | str
