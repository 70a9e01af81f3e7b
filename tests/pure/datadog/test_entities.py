"""Entities of v3: what they say, and what goes back."""

from typing import Any

import msgspec
import pytest

from fairlead.dialects.datadog.catalog_documents import entry_from, told_in
from fairlead.dialects.datadog.catalog_wire import Entity
from fairlead.dialects.datadog.definitions_translate import V2_2, as_version
from fairlead.domain.catalog import CodeLocation, Ref, RelationType
from fairlead.domain.errors import Rejected
from fairlead.intake.documents import documents_in
from fairlead.usecases.put_entries import EntryTold
from tests.factories import NOON, ORG_ID

DEFINITION: dict[str, Any] = {
    "schema-version": "v2.2",
    "dd-service": "checkout",
    "team": "payments",
    "application": "shop",
    "description": "Takes money",
    "tier": "1",
    "lifecycle": "production",
    "type": "web",
    "languages": ["go", "python"],
    "contacts": [{"type": "pager", "contact": "https://pager/1"}],
    "links": [
        {"name": "Source", "url": "https://github.com/shopist/checkout", "type": "repo", "provider": "GitHub"}
    ],
    "tags": ["cost:1"],
    "integrations": {
        "pagerduty": {"service-url": "https://shopist.pagerduty.com/service-directory/P1"},
        "opsgenie": {"service-url": "https://shopist.opsgenie.com/service/1", "region": "EU"},
    },
    "extensions": {"shopist.com/rank": {"n": 1}},
    "ci-pipeline-fingerprints": ["fp1"],
}


def entity(document: dict[str, Any]) -> Entity:
    return told_in(document).entity


def travelled(shape: Any) -> Any:
    """Return a shape as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(shape))


def entry(document: dict[str, Any]) -> EntryTold:
    [read] = documents_in(msgspec.json.encode(document))
    return entry_from(read, ORG_ID, NOON)


def test_a_definition_is_an_entity_too() -> None:
    expected = {
        "apiVersion": "v2.2",
        "kind": "service",
        "metadata": {
            "name": "checkout",
            "namespace": "default",
            "displayName": "checkout",
            "description": "Takes money",
            "owner": "payments",
            "tags": ["cost:1"],
            "links": DEFINITION["links"],
            "contacts": DEFINITION["contacts"],
        },
        "extensions": DEFINITION["extensions"],
        "integrations": {
            "pagerduty": {"serviceURL": "https://shopist.pagerduty.com/service-directory/P1"},
            "opsgenie": {"serviceURL": "https://shopist.opsgenie.com/service/1", "region": "EU"},
        },
        "datadog": {"pipelines": {"fingerprints": ["fp1"]}},
        "spec": {
            "lifecycle": "production",
            "tier": "1",
            "languages": ["go", "python"],
            "type": "web",
            "componentOf": ["system:shop"],
        },
    }

    assert expected == travelled(entity(DEFINITION))


def test_an_entity_made_of_a_definition_makes_the_same_definition() -> None:
    made = told_in(travelled(entity(DEFINITION))).definition

    assert DEFINITION == travelled(as_version(made, V2_2))


def test_the_name_for_people_is_that_of_v1() -> None:
    v1 = {"schema-version": "v1", "info": {"dd-service": "checkout", "display-name": "Check-out"}}

    assert "Check-out" == entity(v1).metadata.display_name


def test_an_entity_says_what_it_is_to_others() -> None:
    document = {
        "apiVersion": "v3",
        "kind": "Service",
        "metadata": {
            "name": "checkout",
            "namespace": "shop",
            "owner": "payments",
            "additionalOwners": [{"name": "ops", "type": "operator"}, {"name": ""}],
        },
        "spec": {"dependsOn": ["orders", "datastore:db"], "componentOf": ["shop", "system:eu/shop"]},
        "datadog": {
            "codeLocations": [{"repositoryURL": "https://github.com/shopist/mono", "paths": ["a/**"]}]
        },
    }

    told = entry(document)

    assert Ref("service", "shop", "checkout") == told.entry.ref
    assert [
        (RelationType.OWNED_BY, "team:default/payments"),
        (RelationType.OTHER_OWNED_BY, "team:default/ops"),
        (RelationType.DEPENDS_ON, "service:default/orders"),
        (RelationType.DEPENDS_ON, "datastore:default/db"),
        (RelationType.PART_OF, "system:default/shop"),
        (RelationType.PART_OF, "system:eu/shop"),
    ] == [(type, str(ref)) for type, ref in told.said.targets]
    assert (CodeLocation("https://github.com/shopist/mono", ("a/**",)),) == told.said.code_locations


@pytest.mark.parametrize(
    ("kind", "kept"),
    [
        ("service", {"type", "tier", "lifecycle", "languages", "dependsOn", "componentOf"}),
        ("datastore", {"type", "tier", "lifecycle", "componentOf"}),
        ("queue", {"type", "tier", "lifecycle", "componentOf"}),
        ("system", {"tier", "lifecycle", "components"}),
        ("api", {"type", "tier", "lifecycle", "implementedBy", "interface"}),
    ],
)
def test_an_entity_goes_back_with_what_its_kind_has_a_place_for(kind: str, kept: set[str]) -> None:
    texts = {"type": "a", "tier": "1", "lifecycle": "b", "unheard": "of"}
    lists = ("languages", "dependsOn", "componentOf", "components", "implementedBy")
    spec = texts | {name: ["a"] for name in lists} | {"interface": {"fileRef": "a"}}

    found = entity({"apiVersion": "v3", "kind": kind, "metadata": {"name": "a"}, "spec": spec})

    assert kept == set(found.spec or {})


def test_a_kind_that_users_added_keeps_all_of_its_spec() -> None:
    spec = {"every": 5, "deep": {"er": [1, None]}}

    found = entity({"apiVersion": "v3", "kind": "my-job", "metadata": {"name": "a"}, "spec": spec})

    assert spec == found.spec


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kind": ""}, 'attribute "kind" must be a string of length >= 1'),
        ({"kind": None}, 'attribute "kind" is required'),
        ({"metadata": {"name": ""}}, 'attribute "name" must be a string of length >= 1'),
        ({"metadata": {}}, 'attribute "name" is required'),
        ({"metadata": None}, 'attribute "metadata" is required'),
        ({"metadata": {"name": "a", "namespace": "b/c"}}, 'attribute "name" must name an entry'),
        (
            {"metadata": {"name": "a", "contacts": [{"type": "b", "contact": "c", "name": "d"}]}},
            "length >= 2",
        ),
        ({"metadata": {"name": "a", "links": [{"name": "b", "type": "c"}]}}, 'attribute "url" is required'),
        ({"spec": {"dependsOn": "a"}}, 'attribute "dependsOn" must be an array'),
        ({"spec": {"dependsOn": ["service:"]}}, 'attribute "dependsOn" must name an entry'),
        ({"spec": {"tier": ""}}, 'attribute "tier" must be a string of length >= 1'),
        ({"spec": ["a"]}, 'attribute "spec" must be an object'),
        ({"kind": "my-job", "spec": ["a"]}, 'attribute "spec" must be an object'),
        ({"integrations": {"pagerduty": {}}}, 'attribute "serviceURL" is required'),
        ({"datadog": {"codeLocations": [{"paths": "a"}]}}, 'attribute "paths" must be an array'),
    ],
)
def test_an_entity_that_is_not_as_its_schema_has_it_is_refused(changes: dict[str, Any], said: str) -> None:
    document = {"apiVersion": "v3", "kind": "service", "metadata": {"name": "a"}} | changes

    with pytest.raises(Rejected) as refusal:
        entry(document)

    assert said in str(refusal.value)
