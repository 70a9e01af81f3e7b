"""Believable documents for Datadog's catalogue, and its official client: what several tests start from.

Not here: who sends them (`casts.py`) and what comes back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v2.api.service_definition_api import ServiceDefinitionApi
from datadog_api_client.v2.api.software_catalog_api import SoftwareCatalogApi

from tests.casts import Person

JSON_API = "application/vnd.api+json"
DEFINITIONS = "/api/v2/services/definitions"
RAW_DEFINITIONS = "/api/v2/services/raw_definitions"
ENTITIES = "/api/v2/catalog/entity"
PREVIEW = "/api/v2/catalog/entity/preview"
KINDS = "/api/v2/catalog/kind"
RELATIONS = "/api/v2/catalog/relation"

PAGERDUTY = "https://shopist.pagerduty.com/service-directory/PCHECKOUT"
FOLDER = "https://github.com/shopist/mono/tree/main/services/checkout"

DEFINITION_YAML = f"""\
schema-version: v2.2
dd-service: checkout
team: payments
contacts:
  - name: Team Email
    type: email
    contact: payments@shopist.com
links:
  - name: Source
    type: repo
    provider: GitHub
    url: {FOLDER}
tags:
  - cost:1
languages: [go, python]
tier: high
integrations:
  pagerduty:
    service-url: {PAGERDUTY}
"""

ENTITY_YAML = f"""\
apiVersion: v3
kind: service
metadata:
  name: checkout
  owner: payments
  additionalOwners:
    - name: ops
      type: operator
  tags: [cost:1]
spec:
  languages: [go]
  dependsOn:
    - service:orders
    - datastore:shop/ledger
datadog:
  codeLocations:
    - repositoryURL: https://github.com/shopist/mono.git
      paths: ['services/checkout/**']
integrations:
  pagerduty:
    serviceURL: {PAGERDUTY}
"""


def a_definition(**changes: Any) -> dict[str, Any]:
    """Return a service definition of v2.2; names are given with `_` for `-`, and None leaves one out."""
    told = {
        "schema-version": "v2.2",
        "dd-service": "checkout",
        "team": "payments",
        "tags": ["cost:1"],
        "languages": ["go"],
    } | {name.replace("_", "-"): value for name, value in changes.items()}
    return {name: value for name, value in told.items() if value is not None}


def an_entity(name: str = "checkout", kind: str = "service", **changes: Any) -> dict[str, Any]:
    """Return an entity of v3; `metadata` adds to what every one has."""
    metadata = {"name": name, "owner": "payments"} | changes.pop("metadata", {})
    return {"apiVersion": "v3", "kind": kind, "metadata": metadata} | changes


@contextmanager
def official_client(person: Person) -> Iterator[ApiClient]:
    """The official Python client, with somebody's keys."""
    configuration = Configuration(host=str(person.http.base_url).rstrip("/"))
    configuration.api_key["apiKeyAuth"] = person.headers["DD-API-KEY"]
    configuration.api_key["appKeyAuth"] = person.headers["DD-APPLICATION-KEY"]
    with ApiClient(configuration) as client:
        yield client


@contextmanager
def definitions_of(person: Person) -> Iterator[ServiceDefinitionApi]:
    """The official client's service definitions."""
    with official_client(person) as client:
        yield ServiceDefinitionApi(client)


@contextmanager
def catalog_of(person: Person) -> Iterator[SoftwareCatalogApi]:
    """The official client's software catalogue."""
    with official_client(person) as client:
        yield SoftwareCatalogApi(client)


def put_entities(person: Person, *documents: Any) -> None:
    """Put entities, one request for each."""
    for document in documents:
        answer = person.post(ENTITIES, document)
        assert 202 == answer.status_code, answer.text


def asked(person: Person, path: str) -> Any:
    """Return what the catalogue answers."""
    answer = person.get(path)
    assert (200, JSON_API) == (answer.status_code, answer.headers["content-type"]), answer.text
    return answer.json()
