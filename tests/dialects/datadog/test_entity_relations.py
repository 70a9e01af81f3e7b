"""How entities are related, from both ends."""

import pytest
from datadog_api_client.v2.model.include_type import IncludeType
from datadog_api_client.v2.model.relation_include_type import RelationIncludeType
from datadog_api_client.v2.model.relation_type import RelationType

from tests.casts import Cast
from tests.catalog_requests import (
    ENTITIES,
    ENTITY_YAML,
    RELATIONS,
    asked,
    catalog_of,
)


def test_what_an_entity_is_to_others_is_included_on_demand(cast: Cast) -> None:
    cast.ada.send_bytes("POST", ENTITIES, ENTITY_YAML.encode())

    with catalog_of(cast.ada) as api:
        told = api.list_catalog_entity(include=IncludeType.RELATION)

    assert [
        ("team", "default", "payments", "RelationTypeOwnedBy"),
        ("team", "default", "ops", "RelationTypeOtherOwnedBy"),
        ("service", "default", "orders", "RelationTypeDependsOn"),
        ("datastore", "shop", "ledger", "RelationTypeDependsOn"),
    ] == [
        tuple(one.attributes[key] for key in ("kind", "namespace", "name", "type")) for one in told.included
    ]
    related = told.data[0].relationships.related_entities.data
    assert [one.id for one in told.included] == [one.id for one in related]
    assert {"service:default/checkout"} == {one.meta.defined_by for one in told.included}


def test_the_official_client_reads_relations(cast: Cast) -> None:
    cast.ada.send_bytes("POST", ENTITIES, ENTITY_YAML.encode())

    with catalog_of(cast.ada) as api:
        told = api.list_catalog_relation(
            filter_type=RelationType.RELATIONTYPEDEPENDSON,
            filter_from_ref="service:checkout",
            include=RelationIncludeType.ENTITY,
        )

    assert [("checkout", "orders"), ("checkout", "ledger")] == [
        (one.attributes._from.name, one.attributes.to.name) for one in told.data
    ]
    assert [("entity", "checkout")] == [(one.type, one.attributes.name) for one in told.included]
    assert told.included[0].id == told.data[0].relationships.from_entity.data.id


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("filter[type]=RelationTypeOwns", ["payments"]),
        ("filter[to_ref]=datastore:SHOP/ledger", ["checkout"]),
        ("filter[from_ref]=team:ops", ["ops"]),
        ("page[limit]=2&page[offset]=1", ["checkout", "checkout"]),
        ("filter[type]=RelationTypeImplements", []),
    ],
)
def test_relations_are_found_by_every_filter(cast: Cast, query: str, expected: list[str]) -> None:
    cast.ada.send_bytes("POST", ENTITIES, ENTITY_YAML.encode())

    told = asked(cast.ada, f"{RELATIONS}?{query}")

    assert expected == [one["attributes"]["from"]["name"] for one in told["data"]]
    assert len(expected) == told["meta"]["count"]


def test_relations_bring_the_schemas_of_their_ends(cast: Cast) -> None:
    cast.ada.send_bytes("POST", ENTITIES, ENTITY_YAML.encode())

    told = asked(cast.ada, f"{RELATIONS}?include=entity,schema&page[limit]=1")

    assert ["entity", "schema"] == [one["type"] for one in told["included"]]
    assert (
        "/api/v2/catalog/relation?include=entity%2Cschema&page%5Blimit%5D=1&page%5Boffset%5D=1"
        == (told["links"]["next"])
    )
