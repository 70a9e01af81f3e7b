"""Kinds of entities that users add."""

from typing import Any

import pytest
from datadog_api_client.v2.model.kind_obj import KindObj

from tests.casts import Cast
from tests.catalog_requests import (
    ENTITIES,
    KINDS,
    an_entity,
    asked,
    catalog_of,
    put_entities,
)


def test_the_official_client_adds_lists_and_deletes_kinds(cast: Cast) -> None:
    with catalog_of(cast.ada) as api:
        made = api.upsert_catalog_kind(body=KindObj(kind="my-job", description="Runs at night"))
        api.upsert_catalog_kind(body="kind: other-job\ndisplayName: Jobs\n")
        listed = api.list_catalog_kind()
        one = api.list_catalog_kind(filter_name="other-job")
        api.delete_catalog_kind("my-job")
        left = api.list_catalog_kind()

    [kind] = made.data
    assert ("kind", "my-job", "My Job", "Runs at night") == (
        kind.type,
        kind.attributes.name,
        kind.attributes.display_name,
        kind.attributes.description,
    )
    assert (["my-job", "other-job"], 2) == ([one.attributes.name for one in listed.data], listed.meta.count)
    assert [["other-job"], ["other-job"]] == [
        [one.attributes.name for one in page.data] for page in (one, left)
    ]


def test_entities_may_be_of_a_kind_that_was_added(cast: Cast) -> None:
    cast.ada.post(KINDS, {"kind": "my-job"})
    put_entities(cast.ada, an_entity("nightly", "my-job", spec={"every": 24}))

    told = asked(cast.ada, f"{ENTITIES}?filter[kind]=my-job&include=schema")
    refused = cast.ada.delete(f"{KINDS}/my-job")

    assert {"every": 24} == told["included"][0]["attributes"]["schema"]["spec"]
    assert (400, {"errors": ['there are entries of the kind "my-job"; delete these first']}) == (
        refused.status_code,
        refused.json(),
    )


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, 'attribute "kind" is required'),
        ({"kind": "My Job"}, 'attribute "kind" must be in kebab-case'),
        ({"kind": ["a"]}, 'attribute "kind" must be a string'),
    ],
)
def test_a_kind_that_cannot_be_is_refused(cast: Cast, body: Any, said: str) -> None:
    answer = cast.ada.post(KINDS, body)

    assert 400 == answer.status_code
    assert said in answer.json()["errors"][0]


def test_a_kind_that_is_not_there_is_not_found(cast: Cast) -> None:
    assert (404, {"errors": ["Not Found"]}) == (
        (answer := cast.ada.delete(f"{KINDS}/nobody")).status_code,
        answer.json(),
    )
