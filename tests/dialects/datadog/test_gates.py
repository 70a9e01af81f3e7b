"""Gates and their rules over HTTP: every row of the recorded scenarios, and what Terraform sends."""

import re
from typing import Any

import pytest

from tests.casts import Cast
from tests.gate_requests import (
    EVALUATION,
    GATES,
    NIL,
    a_gate,
    a_monitor_rule,
    a_rule,
    a_trigger,
    inline,
    made,
    result,
    triggered,
)

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")
FAULTY = {"type": "faulty_deployment_detection", "options": {"excluded_resources": []}}
CHANGE = {"name": "Updated deployment rule", "options": {"excluded_resources": []}, "dry_run": False}


def a_change(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "deployment_rule", "attributes": CHANGE | attributes}}


def a_gate_change(id: str = "12345678-1234-9876-4563-123456789012") -> dict[str, Any]:
    return {"data": {"id": id, "type": "deployment_gate", "attributes": {"dry_run": False}}}


REFUSED: list[tuple[str, str, Any, int, str]] = [
    ("POST", GATES, a_gate(env=""), 400, 'attribute "env" is required'),
    ("POST", GATES, a_gate(service=None), 400, 'attribute "service" is required'),
    ("POST", f"{GATES}/not-a-valid-id/rules", a_rule(**FAULTY), 400, 'attribute "gate_id" Invalid id'),
    ("DELETE", f"{GATES}/not-a-valid-id", None, 400, 'attribute "id" Invalid id'),
    ("DELETE", f"{GATES}/invalid-gate-id", None, 400, 'attribute "id" Invalid id'),
    ("DELETE", f"{GATES}/{NIL}", None, 404, "Gate does not exist"),
    ("DELETE", f"{GATES}/not-a/rules/not-a", None, 400, 'attribute "gate_id" Invalid id'),
    ("DELETE", f"{GATES}/{NIL}/rules/not-a", None, 400, 'attribute "id" Invalid id'),
    ("DELETE", f"{GATES}/{NIL}/rules/{NIL}", None, 404, "Rule does not exist"),
    ("GET", f"{EVALUATION}/not-a-valid-id", None, 400, 'attribute "id" Invalid id'),
    ("GET", f"{EVALUATION}/{NIL}", None, 404, f"gate evaluation with id {NIL} not found"),
    ("GET", f"{GATES}/not-a-valid-id", None, 400, 'attribute "id" Invalid id'),
    ("GET", f"{GATES}/{NIL}", None, 404, "Gate does not exist"),
    ("GET", f"{GATES}/not-a/rules/not-a", None, 400, 'attribute "gate_id" Invalid id'),
    ("GET", f"{GATES}/{NIL}/rules/{NIL}", None, 404, "Rule does not exist"),
    ("GET", f"{GATES}/not-a-valid-id/rules", None, 400, 'attribute "gate_id" Invalid id'),
    ("GET", f"{GATES}/{NIL}/rules", None, 404, "Gate does not exist"),
    ("POST", f"{GATES}/{NIL}/rules", a_rule(), 404, "Gate does not exist"),
    ("POST", EVALUATION, a_trigger(env=""), 400, "required env field is missing"),
    ("POST", EVALUATION, a_trigger(env=None), 400, "required env field is missing"),
    ("POST", EVALUATION, a_trigger(service=""), 400, "required service field is missing"),
    (
        "POST",
        EVALUATION,
        a_trigger(env="staging", service="non-existent-service-xyz"),
        404,
        "no gate found for service non-existent-service-xyz, env staging, and identifier default",
    ),
    ("PUT", f"{GATES}/not-a-valid-id", a_gate_change(), 400, 'attribute "id" Invalid id'),
    ("PUT", f"{GATES}/invalid-gate-id", a_gate_change("invalid"), 400, 'attribute "id" Invalid id'),
    ("PUT", f"{GATES}/{NIL}", a_gate_change(), 404, "Gate does not exist"),
    ("PUT", f"{GATES}/not-a/rules/not-a", a_change(), 400, 'attribute "gate_id" Invalid id'),
    ("PUT", f"{GATES}/{NIL}/rules/{NIL}", a_change(), 404, "Rule does not exist"),
]


SHOWN: list[tuple[str, Any]] = [
    ("faulty_deployment_detection", {}),
    ("faulty_deployment_detection", {"excluded_resources": []}),
    ("faulty_deployment_detection", {"duration": 1800, "excluded_resources": ["GET /health"]}),
    ("faulty_deployment_detection", {"allowed_resources": ["GET /pay"]}),
    ("monitor", {"query": "service:transaction-backend env:production"}),
    ("monitor", {"query": "test_query", "duration": 300}),
    ("monitor", {"monitor_ids": [{"id": "320387601", "groups": []}]}),
    ("monitor", {"monitor_ids": [{"id": "7", "groups": ["env:prod", "pod:1"]}], "warmup": 60}),
    ("monitor", {"query": "x", "fail_on_no_data": False, "fail_on_no_groups_found": True}),
]
NO_RULES: list[tuple[Any, str]] = [
    ({"type": "fdd"}, 'attribute "type" must be one of "monitor faulty_deployment_detection"'),
    (
        {"options": {"query": "x", "monitor_ids": [{"id": "123456", "groups": []}]}},
        "options.query and options.monitor_ids are mutually exclusive",
    ),
    ({"options": {}}, 'attribute "query" or "monitor_ids" is required'),
    ({"options": {"query": "x", "threshold": 5}}, 'attribute "threshold" is not known here'),
    ({"options": {"query": "x", "duration": 7201}}, 'attribute "duration" must be between 0 and 7200'),
    ({"options": {"query": "x", "duration": -1}}, 'attribute "duration" must be between 0 and 7200'),
    ({"options": {"query": "x", "warmup": -1}}, 'attribute "warmup" must be between 0'),
    ({"options": {"monitor_ids": []}}, 'attribute "monitor_ids" must hold 1 to'),
    ({"options": {"monitor_ids": [{"id": "0", "groups": []}]}}, 'attribute "id" must be the number'),
    ({"options": {"monitor_ids": [{"id": "1"}]}}, 'attribute "groups" is required'),
    ({"options": {"monitor_ids": [{"id": "1", "groups": ["a", "a"]}]}}, 'attribute "groups" must name'),
    ({"options": {"monitor_ids": [{"id": "1", "groups": [""]}]}}, 'attribute "groups" must not hold'),
    ({"options": None}, 'attribute "options" is required'),
    ({"name": ""}, 'attribute "name" is required'),
    (FAULTY | {"options": {"query": "x"}}, "names no monitors"),
    (
        FAULTY | {"options": {"allowed_resources": ["a"], "excluded_resources": ["b"]}},
        "options.allowed_resources and options.excluded_resources are mutually exclusive",
    ),
]
NO_INLINE: list[tuple[Any, str]] = [
    ({"rules": []}, 'attribute "rules" must hold 1'),
    ({}, 'attribute "rules" is required'),
    ({"rules": [{}]}, 'attribute "type" is required'),
    ({"rules": [{"type": "monitor"}]}, 'attribute "name" is required'),
    ({"rules": [{"type": "monitor", "name": "bare"}]}, 'attribute "query" or "monitor_ids" is required'),
    ({"rules": [a_monitor_rule("a AND")]}, 'attribute "query" cannot be read'),
    ({"rules": [a_monitor_rule("status:>3")]}, 'attribute "query" cannot compare'),
    ({"rules": [a_monitor_rule(type="x")]}, 'attribute "type" must be one of'),
    ({"rules": [a_monitor_rule(options={"duration": 7201})]}, 'attribute "duration"'),
]
FILTERS = [
    ("", "abc"),
    ("filter[service]=shop", "ab"),
    ("filter[env]=prod", "ac"),
    ("filter[identifier]=i", "a"),
    ("filter[dry_run]=true", "b"),
    ("filter[dry_run]=false", "ac"),
    ("filter[service]=shop&filter[env]=prod", "a"),
    ("filter[service]=sho", ""),
    ("filter[service]=a+b", "c"),
]


@pytest.fixture
def gate(cast: Cast) -> str:
    """A gate without rules."""
    return str(made(cast.ada, GATES, a_gate())["id"])


@pytest.fixture
def rules(gate: str) -> str:
    """Where the rules of that gate are."""
    return f"{GATES}/{gate}/rules"


def test_what_is_refused_is_refused_in_the_recorded_words(cast: Cast) -> None:
    for method, path, body, status, detail in REFUSED:
        answer = cast.ada.send(method, path, body)

        titles = {400: "Bad Request", 404: "Not Found"}
        told = {"status": str(status), "title": titles[status], "detail": detail}
        assert (status, {"errors": [told]}) == (answer.status_code, answer.json()), (method, path, detail)
        assert "application/vnd.api+json" == answer.headers["content-type"]


def test_a_gate_is_created(cast: Cast) -> None:
    answer = cast.ada.post(GATES, a_gate(identifier="my-gate-1", dry_run=False))

    told = answer.json()["data"]
    attributes = told["attributes"]
    assert (200, "application/vnd.api+json") == (answer.status_code, answer.headers["content-type"])
    assert "deployment_gate" == told["type"]
    assert {
        "service": "my-service",
        "env": "production",
        "identifier": "my-gate-1",
        "dry_run": False,
        "created_at": attributes["updated_at"],
        "created_by": attributes["updated_by"],
        "updated_at": attributes["updated_at"],
        "updated_by": attributes["updated_by"],
    } == attributes
    assert TIME.fullmatch(attributes["created_at"])
    assert {"id", "name", "handle"} == attributes["created_by"].keys()
    assert attributes["created_by"]["name"].startswith("key ")


def test_a_gate_is_the_default_one_unless_it_has_an_identifier(cast: Cast) -> None:
    told = made(cast.ada, GATES, a_gate(identifier=None))

    assert ("default", False) == (told["attributes"]["identifier"], told["attributes"]["dry_run"])


def test_service_environment_and_identifier_are_unique(cast: Cast) -> None:
    made(cast.ada, GATES, a_gate(identifier="once"))

    answer = cast.ada.post(GATES, a_gate(identifier="once", dry_run=True))

    assert 400 == answer.status_code
    detail = "Gate already exists with the given env, service and identifier"
    assert detail == answer.json()["errors"][0]["detail"]
    assert 200 == cast.zoe.post(GATES, a_gate(identifier="once")).status_code


def test_what_terraform_adds_is_tolerated(cast: Cast) -> None:
    request = a_gate()
    request["data"]["_metadata"] = {"created_from": "terraform"}

    id = made(cast.ada, GATES, request)["id"]

    assert 200 == cast.ada.send("PUT", f"{GATES}/{id}", a_gate_change("")).status_code


def test_a_change_moves_its_time_and_nothing_else(cast: Cast, gate: str) -> None:
    before = cast.ada.get(f"{GATES}/{gate}").json()["data"]

    after = cast.ada.send("PUT", f"{GATES}/{gate}", a_gate_change()).json()["data"]

    assert after["attributes"].pop("updated_at") > before["attributes"].pop("updated_at")
    assert before == after


def test_a_gate_can_go_into_dry_run(cast: Cast, gate: str) -> None:
    change = {"data": {"id": gate, "type": "deployment_gate", "attributes": {"dry_run": True}}}

    cast.ada.send("PUT", f"{GATES}/{gate}", change)

    assert cast.ada.get(f"{GATES}/{gate}").json()["data"]["attributes"]["dry_run"] is True


def test_a_deleted_gate_is_gone_with_its_rules(cast: Cast, gate: str, rules: str) -> None:
    rule = made(cast.ada, rules, a_rule())["id"]

    answer = cast.ada.delete(f"{GATES}/{gate}")

    assert (204, b"") == (answer.status_code, answer.content)
    assert "Gate does not exist" == cast.ada.delete(f"{GATES}/{gate}").json()["errors"][0]["detail"]
    assert 404 == cast.ada.get(f"{rules}/{rule}").status_code


def test_options_are_shown_as_they_were_told(cast: Cast, rules: str) -> None:
    for kind, options in SHOWN:
        told = made(cast.ada, rules, a_rule(type=kind, options=options))

        attributes = told["attributes"]
        assert (kind, options) == (attributes["type"], attributes["options"])
        assert attributes["created_at"] == attributes["updated_at"]
        assert told == cast.ada.get(f"{rules}/{told['id']}").json()["data"]


def test_a_rule_that_cannot_be_is_refused_by_name(cast: Cast, rules: str) -> None:
    for told, detail in NO_RULES:
        answer = cast.ada.post(rules, a_rule(**told))

        assert 400 == answer.status_code, told
        assert detail in answer.json()["errors"][0]["detail"]
    assert [] == cast.ada.get(rules).json()["data"]["attributes"]["rules"]


def test_a_new_gate_has_no_rules(cast: Cast, gate: str, rules: str) -> None:
    told = {"id": gate, "type": "list_deployment_rules", "attributes": {"rules": []}}

    assert {"data": told} == cast.ada.get(rules).json()


def test_rules_are_listed_flat_in_order_of_creation_with_their_ids(cast: Cast, gate: str, rules: str) -> None:
    first = made(cast.ada, rules, a_rule(**FAULTY | {"options": {"duration": 1300}}))
    second = made(cast.ada, rules, a_rule(options={"query": "test_query", "duration": 300}))

    listed = cast.ada.get(rules).json()["data"]["attributes"]["rules"]

    assert [one["attributes"] | {"id": one["id"]} for one in (first, second)] == listed
    assert {gate} == {one["gate_id"] for one in listed}


def test_a_change_of_a_rule_replaces_its_options_and_keeps_its_type(cast: Cast, rules: str) -> None:
    rule = made(cast.ada, rules, a_rule(**FAULTY | {"options": {"duration": 900}}))
    options = {"excluded_resources": ["GET /health"]}

    changed = cast.ada.send("PUT", f"{rules}/{rule['id']}", a_change(options=options, dry_run=True))

    before, after = rule["attributes"], changed.json()["data"]["attributes"]
    assert (options, True, "Updated deployment rule") == (after["options"], after["dry_run"], after["name"])
    assert (before["type"], before["created_at"]) == (after["type"], after["created_at"])
    assert after["updated_at"] > before["updated_at"]


def test_a_change_to_options_of_the_other_kind_is_refused(cast: Cast, rules: str) -> None:
    rule = made(cast.ada, rules, a_rule())

    answer = cast.ada.send("PUT", f"{rules}/{rule['id']}", a_change())

    assert 400 == answer.status_code
    assert rule == cast.ada.get(f"{rules}/{rule['id']}").json()["data"]


def test_two_rules_may_share_a_name_for_a_moment(cast: Cast, rules: str) -> None:
    first = made(cast.ada, rules, a_rule())
    made(cast.ada, rules, a_rule(**FAULTY))

    assert 204 == cast.ada.delete(f"{rules}/{first['id']}").status_code
    assert 404 == cast.ada.delete(f"{rules}/{first['id']}").status_code
    assert 1 == len(cast.ada.get(rules).json()["data"]["attributes"]["rules"])


def test_gates_are_listed_page_by_page(cast: Cast) -> None:
    ids = [made(cast.ada, GATES, a_gate())["id"] for _ in range(5)]
    seen, cursor, pages = [], "", []

    while True:
        answer = cast.ada.get(f"{GATES}?page[size]=2" + (f"&page[cursor]={cursor}" if cursor else "")).json()
        seen += [one["id"] for one in answer["data"]]
        pages.append(answer["meta"]["page"])
        cursor = answer["meta"]["page"].get("next_cursor", "")
        if not cursor:
            break

    assert ids == seen
    assert [2, 2, 2] == [page["size"] for page in pages]
    assert pages[0]["next_cursor"] == pages[1]["cursor"]
    assert "cursor" not in pages[0]


def test_gates_are_found_by_filters(cast: Cast) -> None:
    ids = {
        made(cast.ada, GATES, a_gate(service="shop", env="prod", identifier="i"))["id"]: "a",
        made(cast.ada, GATES, a_gate(service="shop", env="stage", dry_run=True))["id"]: "b",
        made(cast.ada, GATES, a_gate(service="a b", env="prod"))["id"]: "c",
    }

    for query, found in FILTERS:
        listed = cast.ada.get(f"{GATES}?{query}").json()["data"]
        assert found == "".join(ids[one["id"]] for one in listed), query


@pytest.mark.parametrize(
    "query",
    [
        "page[size]=0",
        "page[size]=1001",
        "page[size]=x",
        "page[cursor]=nonsense",
        "page[cursor]=WzFd",
        "page[cursor]=%C3%A9",
        "filter[dry_run]=maybe",
    ],
)
def test_a_page_that_cannot_be_is_refused(cast: Cast, query: str) -> None:
    assert 400 == cast.ada.get(f"{GATES}?{query}").status_code


def test_a_trigger_is_answered_at_once_with_an_id(cast: Cast) -> None:
    made(cast.ada, f"{GATES}/{made(cast.ada, GATES, a_gate(identifier='i'))['id']}/rules", a_rule(**FAULTY))

    answer = cast.ada.post(EVALUATION, a_trigger(identifier="i"))

    told = answer.json()["data"]
    assert 202 == answer.status_code
    assert {"evaluation_id": told["id"]} == told["attributes"]
    assert "deployment_gates_evaluation_response" == told["type"]


def test_an_evaluation_in_progress_says_so_and_gives_no_reason(cast: Cast, gate: str, rules: str) -> None:
    identifier = cast.ada.get(f"{GATES}/{gate}").json()["data"]["attributes"]["identifier"]
    made(cast.ada, rules, a_rule(**FAULTY))

    id = triggered(cast.ada, identifier=identifier, version="2")
    told = result(cast.ada, id)

    assert told.pop("evaluation_url").endswith(f"/gates/evaluations/{id}")
    assert {
        "dry_run": False,
        "evaluation_id": id,
        "gate_id": gate,
        "gate_status": "in_progress",
        "rules": [{"name": "My deployment rule", "status": "in_progress", "dry_run": False}],
    } == told


def test_a_gate_without_rules_is_no_gate(cast: Cast) -> None:
    made(cast.ada, GATES, a_gate(identifier="empty"))

    answer = cast.ada.post(EVALUATION, a_trigger(identifier="empty"))

    detail = "no gate found for service my-service, env production, and identifier empty"
    assert (404, detail) == (answer.status_code, answer.json()["errors"][0]["detail"])


def test_inline_rules_that_cannot_be_are_refused(cast: Cast) -> None:
    for configuration, detail in NO_INLINE:
        answer = cast.ada.post(EVALUATION, a_trigger(configuration=configuration))

        assert 400 == answer.status_code, configuration
        assert detail in answer.json()["errors"][0]["detail"]


def test_fields_that_only_datadog_ci_sends_are_taken(cast: Cast) -> None:
    rule = a_monitor_rule(options={"duration": 60, "invented": 1})
    id = triggered(
        cast.ada, **inline(rule), apm_primary_tag="region:eu", monitors_query_variable="team:x", version="1"
    )

    assert NIL == result(cast.ada, id)["gate_id"]


def test_reading_writing_and_evaluating_are_three_permissions(cast: Cast, gate: str) -> None:
    from fairlead.domain.access import Permission  # noqa: PLC0415 — the one test that needs it.

    reader, _, _ = cast.newcomer(Permission.DEPLOYMENT_GATES_READ)
    writer, _, _ = cast.newcomer(Permission.DEPLOYMENT_GATES_WRITE)
    asker, _, _ = cast.newcomer(Permission.DEPLOYMENT_GATES_EVALUATE)
    asked = a_trigger(**inline(a_monitor_rule()))

    def statuses(person: Any) -> tuple[int, int, int]:
        return (
            person.get(f"{GATES}/{gate}").status_code,
            person.post(GATES, a_gate()).status_code,
            person.post(EVALUATION, asked).status_code,
        )

    assert (200, 403, 403) == statuses(reader)
    assert (403, 200, 403) == statuses(writer)
    assert (403, 403, 202) == statuses(asker)
    assert (403, 403, 403) == statuses(cast.robot)
    assert (403, 403, 403) == statuses(cast.eve)


def test_nothing_reaches_across_organisations(cast: Cast, gate: str, rules: str) -> None:
    rule = made(cast.ada, rules, a_rule())["id"]
    id = triggered(cast.ada, **inline(a_monitor_rule()))

    assert [] == cast.zoe.get(GATES).json()["data"]
    for method, path, body in (
        ("GET", f"{GATES}/{gate}", None),
        ("PUT", f"{GATES}/{gate}", a_gate_change()),
        ("DELETE", f"{GATES}/{gate}", None),
        ("GET", rules, None),
        ("POST", rules, a_rule()),
        ("GET", f"{rules}/{rule}", None),
        ("PUT", f"{rules}/{rule}", a_change(options={"query": "x"})),
        ("DELETE", f"{rules}/{rule}", None),
        ("GET", f"{EVALUATION}/{id}", None),
    ):
        assert 404 == cast.zoe.send(method, path, body).status_code, (method, path)
    for path in (f"{GATES}/evaluations", f"{GATES}/evaluations/rules"):
        assert [] == cast.zoe.get(path).json()["data"]
        assert [] == cast.zoe.get(f"{path}?filter[gate_id]={gate}&filter[evaluation_id]={id}").json()["data"]
    assert 200 == cast.ada.get(f"{rules}/{rule}").status_code
