import base64
import re
from typing import Any

import pytest
from datadog_api_client.exceptions import NotFoundException
from datadog_api_client.v2.model.service_definition_schema_versions import ServiceDefinitionSchemaVersions
from datadog_api_client.v2.model.service_definition_v1 import ServiceDefinitionV1
from datadog_api_client.v2.model.service_definition_v2 import ServiceDefinitionV2
from datadog_api_client.v2.model.service_definition_v2_dot1 import ServiceDefinitionV2Dot1
from datadog_api_client.v2.model.service_definition_v2_dot2 import ServiceDefinitionV2Dot2
from datadog_api_client.v2.model.service_definition_v2_dot2_version import ServiceDefinitionV2Dot2Version

from tests.casts import Cast, Person
from tests.catalog_requests import (
    DEFINITION_YAML,
    DEFINITIONS,
    ENTITIES,
    ENTITY_YAML,
    PAGERDUTY,
    RAW_DEFINITIONS,
    a_definition,
    an_entity,
    definitions_of,
)

JSON = "application/json"
NOTHING_THERE = {"errors": ["Not Found"], "error_details": [{}]}
V2 = {
    "schema-version": "v2",
    "dd-service": "checkout",
    "dd-team": "my-team",
    "team": "my-team",
    "contacts": [{"type": "email", "contact": "contact@datadoghq.com", "name": "Team Email"}],
    "links": [{"name": "Runbook", "type": "runbook", "url": "https://my-runbook"}],
    "repos": [{"name": "Source Code", "provider": "GitHub", "url": "https://github.com/DataDog/schema"}],
    "docs": [{"name": "Architecture", "provider": "google drive", "url": "https://gdrive/mydoc"}],
    "tags": ["my:tag", "service:tag"],
    "integrations": {
        "pagerduty": PAGERDUTY,
        "opsgenie": {"service-url": "https://my-org.opsgenie.com/service/1", "region": "US"},
    },
    "extensions": {"myorgextension": "extensionvalue"},
}


def put(person: Person, body: Any) -> Any:
    answer = person.post(DEFINITIONS, body)
    assert 200 == answer.status_code, answer.text
    return answer.json()


def names(person: Person, query: str = "") -> list[str]:
    answer = person.get(DEFINITIONS + query)
    assert 200 == answer.status_code, answer.text
    return [one["attributes"]["schema"]["dd-service"] for one in answer.json()["data"]]


def test_a_definition_is_answered_as_recorded(cast: Cast) -> None:
    answer = cast.ada.post(DEFINITIONS, V2)

    meta = answer.json()["data"][0]["attributes"].pop("meta")
    told = answer.json()
    told["data"][0]["attributes"].pop("meta")
    assert (200, JSON) == (answer.status_code, answer.headers["content-type"])
    assert {"data": [{"type": "service-definition", "attributes": {"schema": V2}}]} == told
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z", meta.pop("last-modified-time"))
    assert {
        "github-html-url": "",
        "ingestion-source": "api",
        "origin": "unknown",
        "origin-detail": "",
        "warnings": [],
        "ingested-schema-version": "v2",
    } == meta


def test_a_definition_is_fetched_with_an_id(cast: Cast) -> None:
    [put_one] = put(cast.ada, V2)["data"]

    answer = cast.ada.get(f"{DEFINITIONS}/checkout")

    found = answer.json()["data"]
    assert (200, JSON) == (answer.status_code, answer.headers["content-type"])
    assert re.fullmatch("[0-9a-f]{32}", found.pop("id"))
    assert put_one == found


def test_the_official_client_creates_fetches_lists_and_deletes(cast: Cast) -> None:
    with definitions_of(cast.ada) as api:
        body = ServiceDefinitionV2Dot2(
            dd_service="checkout",
            schema_version=ServiceDefinitionV2Dot2Version.V2_2,
            team="payments",
            languages=["go"],
        )
        created = api.create_or_update_service_definitions(body=body)
        fetched = api.get_service_definition("checkout")
        listed = api.list_service_definitions()
        api.delete_service_definition("checkout")

        with pytest.raises(NotFoundException) as refusal:
            api.get_service_definition("checkout")

    assert ["payments"] == [one.attributes.schema.team for one in created.data]
    assert "payments" == fetched.data.attributes.schema.team
    assert [fetched.data.id] == [one.id for one in listed.data]
    assert NOTHING_THERE == refusal.value.body


def test_the_official_client_sends_yaml_as_a_json_string(cast: Cast) -> None:
    with definitions_of(cast.ada) as api:
        api.create_or_update_service_definitions(body=DEFINITION_YAML)
        schema = api.get_service_definition("checkout").data.attributes.schema

    assert ("payments", ["go", "python"], PAGERDUTY) == (
        schema.team,
        schema.languages,
        schema.integrations.pagerduty.service_url,
    )


def test_terraform_sends_yaml_as_it_is_labelled_json(cast: Cast) -> None:
    answer = cast.ada.send_bytes("POST", DEFINITIONS, DEFINITION_YAML.encode(), content_type=JSON)

    assert (200, "checkout") == (
        answer.status_code,
        answer.json()["data"][0]["attributes"]["schema"]["dd-service"],
    )


@pytest.mark.parametrize(
    ("version", "shape"),
    [
        ("v1", ServiceDefinitionV1),
        ("v2", ServiceDefinitionV2),
        ("v2.1", ServiceDefinitionV2Dot1),
        ("v2.2", ServiceDefinitionV2Dot2),
    ],
)
@pytest.mark.parametrize("body", [V2, DEFINITION_YAML], ids=["v2", "v2.2"])
def test_the_official_client_reads_every_version(cast: Cast, body: Any, version: str, shape: type) -> None:
    put(cast.ada, body)
    wanted = ServiceDefinitionSchemaVersions(version)

    with definitions_of(cast.ada) as api:
        one = api.get_service_definition("checkout", schema_version=wanted).data.attributes.schema
        [other] = api.list_service_definitions(schema_version=wanted).data

    assert {shape} == {type(found.get_oneof_instance()) for found in (one, other.attributes.schema)}
    assert not one.get_oneof_instance()._unparsed


def test_a_definition_of_v1_is_taken_too(cast: Cast) -> None:
    v1 = {"schema-version": "v1", "info": {"dd-service": "checkout"}, "org": {"team": "payments"}}

    put(cast.ada, v1)

    assert v1 == cast.ada.get(f"{DEFINITIONS}/checkout").json()["data"]["attributes"]["schema"]


def test_a_wrong_version_is_refused(cast: Cast) -> None:
    answer = cast.ada.get(f"{DEFINITIONS}?schema_version=v3")

    assert (400, JSON) == (answer.status_code, answer.headers["content-type"])
    assert {"errors": ['parameter "schema_version" must be one of "v1 v2 v2.1 v2.2"']} == answer.json()


def test_a_backstage_document_is_shown_in_v2_2_and_kept_to_the_letter(cast: Cast) -> None:
    text = (
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: checkout\n"
        "spec:\n  type: service\n  owner: payments\n  system: shop\n"
    )

    answer = cast.ada.send_bytes("POST", DEFINITIONS, text.encode(), content_type=JSON)
    raw = cast.ada.get(f"{RAW_DEFINITIONS}/checkout").json()["data"]

    told = answer.json()["data"][0]["attributes"]
    assert "backstage.io/v1alpha1" == told["meta"]["ingested-schema-version"]
    assert {
        "schema-version": "v2.2",
        "dd-service": "checkout",
        "team": "payments",
        "application": "shop",
        "tags": ["backstage.type:service", "system:shop"],
    } == told["schema"]
    assert "raw-service-definition" == raw["type"]
    assert text == base64.b64decode(raw["attributes"]["raw-content"]).decode()


def test_an_entity_of_v3_is_a_definition_too(cast: Cast) -> None:
    assert 202 == cast.ada.post(ENTITIES, ENTITY_YAML).status_code

    told = cast.ada.get(f"{DEFINITIONS}/checkout").json()["data"]["attributes"]

    assert "v3" == told["meta"]["ingested-schema-version"]
    assert {
        "schema-version": "v2.2",
        "dd-service": "checkout",
        "team": "payments",
        "tags": ["cost:1"],
        "languages": ["go"],
        "integrations": {"pagerduty": {"service-url": PAGERDUTY}},
    } == told["schema"]


def test_odd_contacts_are_warned_about_and_kept(cast: Cast) -> None:
    contacts = [
        {"name": "AA", "type": "slack", "contact": "AAA"},
        {"name": "BB", "type": "email", "contact": "BBB"},
    ]

    [found] = put(cast.ada, {"schema-version": "v2", "dd-service": "checkout", "contacts": contacts})["data"]

    assert contacts == found["attributes"]["schema"]["contacts"]
    item = "/properties/contacts/items/$ref/allOf"
    assert [
        {
            "keyword-location": f"{item}/1/then/properties/contact/pattern",
            "instance-location": "/contacts/0/contact",
            "message": "does not match pattern "
            r"'https://[a-zA-Z0-9_\\-]+.slack\\.com/archives/[a-zA-Z0-9_\\-]+'",
        },
        {
            "keyword-location": f"{item}/0/then/properties/contact/format",
            "instance-location": "/contacts/1/contact",
            "message": "'BBB' is not valid 'email'",
        },
    ] == found["attributes"]["meta"]["warnings"]


def test_a_definition_told_again_replaces_the_one_before(cast: Cast) -> None:
    put(cast.ada, a_definition(tags=["a:1"]))
    before = cast.ada.get(f"{DEFINITIONS}/checkout").json()["data"]
    put(cast.ada, a_definition(dd_service="CheckOut", team="ops", tags=None))

    after = cast.ada.get(f"{DEFINITIONS}/CHECKOUT").json()["data"]

    assert before["id"] == after["id"]
    assert a_definition(dd_service="CheckOut", team="ops", tags=None) == after["attributes"]["schema"]
    assert ["CheckOut"] == names(cast.ada)


def test_several_documents_of_one_text_are_all_taken(cast: Cast) -> None:
    text = "---\nschema-version: v2\ndd-service: a\n---\nschema-version: v2.2\ndd-service: b\n"

    answer = cast.ada.send_bytes("POST", DEFINITIONS, text.encode())

    assert 2 == len(answer.json()["data"])
    assert ["a", "b"] == names(cast.ada)


def test_of_several_documents_one_that_is_wrong_refuses_all(cast: Cast) -> None:
    text = "---\nschema-version: v2\ndd-service: a\n---\nschema-version: v2.2\n"

    answer = cast.ada.send_bytes("POST", DEFINITIONS, text.encode())

    assert (400, {"errors": ['attribute "dd-service" is required']}) == (answer.status_code, answer.json())
    assert [] == names(cast.ada)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [f"s{n:02}" for n in range(10)]),
        ("?page[size]=3", ["s00", "s01", "s02"]),
        ("?page[size]=5&page[number]=2", ["s10", "s11"]),
        ("?page[size]=100", [f"s{n:02}" for n in range(12)]),
        ("?page[number]=9", []),
    ],
)
def test_definitions_are_read_page_by_page(cast: Cast, query: str, expected: list[str]) -> None:
    text = "".join(f"---\nschema-version: v2\ndd-service: s{n:02}\n" for n in range(12))
    cast.ada.send_bytes("POST", DEFINITIONS, text.encode())

    assert expected == names(cast.ada, query)


def test_the_official_client_reads_all_pages(cast: Cast) -> None:
    text = "".join(f"---\nschema-version: v2\ndd-service: s{n:02}\n" for n in range(12))
    cast.ada.send_bytes("POST", DEFINITIONS, text.encode())

    with definitions_of(cast.ada) as api:
        found = list(api.list_service_definitions_with_pagination(page_size=5))

    assert 12 == len(found)


@pytest.mark.parametrize(
    "query",
    [
        "page[size]=0",
        "page[size]=101",
        "page[size]=x",
        "page[number]=-1",
        "page[number]=99999999999",
        "page[size]=1.5",
    ],
)
def test_a_page_that_cannot_be_is_refused(cast: Cast, query: str) -> None:
    answer = cast.ada.get(f"{DEFINITIONS}?{query}")

    assert 400 == answer.status_code
    assert f'parameter "{query.partition("=")[0]}" must be a whole number' in answer.json()["errors"][0]


def test_the_list_is_of_services_of_the_default_namespace(cast: Cast) -> None:
    for entity in (an_entity("a"), an_entity("b", "queue"), an_entity("c", metadata={"namespace": "shop"})):
        cast.ada.post(ENTITIES, entity)

    assert ["a"] == names(cast.ada)


@pytest.mark.parametrize("name", ["a/b", "a%2Fb", "A%20b", "%C3%A4:1"])
def test_a_name_may_have_any_character(cast: Cast, name: str) -> None:
    told = {"a/b": "a/b", "a%2Fb": "a/b", "A%20b": "a b", "%C3%A4:1": "ä:1"}[name]
    put(cast.ada, a_definition(dd_service=told))

    answer = cast.ada.get(f"{DEFINITIONS}/{name}")

    assert (200, told) == (answer.status_code, answer.json()["data"]["attributes"]["schema"]["dd-service"])


def test_a_definition_is_deleted(cast: Cast) -> None:
    put(cast.ada, a_definition())

    answer = cast.ada.delete(f"{DEFINITIONS}/Checkout")

    assert (204, b"", "text/html; charset=utf-8") == (
        answer.status_code,
        answer.content,
        answer.headers["content-type"],
    )
    assert [] == names(cast.ada)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize("name", ["nobody", "a" * 300, "%00", "%ff", "a%0Ab"])
def test_a_definition_that_is_not_there_is_not_found(cast: Cast, method: str, name: str) -> None:
    answer = cast.ada.send(method, f"{DEFINITIONS}/{name}")

    assert (404, JSON, NOTHING_THERE) == (answer.status_code, answer.headers["content-type"], answer.json())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "must hold an object"),
        (b"{}", 'attribute "apiVersion" must be'),
        (b'{"dd-service":"a"}', 'attribute "schema-version" must be one of "v1 v2 v2.1 v2.2"'),
        (b'{"schema-version":"v2.2"}', 'attribute "dd-service" is required'),
        (b'{"schema-version":"v2.2","dd-service":"a","tags":"b"}', 'attribute "tags" must be an array'),
        (b'{"schema-version":"v2.2","dd-service":"' + b"a" * 201 + b'"}', "longer than 200 characters"),
        (b'{"schema-version":"v2.2","dd-service":"a\\u0000b"}', "holds a NUL"),
        (b'{"apiVersion":"v3","kind":"queue","metadata":{"name":"a"}}', "queue:default/a is not a service"),
        (b"a: b: c", "neither JSON nor YAML"),
    ],
)
def test_a_definition_that_cannot_be_is_refused_in_shape_b(cast: Cast, body: bytes, said: str) -> None:
    answer = cast.ada.send_bytes("POST", DEFINITIONS, body)

    assert (400, JSON) == (answer.status_code, answer.headers["content-type"])
    [text] = answer.json()["errors"]
    assert said in text
    assert [] == names(cast.ada)
