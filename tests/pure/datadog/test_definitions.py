"""Service definitions from version to version, and between them and entities."""

from typing import Any

import msgspec
import pytest

from fairlead.dialects.datadog.catalog_documents import Told, entry_from, require_services, told_in
from fairlead.dialects.datadog.definitions_translate import VERSIONS, as_version
from fairlead.domain.catalog import Ref, RelationType, SourceLink
from fairlead.domain.errors import Rejected
from fairlead.intake.documents import documents_in
from fairlead.usecases.put_entries import EntryTold
from tests.factories import NOON, ORG_ID

PAGERDUTY = "https://shopist.pagerduty.com/service-directory/PCHECKOUT"
OPSGENIE = {"service-url": "https://shopist.opsgenie.com/service/1", "region": "EU"}
EXTENSIONS = {"shopist.com/rank": {"n": 1, "on": True, "f": 1.5, "no": None}}
V1 = {
    "schema-version": "v1",
    "info": {
        "dd-service": "checkout",
        "display-name": "Check-out",
        "description": "Takes money",
        "service-tier": "1",
    },
    "org": {"team": "payments", "application": "shop"},
    "contact": {"email": "pay@shopist.com", "slack": "https://shopist.slack.com/archives/pay"},
    "external-resources": [{"name": "Runbook", "url": "https://wiki/run", "type": "runbook"}],
    "tags": ["cost:1"],
    "integrations": {"pagerduty": PAGERDUTY},
    "extensions": EXTENSIONS,
}
V2 = {
    "schema-version": "v2",
    "dd-service": "checkout",
    "dd-team": "payments-handle",
    "team": "payments",
    "contacts": [{"type": "email", "contact": "pay@shopist.com", "name": "Mail"}],
    "links": [
        {"name": "Runbook", "url": "https://wiki/run", "type": "runbook"},
        {"name": "Pager", "url": "https://wiki/oncall", "type": "oncall"},
    ],
    "repos": [{"name": "Source", "url": "https://github.com/shopist/checkout", "provider": "GitHub"}],
    "docs": [{"name": "Architecture", "url": "https://wiki/architecture", "provider": "wiki"}],
    "tags": ["cost:1"],
    "integrations": {"pagerduty": PAGERDUTY, "opsgenie": OPSGENIE},
    "extensions": EXTENSIONS,
}
V2_1: dict[str, Any] = {
    "schema-version": "v2.1",
    "dd-service": "checkout",
    "team": "payments",
    "application": "shop",
    "description": "Takes money",
    "tier": "1",
    "lifecycle": "production",
    "contacts": [{"type": "slack", "contact": "https://shopist.slack.com/archives/pay"}],
    "links": [
        {"name": "Runbook", "url": "https://wiki/run", "type": "runbook", "provider": "wiki"},
        {
            "name": "Source",
            "url": "https://github.com/shopist/checkout",
            "type": "repo",
            "provider": "GitHub",
        },
        {"name": "Board", "url": "https://wiki/board", "type": "other"},
    ],
    "tags": ["cost:1"],
    "integrations": {"pagerduty": {"service-url": PAGERDUTY}, "opsgenie": OPSGENIE},
    "extensions": EXTENSIONS,
}
V2_2 = V2_1 | {
    "schema-version": "v2.2",
    "type": "web",
    "languages": ["go", "python"],
    "contacts": [{"type": "pager", "contact": "https://pager/1"}, *V2_1["contacts"]],
    "ci-pipeline-fingerprints": ["fp1"],
}
BACKSTAGE = {
    "apiVersion": "backstage.io/v1alpha1",
    "kind": "Component",
    "metadata": {
        "annotations": {"backstage.io/techdocs-ref": "http://a/b/c", "some.annotation": "value"},
        "namespace": "default",
        "name": "shopping-cart",
        "title": "Shopping Cart",
        "description": "A shopping cart service",
        "tags": ["taga:valuea", "tagb:valueb"],
        "links": [{"title": "Wiki", "url": "https://wiki/shopping-cart", "icon": "help"}],
        "ignore-attribute": {"id": 1, "value": "value"},
    },
    "spec": {"type": "service", "lifecycle": "production", "owner": "e-commerce", "system": "retail"},
}


def told(document: dict[str, Any]) -> Told:
    return told_in(document)


def travelled(shape: Any) -> Any:
    """Return a shape as JSON has it."""
    return msgspec.json.decode(msgspec.json.encode(shape))


def shown(document: dict[str, Any], version: str) -> dict[str, Any]:
    """Return a definition in another version, as it would travel."""
    shape: dict[str, Any] = travelled(as_version(told(document).definition, version))
    return shape


def entry(document: dict[str, Any]) -> EntryTold:
    [read] = documents_in(msgspec.json.encode(document))
    return entry_from(read, ORG_ID, NOON)


@pytest.mark.parametrize("document", [V2, V2_1, V2_2], ids=lambda one: one["schema-version"])
def test_a_definition_comes_back_in_its_own_version_as_it_was_told(document: dict[str, Any]) -> None:
    assert document == shown(document, document["schema-version"])


def test_a_definition_of_v1_comes_back_as_it_was_told() -> None:
    assert V1 == travelled(told(V1).v1)


def test_repositories_and_documents_of_v2_become_links() -> None:
    found = shown(V2, "v2.2")

    assert [
        {"name": "Runbook", "url": "https://wiki/run", "type": "runbook"},
        {"name": "Pager", "url": "https://wiki/oncall", "type": "oncall"},
        {
            "name": "Source",
            "url": "https://github.com/shopist/checkout",
            "type": "repo",
            "provider": "GitHub",
        },
        {"name": "Architecture", "url": "https://wiki/architecture", "type": "doc", "provider": "wiki"},
    ] == found["links"]
    assert not {"repos", "docs", "dd-team"} & set(found)


def test_links_that_v2_1_has_no_type_for_are_other() -> None:
    assert ["runbook", "other", "repo", "doc"] == [link["type"] for link in shown(V2, "v2.1")["links"]]


def test_links_of_v2_2_become_repositories_and_documents_of_v2() -> None:
    found = shown(V2_2, "v2")

    assert [
        {"name": "Runbook", "url": "https://wiki/run", "type": "runbook"},
        {"name": "Board", "url": "https://wiki/board", "type": "link"},
    ] == found["links"]
    assert [{"name": "Source", "url": "https://github.com/shopist/checkout", "provider": "GitHub"}] == found[
        "repos"
    ]


@pytest.mark.parametrize(("version", "address"), [("v1", PAGERDUTY), ("v2", PAGERDUTY)])
def test_pagerduty_is_a_text_up_to_v2(version: str, address: str) -> None:
    assert address == shown(V2_2, version)["integrations"]["pagerduty"]


@pytest.mark.parametrize("version", ["v2.1", "v2.2"])
def test_pagerduty_is_an_object_from_v2_1_on(version: str) -> None:
    assert {"service-url": PAGERDUTY} == shown(V2, version)["integrations"]["pagerduty"]


def test_contacts_that_v2_has_no_type_for_are_left_out() -> None:
    assert [V2_2["contacts"][1]] == shown(V2_2, "v2")["contacts"]


def test_a_team_known_by_its_handle_alone_is_a_team() -> None:
    found = shown({"schema-version": "v2", "dd-service": "a", "dd-team": "payments"}, "v2.2")

    assert "payments" == found["team"]


def test_a_definition_of_v1_is_shown_in_v2_2() -> None:
    expected = {
        "schema-version": "v2.2",
        "dd-service": "checkout",
        "team": "payments",
        "application": "shop",
        "description": "Takes money",
        "tier": "1",
        "contacts": [
            {"type": "email", "contact": "pay@shopist.com"},
            {"type": "slack", "contact": "https://shopist.slack.com/archives/pay"},
        ],
        "links": V1["external-resources"],
        "tags": ["cost:1"],
        "integrations": {"pagerduty": {"service-url": PAGERDUTY}},
        "extensions": EXTENSIONS,
    }

    assert expected == shown(V1, "v2.2")


def test_a_definition_of_v2_2_is_shown_in_v1() -> None:
    expected = {
        "schema-version": "v1",
        "info": {"dd-service": "checkout", "description": "Takes money", "service-tier": "1"},
        "org": {"team": "payments", "application": "shop"},
        "contact": {"slack": "https://shopist.slack.com/archives/pay"},
        "external-resources": [
            {"name": "Runbook", "url": "https://wiki/run", "type": "runbook"},
            {"name": "Source", "url": "https://github.com/shopist/checkout", "type": "repo"},
            {"name": "Board", "url": "https://wiki/board", "type": "link"},
        ],
        "tags": ["cost:1"],
        "integrations": {"pagerduty": PAGERDUTY},
        "extensions": EXTENSIONS,
    }

    assert expected == shown(V2_2, "v1")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("source", [V1, V2, V2_1, V2_2], ids=lambda one: str(one["schema-version"]))
def test_what_every_version_has_a_place_for_is_never_lost(source: dict[str, Any], version: str) -> None:
    found = as_version(told(source).definition, version)

    again = told(travelled(found)).definition
    assert ("checkout", "payments", ("cost:1",)) == (again.dd_service, again.team, again.tags)
    assert EXTENSIONS == again.extensions
    assert 1 <= len(again.contacts)


def test_a_least_definition_has_no_empty_parts() -> None:
    least = {"schema-version": "v2.2", "dd-service": "a"}

    assert [
        {"schema-version": "v1", "info": {"dd-service": "a"}},
        {"schema-version": "v2", "dd-service": "a"},
        {"schema-version": "v2.1", "dd-service": "a"},
        least,
    ] == [shown(least, version) for version in VERSIONS]


def test_a_backstage_component_becomes_what_was_recorded() -> None:
    expected = {
        "schema-version": "v2.2",
        "dd-service": "shopping-cart",
        "team": "e-commerce",
        "application": "retail",
        "description": "A shopping cart service",
        "lifecycle": "production",
        "links": [{"name": "Wiki", "type": "other", "url": "https://wiki/shopping-cart"}],
        "tags": [
            "backstage.io/techdocs-ref:http://a/b/c",
            "backstage.type:service",
            "namespace:default",
            "some.annotation:value",
            "system:retail",
            "taga:valuea",
            "tagb:valueb",
        ],
    }

    assert expected == shown(BACKSTAGE, "v2.2")


def test_the_owner_of_a_backstage_component_may_be_a_reference() -> None:
    spec = {"spec": {"owner": "group:default/e-commerce"}}

    assert "e-commerce" == told(BACKSTAGE | spec).definition.team


def test_numbers_and_truth_are_read_as_texts_outside_the_free_parts() -> None:
    document = {"schema-version": "v2.2", "dd-service": 42, "tier": 1, "tags": [1.5, True], "team": None}

    found = told(document | {"extensions": EXTENSIONS})

    assert ("42", "1", ("1.5", "true"), "") == (
        found.definition.dd_service,
        found.definition.tier,
        found.definition.tags,
        found.definition.team,
    )
    assert EXTENSIONS == found.definition.extensions


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, 'attribute "apiVersion" must be "v3", or "schema-version" one of "v1 v2 v2.1 v2.2"'),
        ({"apiVersion": "v4"}, 'attribute "apiVersion" must be'),
        ({"apiVersion": ["v3"]}, 'attribute "apiVersion" must be'),
        ({"dd-service": "a"}, 'attribute "schema-version" must be one of'),
        ({"schema-version": "v9", "dd-service": "a"}, 'attribute "schema-version" must be one of'),
        ({"schema-version": {"a": 1}, "dd-service": "a"}, 'attribute "schema-version" must be one of'),
        ({"schema-version": "v2.2"}, 'attribute "dd-service" is required'),
        ({"schema-version": "v2.2", "dd-service": " "}, 'attribute "dd-service" is required'),
        ({"schema-version": "v2.2", "dd-service": ["a"]}, 'attribute "dd-service" must be a string'),
        ({"schema-version": "v2.2", "dd-service": "a", "tags": "b"}, 'attribute "tags" must be an array'),
        ({"schema-version": "v2.2", "dd-service": "a", "contacts": [{}]}, 'attribute "type" is required'),
        (
            {"schema-version": "v2.2", "dd-service": "a", "links": [{"name": "b"}]},
            'attribute "url" is required',
        ),
        (
            {"schema-version": "v2.2", "dd-service": "a", "extensions": []},
            'attribute "extensions" must be an',
        ),
        ({"schema-version": "v2.2", "dd-service": "a", "integrations": "b"}, 'attribute "integrations" must'),
        ({"schema-version": "v1"}, 'attribute "info" is required'),
        ({"info": {"description": "a"}}, 'attribute "dd-service" is required'),
        (BACKSTAGE | {"kind": "System"}, 'attribute "kind" of a Backstage document must be "Component"'),
        (BACKSTAGE | {"spec": None}, 'attribute "spec" is required'),
        (BACKSTAGE | {"metadata": {}}, 'attribute "name" is required'),
    ],
)
def test_a_document_in_no_schema_is_refused_with_the_attribute_at_fault(
    document: dict[str, Any], said: str
) -> None:
    with pytest.raises(Rejected) as refusal:
        entry(document)

    assert said in str(refusal.value)


def test_definitions_are_about_services_of_the_default_namespace() -> None:
    queue = {"apiVersion": "v3", "kind": "queue", "metadata": {"name": "orders"}}

    with pytest.raises(Rejected, match="queue:default/orders is not a service"):
        require_services([entry(V2_2), entry(queue)])


def test_a_definition_says_who_owns_what_and_where_the_code_is() -> None:
    folder = "https://github.com/shopist/mono/tree/main/services/checkout"
    document = V2 | {"repos": [{"name": "Source", "url": folder}]}

    said = entry(document).said

    assert ("payments", ("cost:1",), PAGERDUTY) == (said.team, said.tags, said.pagerduty_url)
    assert (SourceLink("Source", folder),) == said.source_links
    assert ((RelationType.OWNED_BY, Ref("team", "default", "payments")),) == said.targets


@pytest.mark.parametrize(
    ("extension", "patterns"),
    [
        ({"source_patterns": ["libs/**", "a/**"]}, ("libs/**", "a/**")),
        ({"source_patterns": "libs/**"}, ("libs/**",)),
        ({"source_patterns": [" ", "a"]}, ("a",)),
        ({"source_patterns": []}, ()),
        ({"source_patterns": None}, ()),
        ({}, ()),
        (None, ()),
        ("libs/**", ()),
    ],
)
def test_patterns_are_taken_from_the_extension(extension: Any, patterns: tuple[str, ...]) -> None:
    document = {
        "schema-version": "v2.2",
        "dd-service": "a",
        "extensions": {"datadoghq.com/dora-metrics": extension},
    }

    assert patterns == entry(document).said.source_patterns


@pytest.mark.parametrize("patterns", [1, {"a": 1}, ["a", 1], [["a"]]])
def test_patterns_that_are_no_texts_are_refused(patterns: Any) -> None:
    extension = {"datadoghq.com/dora-metrics": {"source_patterns": patterns}}

    with pytest.raises(Rejected, match='attribute "source_patterns" must be an array of texts'):
        entry({"schema-version": "v2.2", "dd-service": "a", "extensions": extension})
