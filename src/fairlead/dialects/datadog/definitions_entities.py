"""Between Datadog's service definitions and its entities of v3, both ways.

What one has no place for is left out: a definition has no relations but its application, an entity
no team handle. Not here: the versions of definitions among themselves (`definitions_translate.py`).
"""

import msgspec

from fairlead.dialects.datadog.catalog_wire import (
    Entity,
    EntityContact,
    EntityDatadog,
    EntityIntegrations,
    EntityLink,
    EntityOpsgenie,
    EntityPagerDuty,
    Metadata,
    Pipelines,
    Spec,
)
from fairlead.dialects.datadog.definitions_translate import V2_2, all_links, pagerduty_url
from fairlead.dialects.datadog.definitions_wire import (
    Contact,
    Definition,
    Integrations,
    Link,
    Opsgenie,
    PagerDuty,
)
from fairlead.domain.catalog import DEFAULT_NAMESPACE, SERVICE

_SYSTEM = "system:"
_SHORTEST_CONTACT_NAME = 2


def entity_from(told: Definition, format: str, display_name: str = "") -> Entity:
    """Return a definition as a service of the default namespace, whose version is the author's."""
    metadata = Metadata(
        name=told.dd_service,
        namespace=DEFAULT_NAMESPACE,
        # As recorded: what has no name for people shows the one it has.
        display_name=display_name or told.dd_service,
        description=told.description,
        owner=told.team or told.dd_team,
        tags=told.tags,
        links=tuple(EntityLink(link.name, link.url, link.type, link.provider) for link in all_links(told)),
        contacts=tuple(_entity_contact(contact) for contact in told.contacts),
    )
    pipelines = Pipelines(told.ci_pipeline_fingerprints) if told.ci_pipeline_fingerprints else None
    return Entity(
        api_version=format,
        kind=SERVICE,
        metadata=metadata,
        extensions=told.extensions,
        integrations=_entity_integrations(told),
        datadog=EntityDatadog(pipelines=pipelines) if pipelines else None,
        spec=msgspec.to_builtins(_spec(told)) or None,
    )


def definition_from(entity: Entity) -> Definition:
    """Return what a definition of v2.2 can say of an entity."""
    metadata, datadog = entity.metadata, entity.datadog or EntityDatadog()
    spec = msgspec.convert(entity.spec or {}, Spec)
    systems = (ref.removeprefix(_SYSTEM) for ref in spec.component_of if ref.startswith(_SYSTEM))
    return Definition(
        schema_version=V2_2,
        dd_service=metadata.name,
        team=metadata.owner,
        application=next(systems, "").rpartition("/")[2],
        description=metadata.description,
        tier=spec.tier,
        lifecycle=spec.lifecycle,
        type=spec.type,
        languages=spec.languages,
        contacts=tuple(Contact(one.type, one.contact, one.name) for one in metadata.contacts),
        links=tuple(Link(one.name, one.url, one.type, one.provider) for one in metadata.links),
        tags=metadata.tags,
        integrations=_integrations(entity.integrations or EntityIntegrations()),
        extensions=entity.extensions,
        ci_pipeline_fingerprints=(datadog.pipelines or Pipelines()).fingerprints,
    )


def _spec(told: Definition) -> Spec:
    return Spec(
        lifecycle=told.lifecycle,
        tier=told.tier,
        type=told.type,
        languages=told.languages,
        component_of=(_SYSTEM + told.application,) if told.application else (),
    )


def _entity_contact(contact: Contact) -> EntityContact:
    # A name of one letter is a warning there, and more than clients take here.
    name = contact.name if len(contact.name) >= _SHORTEST_CONTACT_NAME else ""
    return EntityContact(contact.type, contact.contact, name)


def _entity_integrations(told: Definition) -> EntityIntegrations | None:
    url, opsgenie = pagerduty_url(told), told.integrations.opsgenie if told.integrations else None
    paged = EntityPagerDuty(url) if url else None
    alerted = None
    if opsgenie is not None and opsgenie.service_url:
        alerted = EntityOpsgenie(opsgenie.service_url, opsgenie.region)
    return EntityIntegrations(paged, alerted) if paged or alerted else None


def _integrations(told: EntityIntegrations) -> Integrations | None:
    paged = PagerDuty(told.pagerduty.service_url) if told.pagerduty else None
    alerted = Opsgenie(told.opsgenie.service_url, told.opsgenie.region) if told.opsgenie else None
    return Integrations(paged, alerted) if paged or alerted else None
