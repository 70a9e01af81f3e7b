"""Between the versions of Datadog's service definitions, without asking anybody.

All of them meet in `Definition`, which has the fields of v2, v2.1 and v2.2 together. What a version
has no place for is left out. Recorded traffic shows v2 to v2.1 and Backstage to v2.2; the rest
follows from the schemas. Not here: entities of v3 (`catalog_translate.py`), and answers.
"""

from collections.abc import Iterable
from typing import NamedTuple

from msgspec.structs import replace

from fairlead.dialects.datadog.definitions_wire import (
    BackstageComponent,
    Contact,
    ContactV1,
    Definition,
    DefinitionV1,
    InfoV1,
    Integrations,
    IntegrationsV1,
    Link,
    Opsgenie,
    OrgV1,
    Page,
    PagerDuty,
)

V1, V2, V2_1, V2_2 = "v1", "v2", "v2.1", "v2.2"
VERSIONS = (V1, V2, V2_1, V2_2)

CONTACT_TYPES = ("email", "slack", "microsoft-teams")
"""Those that v2 and v2.1 know; v2.2 takes any."""
_LINK_TYPES_V2 = {"doc", "wiki", "runbook", "url", "repo", "dashboard", "oncall", "code", "link"}
_LINK_TYPES_V2_1 = {"doc", "repo", "runbook", "dashboard", "other"}
_CLOSEST_IN_V2_1 = {"wiki": "doc", "code": "repo"}
REPO, DOC = "repo", "doc"
_OTHER = "other"


class _Urls(NamedTuple):
    """What third parties have about a service."""

    pagerduty: str
    opsgenie: Opsgenie | None


def as_version(told: Definition, version: str) -> Definition | DefinitionV1:
    """Return a definition in `version`, one of `VERSIONS`; in its own it keeps all that version has."""
    match version:
        case "v1":
            return _as_v1(told)
        case "v2":
            return _as_v2(told)
        case "v2.1":
            return _as_v2_1(told)
        case _:
            return _as_v2_2(told)


def from_v1(told: DefinitionV1) -> Definition:
    """Return what a definition of v1 says; its display name has no place here."""
    org, contact = told.org or OrgV1(), told.contact or ContactV1()
    integrations = told.integrations or IntegrationsV1()
    contacts = (("email", contact.email), ("slack", contact.slack))
    links = list(told.external_resources)
    if integrations.github:
        links.append(Link(name="Source", url=integrations.github, type=REPO, provider="github"))
    return Definition(
        schema_version=V1,
        dd_service=told.info.dd_service,
        team=org.team,
        application=org.application,
        description=told.info.description,
        tier=told.info.service_tier,
        contacts=tuple(Contact(type=type, contact=text) for type, text in contacts if text),
        links=tuple(links),
        tags=told.tags,
        integrations=Integrations(pagerduty=integrations.pagerduty) if integrations.pagerduty else None,
        extensions=told.extensions,
    )


def from_backstage(told: BackstageComponent) -> Definition:
    """Return what Datadog makes of a Backstage component, as recorded: annotations become tags."""
    metadata, spec = told.metadata, told.spec
    named = (("backstage.type", spec.type), ("namespace", metadata.namespace), ("system", spec.system))
    tags = {f"{key}:{value}" for key, value in (*metadata.annotations.items(), *named) if value}
    links = (Link(name=link.title or link.url, url=link.url, type=_OTHER) for link in metadata.links)
    return Definition(
        schema_version=V2_2,
        dd_service=metadata.name,
        # An owner may be spelled as a reference, `group:default/checkout`.
        team=spec.owner.rpartition(":")[2].rpartition("/")[2],
        application=spec.system,
        description=metadata.description,
        lifecycle=spec.lifecycle,
        links=tuple(links),
        tags=tuple(sorted(tags | set(metadata.tags))),
    )


def all_links(told: Definition) -> list[Link]:
    """Return links, repositories and documents as links, each with a type."""
    links = [replace(link, type=link.type or _OTHER) for link in told.links]
    pages = ((told.repos, REPO), (told.docs, DOC))
    more = (Link(page.name, page.url, type, page.provider) for some, type in pages for page in some)
    return [*links, *more]


def pagerduty_url(told: Definition) -> str:
    """Return the address of the service at PagerDuty, or nothing."""
    return _urls(told).pagerduty


def _as_v2_2(told: Definition) -> Definition:
    return replace(
        told,
        schema_version=V2_2,
        dd_team="",
        team=told.team or told.dd_team,
        links=tuple(all_links(told)),
        repos=(),
        docs=(),
        integrations=_with_objects(_urls(told)),
    )


def _as_v2_1(told: Definition) -> Definition:
    links = (replace(link, type=_closest(link.type)) for link in all_links(told))
    return replace(
        _as_v2_2(told),
        schema_version=V2_1,
        links=tuple(links),
        contacts=_known(told.contacts),
        type="",
        languages=(),
        ci_pipeline_fingerprints=(),
    )


def _as_v2(told: Definition) -> Definition:
    links, repos, docs = list(told.links), list(told.repos), list(told.docs)
    if told.schema_version not in (V1, V2):
        links = [link for link in told.links if link.type not in (REPO, DOC)]
        repos += [Page(link.name, link.url, link.provider) for link in told.links if link.type == REPO]
        docs += [Page(link.name, link.url, link.provider) for link in told.links if link.type == DOC]
    urls = _urls(told)
    texts = Integrations(pagerduty=urls.pagerduty or None, opsgenie=urls.opsgenie)
    return Definition(
        schema_version=V2,
        dd_service=told.dd_service,
        dd_team=told.dd_team,
        team=told.team,
        contacts=_known(told.contacts),
        links=tuple(replace(link, type=_type_v2(link), provider="") for link in links),
        repos=tuple(repos),
        docs=tuple(docs),
        tags=told.tags,
        integrations=texts if any(urls) else None,
        extensions=told.extensions,
    )


def _as_v1(told: Definition) -> DefinitionV1:
    links = (replace(link, type=_type_v2(link), provider="") for link in all_links(told))
    org = OrgV1(team=told.team or told.dd_team, application=told.application)
    contact = ContactV1(email=_first(told.contacts, "email"), slack=_first(told.contacts, "slack"))
    pagerduty = _urls(told).pagerduty
    return DefinitionV1(
        schema_version=V1,
        info=InfoV1(told.dd_service, description=told.description, service_tier=told.tier),
        org=org if org != OrgV1() else None,
        contact=contact if contact != ContactV1() else None,
        external_resources=tuple(links),
        tags=told.tags,
        integrations=IntegrationsV1(pagerduty=pagerduty) if pagerduty else None,
        extensions=told.extensions,
    )


def _urls(told: Definition) -> _Urls:
    integrations = told.integrations or Integrations()
    pagerduty, opsgenie = integrations.pagerduty, integrations.opsgenie
    url = pagerduty.service_url if isinstance(pagerduty, PagerDuty) else pagerduty or ""
    return _Urls(url, opsgenie if opsgenie and opsgenie.service_url else None)


def _with_objects(urls: _Urls) -> Integrations | None:
    pagerduty = PagerDuty(urls.pagerduty) if urls.pagerduty else None
    return Integrations(pagerduty, urls.opsgenie) if any(urls) else None


def _known(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    return tuple(contact for contact in contacts if contact.type in CONTACT_TYPES)


def _first(contacts: Iterable[Contact], type: str) -> str:
    return next((contact.contact for contact in contacts if contact.type == type), "")


def _closest(type: str) -> str:
    return type if type in _LINK_TYPES_V2_1 else _CLOSEST_IN_V2_1.get(type, _OTHER)


def _type_v2(link: Link) -> str:
    return link.type if link.type in _LINK_TYPES_V2 else "link"
