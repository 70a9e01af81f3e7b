import base64
import json
from typing import Any
from uuid import UUID

import pytest
from datadog_api_client.exceptions import ApiException, NotFoundException
from datadog_api_client.v2.model.entity_v3_api_version import EntityV3APIVersion
from datadog_api_client.v2.model.entity_v3_metadata import EntityV3Metadata
from datadog_api_client.v2.model.entity_v3_service import EntityV3Service
from datadog_api_client.v2.model.entity_v3_service_kind import EntityV3ServiceKind
from datadog_api_client.v2.model.include_type import IncludeType

from tests.casts import Cast, Person
from tests.catalog_requests import (
    DEFINITIONS,
    ENTITIES,
    ENTITY_YAML,
    JSON_API,
    PREVIEW,
    a_definition,
    an_entity,
    asked,
    catalog_of,
    put_entities,
)

# What was recorded on 2024-08-27, but for names, ids and times.
RECORDED: dict[str, Any] = {
    "apiVersion": "v3",
    "datadog": {
        "codeLocations": [{"paths": []}],
        "events": [{}],
        "logs": [{}],
        "performanceData": {"tags": []},
        "pipelines": {"fingerprints": []},
    },
    "integrations": {
        "opsgenie": {"serviceURL": "https://www.opsgenie.com/service/shopping-cart"},
        "pagerduty": {"serviceURL": "https://www.pagerduty.com/service-directory/Pshopping-cart"},
    },
    "kind": "service",
    "metadata": {
        "additionalOwners": [],
        "contacts": [{"contact": "https://slack/", "type": "slack"}],
        "id": "4b163705-23c0-4573-b2fb-f6cea2163fcb",
        "inheritFrom": "application:default/myapp",
        "links": [{"name": "mylink", "type": "link", "url": "https://mylink"}],
        "name": "my-service",
        "tags": ["this:tag", "that:tag"],
    },
    "spec": {"dependsOn": [], "languages": []},
}


def names(person: Person, query: str = "") -> list[str]:
    return [one["attributes"]["name"] for one in asked(person, ENTITIES + query)["data"]]


def test_an_entity_is_answered_as_recorded(cast: Cast) -> None:
    answer = cast.ada.post(ENTITIES, RECORDED)

    told = answer.json()
    [one] = told["data"]
    id, meta = one["id"], one["meta"]
    managed = {key: meta[key] for key in ("ingestionSource", "createdAt", "modifiedAt")}
    assert (202, JSON_API) == (answer.status_code, answer.headers["content-type"])
    assert id == str(UUID(id)) != RECORDED["metadata"]["id"]
    assert {"ingestionSource": "api", "origin": "unknown"} == {
        key: meta[key] for key in ("ingestionSource", "origin")
    }
    assert {
        "data": [
            {
                "id": id,
                "type": "entity",
                "attributes": {
                    "apiVersion": "v3",
                    "kind": "service",
                    "name": "my-service",
                    "namespace": "default",
                    "tags": ["this:tag", "that:tag"],
                },
                "relationships": {"schema": {"data": {"id": id, "type": "schema"}}},
                "meta": meta,
            }
        ],
        "meta": {"count": 1, "includeCount": 1},
        "included": [
            {
                "id": id,
                "type": "schema",
                "attributes": {
                    "schema": {
                        "apiVersion": "v3",
                        "kind": "service",
                        "metadata": {
                            "name": "my-service",
                            "namespace": "default",
                            "inheritFrom": "application:default/myapp",
                            "tags": ["this:tag", "that:tag"],
                            "links": RECORDED["metadata"]["links"],
                            "contacts": RECORDED["metadata"]["contacts"],
                            "managed": {"origin": {"origin": "unknown"}} | managed,
                        },
                        "integrations": RECORDED["integrations"],
                        "datadog": {
                            "performanceData": {"tags": []},
                            "events": [{"name": "", "query": ""}],
                            "logs": [{"name": "", "query": ""}],
                            "pipelines": {"fingerprints": []},
                            "codeLocations": [{}],
                        },
                        "spec": {},
                    }
                },
            }
        ],
    } == told


def test_the_official_client_upserts_lists_and_deletes(cast: Cast) -> None:
    body = EntityV3Service(
        api_version=EntityV3APIVersion.V3,
        kind=EntityV3ServiceKind.SERVICE,
        metadata=EntityV3Metadata(name="checkout", owner="payments", tags=["cost:1"]),
    )
    with catalog_of(cast.ada) as api:
        made = api.upsert_catalog_entity(body=body)
        listed = api.list_catalog_entity(filter_ref="service:checkout", include=IncludeType.SCHEMA)
        api.delete_catalog_entity("service:default/checkout")
        left = api.list_catalog_entity()

    assert ("checkout", "payments") == (made.data[0].attributes.name, made.data[0].attributes.owner)
    schema = listed.included[0].attributes.schema.get_oneof_instance()
    assert (EntityV3Service, "payments", False) == (type(schema), schema.metadata.owner, schema._unparsed)
    assert [] == left.data


@pytest.mark.parametrize("label", ["application/json", "application/yaml", "text/plain", ""])
def test_yaml_is_taken_whatever_it_is_labelled(cast: Cast, label: str) -> None:
    answer = cast.ada.send_bytes("POST", ENTITIES, ENTITY_YAML.encode(), content_type=label)

    assert (202, "payments") == (answer.status_code, answer.json()["data"][0]["attributes"]["owner"])


def test_the_official_client_sends_yaml_as_a_json_string(cast: Cast) -> None:
    with catalog_of(cast.ada) as api:
        made = api.upsert_catalog_entity(body=ENTITY_YAML)

    assert ["go"] == made.included[0].attributes.schema.spec.languages


def test_the_official_client_reads_every_kind(cast: Cast) -> None:
    kinds = ["api", "datastore", "queue", "service", "system"]
    put_entities(cast.ada, *(an_entity("a", kind, spec={"tier": "1"}) for kind in kinds))

    with catalog_of(cast.ada) as api:
        found = api.list_catalog_entity(include=IncludeType.SCHEMA).included

    assert kinds == [one.attributes.schema.kind.value for one in found]
    assert not any(one.attributes.schema.get_oneof_instance()._unparsed for one in found)


def test_the_original_text_comes_back_in_base64(cast: Cast) -> None:
    cast.ada.send_bytes("POST", ENTITIES, ENTITY_YAML.encode())

    told = asked(cast.ada, f"{ENTITIES}?include=raw_schema&filter[ref]=service:default/checkout")

    [one], [raw] = told["data"], told["included"]
    assert {"rawSchema": {"data": {"id": one["id"], "type": "rawSchema"}}} == one["relationships"]
    assert (one["id"], "rawSchema") == (raw["id"], raw["type"])
    assert ENTITY_YAML == base64.b64decode(raw["attributes"]["rawSchema"]).decode()


def test_a_definition_is_an_entity_with_its_own_version(cast: Cast) -> None:
    cast.ada.post(DEFINITIONS, a_definition())

    told = asked(cast.ada, f"{ENTITIES}?include=schema")

    assert {
        "apiVersion": "v2.2",
        "displayName": "checkout",
        "kind": "service",
        "name": "checkout",
        "namespace": "default",
        "owner": "payments",
        "tags": ["cost:1"],
    } == told["data"][0]["attributes"]
    assert {"languages": ["go"]} == told["included"][0]["attributes"]["schema"]["spec"]


def test_a_definition_and_an_entity_of_one_name_are_one_entry(cast: Cast) -> None:
    cast.ada.post(DEFINITIONS, a_definition())
    put_entities(cast.ada, an_entity(metadata={"owner": "ops"}))

    [one] = asked(cast.ada, ENTITIES)["data"]

    assert ("v3", "ops") == (one["attributes"]["apiVersion"], one["attributes"]["owner"])
    assert one["id"].replace("-", "") == cast.ada.get(f"{DEFINITIONS}/checkout").json()["data"]["id"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter[name]=b", ["b"]),
        ("filter[name]=B&filter[name]=q", ["q", "b"]),
        ("filter[kind]=queue", ["q"]),
        ("filter[owner]=ops", ["b"]),
        ("filter[owner]=nobody", []),
        ("filter[ref]=service:default/a", ["a"]),
        ("filter[ref]=service:shop/b", ["b"]),
        ("filter[ref]=service:b", []),
        ("filter[ref]=a", ["a"]),
        ("filter[id]=not-an-id", []),
        ("filter[relation][type]=RelationTypeDependsOn", ["b"]),
        ("filter[relation][type]=RelationTypeDependencyOf", ["q"]),
        ("filter[exclude_snapshot]=true", ["q", "a", "b"]),
        ("includeDiscovered=true", ["q", "a", "b"]),
        ("filter[kind]=service&filter[owner]=payments", ["a"]),
        ("filter[name]=", ["q", "a", "b"]),
    ],
)
def test_entities_are_found_by_every_filter(cast: Cast, query: str, expected: list[str]) -> None:
    b = {"namespace": "shop", "owner": "ops"}
    put_entities(cast.ada, an_entity("a"), an_entity("q", "queue"))
    put_entities(cast.ada, an_entity("b", metadata=b, spec={"dependsOn": ["queue:q"]}))

    assert expected == names(cast.ada, f"?{query}")


@pytest.mark.parametrize("spelled", ["{}", "{dashless}", "{upper}"])
def test_an_entity_is_found_by_its_id(cast: Cast, spelled: str) -> None:
    put_entities(cast.ada, an_entity("a"), an_entity("b"))
    id = asked(cast.ada, f"{ENTITIES}?filter[name]=b")["data"][0]["id"]
    told = {"{}": id, "{dashless}": id.replace("-", ""), "{upper}": id.upper()}[spelled]

    assert ["b"] == names(cast.ada, f"?filter[id]={told}")


def test_links_lead_from_page_to_page_with_the_same_filter(cast: Cast) -> None:
    put_entities(cast.ada, *(an_entity(name) for name in "abcde"), an_entity("q", "queue"))
    path = f"{ENTITIES}?page[limit]=2&filter[kind]=service&include=schema"

    pages = [asked(cast.ada, path)]
    while "next" in pages[-1]["links"]:
        pages.append(asked(cast.ada, pages[-1]["links"]["next"]))

    assert [["a", "b"], ["c", "d"], ["e"]] == [
        [one["attributes"]["name"] for one in page["data"]] for page in pages
    ]
    assert [(2, 2), (2, 2), (1, 1)] == [(one["meta"]["count"], one["meta"]["includeCount"]) for one in pages]
    start = (
        "/api/v2/catalog/entity?filter%5Bkind%5D=service&include=schema&page%5Blimit%5D=2&page%5Boffset%5D="
    )
    assert [
        {"self": f"{start}0", "next": f"{start}2"},
        {"self": f"{start}2", "next": f"{start}4", "previous": f"{start}0"},
        {"self": f"{start}4", "previous": f"{start}2"},
    ] == [page["links"] for page in pages]


def test_the_official_client_reads_all_pages(cast: Cast) -> None:
    put_entities(cast.ada, *(an_entity(name) for name in "abcde"))

    with catalog_of(cast.ada) as api:
        found = [one.attributes.name for one in api.list_catalog_entity_with_pagination(page_limit=2)]

    assert list("abcde") == found


@pytest.mark.parametrize(
    "query",
    [
        "page[limit]=0",
        "page[limit]=501",
        "page[offset]=-1",
        "page[offset]=a",
        "include=everything",
        "include=schema,x",
        "filter[relation][type]=Owns",
        "filter[ref]=service:",
    ],
)
def test_a_query_that_cannot_be_is_refused_by_the_name_of_its_parameter(cast: Cast, query: str) -> None:
    answer = cast.ada.get(f"{ENTITIES}?{query}")

    assert (400, JSON_API) == (answer.status_code, answer.headers["content-type"])
    assert query.partition("=")[0] in answer.json()["errors"][0]


def test_who_is_on_call_and_what_incidents_there_are_is_not_known_here(cast: Cast) -> None:
    put_entities(cast.ada, an_entity())

    told = asked(cast.ada, f"{ENTITIES}?include=oncall,incident")

    assert {"oncall": {"data": []}, "incidents": {"data": []}} == told["data"][0]["relationships"]
    assert {"count": 1, "includeCount": 0} == told["meta"]


@pytest.mark.parametrize(
    "name",
    [
        "service:checkout",
        "service:default/checkout",
        "service:default%2Fcheckout",
        "service%3Adefault%2Fcheckout",
        "Service:Default/CheckOut",
        "checkout",
        "{id}",
    ],
)
def test_an_entity_is_deleted_by_any_of_its_names(cast: Cast, name: str) -> None:
    put_entities(cast.ada, an_entity())
    id = asked(cast.ada, ENTITIES)["data"][0]["id"]

    answer = cast.ada.delete(f"{ENTITIES}/{name.format(id=id)}")

    assert (204, b"") == (answer.status_code, answer.content)
    assert [] == names(cast.ada)


@pytest.mark.parametrize(
    "name", ["service:nobody", "nobody", "00000000-0000-0000-0000-000000000000", "service:a/b/c", "a" * 500]
)
def test_an_entity_that_is_not_there_is_not_found(cast: Cast, name: str) -> None:
    answer = cast.ada.delete(f"{ENTITIES}/{name}")

    assert (404, JSON_API, {"errors": ["Not Found"]}) == (
        answer.status_code,
        answer.headers["content-type"],
        answer.json(),
    )


@pytest.mark.parametrize("name", ["service:", ":a", "a/b:c", "service:a%2F%20"])
def test_what_cannot_name_an_entity_is_refused(cast: Cast, name: str) -> None:
    answer = cast.ada.delete(f"{ENTITIES}/{name}")

    said = 'attribute "entity_id" must name an entry as name, kind:name or kind:namespace/name'
    assert (400, {"errors": [said]}) == (answer.status_code, answer.json())


def test_the_official_client_is_told_what_it_did_wrong(cast: Cast) -> None:
    with catalog_of(cast.ada) as api:
        with pytest.raises(NotFoundException) as missing:
            api.delete_catalog_entity("service:not-a-service")
        with pytest.raises(ApiException) as wrong:
            api.upsert_catalog_entity(body="apiVersion: v3\nkind: service\nmetadata: {}\n")

    assert {"errors": ["Not Found"]} == missing.value.body
    assert (400, {"errors": ['attribute "name" is required']}) == (wrong.value.status, wrong.value.body)


def test_a_preview_shows_entities_and_keeps_none(cast: Cast) -> None:
    answer = cast.ada.send_bytes("POST", PREVIEW, ENTITY_YAML.encode())

    [one] = answer.json()["data"]
    assert (202, "entity", "checkout") == (answer.status_code, one["type"], one["attributes"]["name"])
    assert "meta" not in one
    assert [] == names(cast.ada)


def test_the_official_client_previews_nothing(cast: Cast) -> None:
    with catalog_of(cast.ada) as api:
        assert [] == api.preview_catalog_entities().data


def test_a_preview_refuses_what_an_upsert_would(cast: Cast) -> None:
    answer = cast.ada.post(PREVIEW, an_entity(kind="my-job"))

    assert (400, {"errors": ['there is no kind "my-job"; add it to the kinds first']}) == (
        answer.status_code,
        answer.json(),
    )


def test_several_documents_of_one_text_are_all_taken_or_none(cast: Cast) -> None:
    good, bad = (json.dumps(an_entity(name)) for name in ("a", "b"))

    taken = cast.ada.send_bytes("POST", ENTITIES, f"--- {good}\n--- {bad}\n".encode())
    refused = cast.ada.send_bytes(
        "POST", ENTITIES, b"--- " + good.replace('"a"', '"c"').encode() + b"\n--- {}\n"
    )

    assert (202, 2, 400) == (taken.status_code, len(taken.json()["data"]), refused.status_code)
    assert ["a", "b"] == names(cast.ada)


def test_a_path_that_leads_nowhere_is_refused_in_shape_b(cast: Cast) -> None:
    answer = cast.ada.get("/api/v2/catalog/nothing")

    assert (404, JSON_API, {"errors": ["Not Found"]}) == (
        answer.status_code,
        answer.headers["content-type"],
        answer.json(),
    )
