"""Lists of evaluations over HTTP: filters, cursors, and what each shows."""

from typing import Any

import pytest

from tests.casts import Cast, Person
from tests.gate_requests import GATES, a_gate, a_monitor_rule, a_rule, inline, made, settled, triggered

GATE_EVALUATIONS = f"{GATES}/evaluations"
RULE_EVALUATIONS = f"{GATES}/evaluations/rules"
MONITORS = "/api/v1/monitor"


def a_monitor(person: Person, service: str, state: str) -> int:
    told = {"type": "service check", "query": "x", "name": service, "tags": [f"service:{service}"]}
    id: int = person.post(MONITORS, told).json()["id"]
    person.post(f"/api/fairlead/v1/monitors/{id}/state", {"state": state})
    return id


def listed(person: Person, path: str, query: str = "") -> list[dict[str, Any]]:
    answer = person.get(f"{path}?{query}")
    assert 200 == answer.status_code, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


def test_evaluations_are_shown_with_what_they_really_came_to(cast: Cast) -> None:
    bad = a_monitor(cast.ada, "bad", "alert")
    gate = made(cast.ada, GATES, a_gate(dry_run=True, identifier="i"))["id"]
    request = a_rule(options={"query": "service:bad", "duration": 0})
    rule = made(cast.ada, f"{GATES}/{gate}/rules", request)["id"]
    id = triggered(cast.ada, identifier="i", version="1.4.0")
    told = settled(cast.ada, id)
    assert ("pass", True, "fail") == (told["gate_status"], told["dry_run"], told["rules"][0]["status"])

    [evaluation] = listed(cast.ada, GATE_EVALUATIONS)
    [of_rule] = listed(cast.ada, RULE_EVALUATIONS)

    seen = evaluation["attributes"]
    assert (id, "deployment_gate_evaluation") == (evaluation["id"], evaluation["type"])
    assert {
        "evaluation_id": id,
        "gate_id": gate,
        "service": "my-service",
        "env": "production",
        "identifier": "i",
        "version": "1.4.0",
        "status": "fail",
        "dry_run": True,
        "started_at": seen["started_at"],
        "finished_at": seen["finished_at"],
        "duration_seconds": seen["duration_seconds"],
    } == seen
    assert seen["started_at"] <= seen["finished_at"]
    seen = of_rule["attributes"]
    assert ("deployment_gate_rule_evaluation", id, rule, gate) == (
        of_rule["type"],
        seen["gate_evaluation_id"],
        seen["rule_id"],
        seen["gate_id"],
    )
    assert of_rule["id"] == seen["evaluation_id"]
    assert ("monitor", "fail", False, True) == (
        seen["type"],
        seen["status"],
        seen["dry_run"],
        seen["gate_dry_run"],
    )
    assert {"query": "service:bad", "duration": 0} == seen["configuration"]
    [failed] = seen["failures"]["monitors"]
    assert (str(bad), "ALERT") == (failed["id"], failed["state"])
    assert ([], []) == (seen["failures"]["faulty_apm_resources"], seen["failures"]["narratives"])


def test_monitors_by_number_are_shown_as_mere_numbers(cast: Cast) -> None:
    id = a_monitor(cast.ada, "good", "ok")
    options = {"monitor_ids": [{"id": str(id), "groups": []}]}
    rule = {"type": "monitor", "name": "by number", "options": options}
    settled(cast.ada, triggered(cast.ada, **inline(rule)))

    [seen] = listed(cast.ada, RULE_EVALUATIONS)

    assert {"monitor_ids": [str(id)]} == seen["attributes"]["configuration"]
    assert (None, None, "pass", "", []) == (
        seen["attributes"]["gate_id"],
        seen["attributes"]["rule_id"],
        seen["attributes"]["status"],
        seen["attributes"]["reason"],
        seen["attributes"]["failures"]["monitors"],
    )


@pytest.fixture
def three(cast: Cast) -> dict[str, str]:
    """Three evaluations: `a` passes, `b` fails, `c` is in progress."""
    a_monitor(cast.ada, "good", "ok")
    a_monitor(cast.ada, "bad", "alert")
    good, bad = a_monitor_rule("service:good", name="good"), a_monitor_rule("service:bad", name="bad")
    slow = {"type": "faulty_deployment_detection", "name": "slow", "options": {"duration": 900}}
    ids = {
        triggered(cast.ada, **inline(good), service="a", env="prod", version="1"): "a",
        triggered(cast.ada, **inline(bad, dry_run=True), service="b", env="prod", version="2"): "b",
        triggered(cast.ada, **inline(slow), service="c", env="stage", identifier="x", version="3"): "c",
    }
    for id, name in ids.items():
        if name != "c":
            settled(cast.ada, id)
    return ids


def test_evaluations_are_found_by_filters_the_newest_first(cast: Cast, three: dict[str, str]) -> None:
    ids = {name: id for id, name in three.items()}
    for query, found in (
        ("", "cba"),
        ("filter[service]=a", "a"),
        ("filter[service]=a&filter[service]=b,c", "cba"),
        ("filter[env]=prod", "ba"),
        ("filter[identifier]=x", "c"),
        ("filter[status]=pass,fail", "ba"),
        ("filter[status]=in_progress", "c"),
        ("filter[version]=2", "b"),
        ("filter[dry_run]=true", "b"),
        ("filter[dry_run]=false", "ca"),
        (f"filter[evaluation_id]={ids['a']}", "a"),
        ("filter[gate_id]=00000000-0000-0000-0000-000000000000", ""),
        ("filter[service]=nobody", ""),
        ("filter[from]=2026-01-01T00:00:00Z&filter[to]=2026-01-02T00:00:00Z", ""),
    ):
        assert found == "".join(three[one["id"]] for one in listed(cast.ada, GATE_EVALUATIONS, query)), query


def test_evaluations_of_rules_are_found_by_filters(cast: Cast, three: dict[str, str]) -> None:
    ids = {name: id for id, name in three.items()}
    every = {one["attributes"]["service"]: one["id"] for one in listed(cast.ada, RULE_EVALUATIONS)}
    for query, found in (
        ("", "cba"),
        ("filter[service]=a,b", "ba"),
        ("filter[type]=monitor", "ba"),
        ("filter[type]=faulty_deployment_detection", "c"),
        ("filter[name]=good", "a"),
        ("filter[status]=fail", "b"),
        ("filter[dry_run]=false", "cba"),
        ("filter[gate_dry_run]=true", "b"),
        (f"filter[gate_evaluation_id]={ids['b']}", "b"),
        (f"filter[evaluation_id]={every['c']}", "c"),
        (f"filter[evaluation_id]={ids['c']}", ""),
        ("filter[rule_id]=00000000-0000-0000-0000-000000000000", ""),
        ("filter[version]=1,3", "ca"),
    ):
        found_now = listed(cast.ada, RULE_EVALUATIONS, query)
        assert found == "".join(one["attributes"]["service"] for one in found_now), query


@pytest.mark.parametrize("path", [GATE_EVALUATIONS, RULE_EVALUATIONS])
def test_pages_follow_each_other_without_gap_or_repeat(cast: Cast, path: str) -> None:
    rules = [a_monitor_rule(name=str(number)) for number in range(2)]
    for _ in range(3):
        triggered(cast.ada, **inline(*rules))
    whole = [one["id"] for one in listed(cast.ada, path)]
    seen: list[str] = []
    cursor = ""

    while True:
        page = cast.ada.get(f"{path}?page[size]=2" + (f"&page[cursor]={cursor}" if cursor else "")).json()
        seen += [one["id"] for one in page["data"]]
        assert 2 == page["meta"]["page"]["size"]
        cursor = page["meta"]["page"].get("next_cursor", "")
        if not cursor:
            break

    assert whole == seen
    assert len(seen) == len(set(seen)) == (3 if path == GATE_EVALUATIONS else 6)


def test_what_cannot_be_asked_is_refused(cast: Cast) -> None:
    for path in (GATE_EVALUATIONS, RULE_EVALUATIONS):
        for query, said in (
            ("filter[from]=2026-02-02T00:00:00Z&filter[to]=2026-02-01T00:00:00Z", "earlier"),
            ("filter[from]=2026-01-01T00:00:00Z&filter[to]=2026-03-01T00:00:00Z", "30 days"),
            ("filter[from]=soon", "RFC 3339"),
            ("filter[status]=maybe", "must be one of"),
            ("filter[dry_run]=2", "true or false"),
            ("filter[gate_id]=x", "Invalid id"),
            ("page[size]=101", "between 1 and 100"),
            ("page[size]=0", "between 1 and 100"),
            ("page[cursor]=xyz", "cursor"),
        ):
            answer = cast.ada.get(f"{path}?{query}")
            assert 400 == answer.status_code, query
            assert said in answer.json()["errors"][0]["detail"], query


def test_a_list_takes_as_many_questions_however_long_it_is(cast: Cast) -> None:
    from sqlalchemy import event  # noqa: PLC0415 — the one test that counts statements.

    from fairlead.usecases.find_evaluations import RulesPage, find_rule_evaluations  # noqa: PLC0415 — as above.

    page = RulesPage(since_at=0, until_at=2**62, limit=100)

    def questions() -> int:
        asked: list[str] = []
        engine = cast.ledger.engine

        def count(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            asked.append(statement)

        event.listen(engine, "before_cursor_execute", count)
        cast.ledger.read(find_rule_evaluations, cast.ada.org_id, page)
        event.remove(engine, "before_cursor_execute", count)
        return len(asked)

    triggered(cast.ada, **inline(a_monitor_rule()))
    few = questions()
    for _ in range(5):
        triggered(cast.ada, **inline(a_monitor_rule(), a_monitor_rule()))

    assert few == questions()
