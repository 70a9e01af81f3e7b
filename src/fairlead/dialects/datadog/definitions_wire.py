"""The shapes of Datadog's service definitions, letter for letter: v1, v2 to v2.2, and Backstage's.

One shape stands for v2, v2.1 and v2.2, each of which uses a part of it. What is empty is left out
of answers. Not here: what any of it means (`definitions_translate.py`).
"""

from typing import Any

from msgspec import Struct, field


class Contact(Struct, omit_defaults=True):
    type: str
    contact: str
    name: str = ""


class Link(Struct, omit_defaults=True):
    name: str
    url: str
    type: str = ""
    provider: str = ""


class Page(Struct, omit_defaults=True):
    """An element of v2's `repos` and `docs`."""

    name: str
    url: str
    provider: str = ""


class PagerDuty(Struct, rename="kebab", omit_defaults=True):
    service_url: str = ""


class Opsgenie(Struct, rename="kebab", omit_defaults=True):
    service_url: str = ""
    region: str = ""


class Integrations(Struct, omit_defaults=True):
    pagerduty: str | PagerDuty | None = None
    """A text up to v2, an object from v2.1 on."""
    opsgenie: Opsgenie | None = None


class Definition(Struct, rename="kebab", omit_defaults=True):
    schema_version: str
    dd_service: str
    dd_team: str = ""
    team: str = ""
    application: str = ""
    description: str = ""
    tier: str = ""
    lifecycle: str = ""
    type: str = ""
    languages: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()
    links: tuple[Link, ...] = ()
    repos: tuple[Page, ...] = ()
    docs: tuple[Page, ...] = ()
    tags: tuple[str, ...] = ()
    integrations: Integrations | None = None
    extensions: dict[str, Any] = field(default_factory=dict)
    ci_pipeline_fingerprints: tuple[str, ...] = ()


class InfoV1(Struct, rename="kebab", omit_defaults=True):
    dd_service: str
    display_name: str = ""
    description: str = ""
    service_tier: str = ""


class OrgV1(Struct, omit_defaults=True):
    team: str = ""
    application: str = ""


class ContactV1(Struct, omit_defaults=True):
    email: str = ""
    slack: str = ""


class IntegrationsV1(Struct, omit_defaults=True):
    pagerduty: str = ""
    github: str = ""


class DefinitionV1(Struct, rename="kebab", omit_defaults=True):
    info: InfoV1
    schema_version: str = ""
    org: OrgV1 | None = None
    contact: ContactV1 | None = None
    external_resources: tuple[Link, ...] = ()
    tags: tuple[str, ...] = ()
    integrations: IntegrationsV1 | None = None
    extensions: dict[str, Any] = field(default_factory=dict)


class BackstageLink(Struct):
    url: str
    title: str = ""


class BackstageMetadata(Struct):
    name: str
    namespace: str = ""
    description: str = ""
    annotations: dict[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    links: tuple[BackstageLink, ...] = ()


class BackstageSpec(Struct):
    type: str = ""
    lifecycle: str = ""
    owner: str = ""
    system: str = ""


class BackstageComponent(Struct, rename="camel"):
    api_version: str
    kind: str
    metadata: BackstageMetadata
    spec: BackstageSpec


class MetaWarning(Struct, rename="kebab"):
    instance_location: str
    keyword_location: str
    message: str


class Meta(Struct, rename="kebab"):
    last_modified_time: str
    github_html_url: str
    ingestion_source: str
    origin: str
    origin_detail: str
    warnings: list[MetaWarning]
    ingested_schema_version: str


class DefinitionAttributes(Struct):
    meta: Meta
    schema: Any
    """A `Definition` or a `DefinitionV1`."""


class DefinitionObject(Struct, omit_defaults=True):
    type: str
    attributes: DefinitionAttributes
    id: str = ""
    """Absent from the answer to a POST."""


class DefinitionFetched(Struct):
    data: DefinitionObject


class DefinitionsFetched(Struct):
    data: list[DefinitionObject]


class RawAttributes(Struct, rename="kebab"):
    raw_content: str


class RawObject(Struct):
    type: str
    attributes: RawAttributes


class RawFetched(Struct):
    data: RawObject
