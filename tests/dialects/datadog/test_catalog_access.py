"""Who may do what with the catalogue, and the wall between two organisations."""

import json
from typing import Any

import pytest

from fairlead.domain.access import Permission
from tests.casts import Cast, Person
from tests.catalog_requests import (
    DEFINITIONS,
    ENTITIES,
    ENTITY_YAML,
    KINDS,
    PREVIEW,
    RAW_DEFINITIONS,
    RELATIONS,
    a_definition,
    an_entity,
)

Request = tuple[str, str, Any]

READING: list[Request] = [
    ("GET", DEFINITIONS, None),
    ("GET", f"{DEFINITIONS}/checkout", None),
    ("GET", f"{RAW_DEFINITIONS}/checkout", None),
    ("GET", ENTITIES, None),
    ("POST", PREVIEW, an_entity()),
    ("GET", KINDS, None),
    ("GET", RELATIONS, None),
]
WRITING: list[Request] = [
    ("POST", DEFINITIONS, a_definition()),
    ("DELETE", f"{DEFINITIONS}/checkout", None),
    ("POST", ENTITIES, an_entity()),
    ("DELETE", f"{ENTITIES}/service:checkout", None),
    ("POST", KINDS, {"kind": "my-job"}),
    ("DELETE", f"{KINDS}/my-job", None),
]
EVERYTHING = READING + WRITING


def prepared(person: Person) -> None:
    """Put what the requests are about."""
    for path, body in ((DEFINITIONS, a_definition()), (KINDS, {"kind": "my-job"})):
        assert person.post(path, body).status_code in (200, 202)


def named(request: Request) -> str:
    return f"{request[0]} {request[1]}"


def media_type(request: Request) -> str:
    return "application/json" if "/services/" in request[1] else "application/vnd.api+json"


@pytest.mark.parametrize("request_sent", READING, ids=named)
def test_reading_takes_the_permission_to_read_and_no_other(cast: Cast, request_sent: Request) -> None:
    prepared(cast.ada)
    reader, _, _ = cast.newcomer(Permission.APM_SERVICE_CATALOG_READ)
    writer, _, _ = cast.newcomer(Permission.APM_SERVICE_CATALOG_WRITE)

    allowed, refused = reader.send(*request_sent), writer.send(*request_sent)

    assert allowed.status_code < 300
    assert (403, media_type(request_sent)) == (refused.status_code, refused.headers["content-type"])
    assert {
        "errors": ["Forbidden", "this key lacks the permission apm_service_catalog_read"]
    } == refused.json()


@pytest.mark.parametrize("request_sent", WRITING, ids=named)
def test_writing_takes_the_permission_to_write_and_no_other(cast: Cast, request_sent: Request) -> None:
    prepared(cast.ada)
    reader, _, _ = cast.newcomer(Permission.APM_SERVICE_CATALOG_READ, Permission.DORA_METRICS_WRITE)
    writer, _, _ = cast.newcomer(Permission.APM_SERVICE_CATALOG_WRITE)

    refused, allowed = reader.send(*request_sent), writer.send(*request_sent)

    assert allowed.status_code < 300
    assert (403, media_type(request_sent)) == (refused.status_code, refused.headers["content-type"])
    assert {
        "errors": ["Forbidden", "this key lacks the permission apm_service_catalog_write"]
    } == refused.json()


@pytest.mark.parametrize("request_sent", EVERYTHING, ids=named)
def test_strangers_and_pipelines_are_refused_in_shape_b(cast: Cast, request_sent: Request) -> None:
    answers = [person.send(*request_sent) for person in (cast.nobody, cast.eve, cast.robot)]

    assert {(403, media_type(request_sent))} == {
        (one.status_code, one.headers["content-type"]) for one in answers
    }
    assert [["API key required"], ["Forbidden"], ["Forbidden"]] == [one.json()["errors"] for one in answers]


@pytest.mark.parametrize("request_sent", EVERYTHING, ids=named)
def test_a_token_is_enough(cast: Cast, request_sent: Request) -> None:
    prepared(cast.ada)

    assert cast.tom.send(*request_sent).status_code < 300


def test_nothing_of_one_organisation_is_seen_by_another(cast: Cast) -> None:
    secret = ENTITY_YAML.replace("checkout", "secret").replace("payments", "secret-team")
    cast.ada.send_bytes("POST", ENTITIES, secret.encode())
    cast.ada.post(KINDS, {"kind": "secret-job"})
    id = cast.ada.get(ENTITIES).json()["data"][0]["id"]
    queries = (
        "filter[name]=secret",
        "filter[ref]=service:secret",
        f"filter[id]={id}",
        "filter[kind]=service",
        "filter[owner]=secret-team",
        "filter[relation][type]=RelationTypeOwnedBy",
        "include=schema,raw_schema,relation",
        "page[limit]=500&includeDiscovered=true",
    )
    paths = (
        DEFINITIONS,
        f"{DEFINITIONS}/secret",
        f"{RAW_DEFINITIONS}/secret",
        ENTITIES,
        *(f"{ENTITIES}?{query}" for query in queries),
        KINDS,
        f"{KINDS}?filter[name]=secret-job",
        RELATIONS,
        f"{RELATIONS}?include=entity,schema",
        f"{RELATIONS}?filter[to_ref]=team:secret-team",
        f"{RELATIONS}?filter[from_ref]=service:secret",
    )

    for path in paths:
        told = cast.zoe.get(path).json()
        told.pop("links", None)
        assert "secret" not in json.dumps(told), path
        assert not told.get("data"), path


def test_nothing_of_one_organisation_is_changed_by_another(cast: Cast) -> None:
    prepared(cast.ada)
    ids = [cast.ada.get(path).json()["data"][0]["id"] for path in (ENTITIES, KINDS)]
    paths = (
        f"{DEFINITIONS}/checkout",
        f"{ENTITIES}/service:checkout",
        f"{ENTITIES}/{ids[0]}",
        f"{KINDS}/my-job",
        f"{KINDS}/{ids[1]}",
    )

    assert [404] * len(paths) == [cast.zoe.delete(path).status_code for path in paths]
    cast.zoe.post(DEFINITIONS, a_definition(team="theirs"))
    assert "payments" == cast.ada.get(ENTITIES).json()["data"][0]["attributes"]["owner"]
    assert 400 == cast.zoe.post(ENTITIES, an_entity(kind="my-job")).status_code


def test_equal_names_in_two_organisations_have_different_ids(cast: Cast) -> None:
    for person in (cast.ada, cast.zoe):
        prepared(person)

    ids = [person.get(ENTITIES).json()["data"][0]["id"] for person in (cast.ada, cast.zoe)]

    assert ids[0] != ids[1]
