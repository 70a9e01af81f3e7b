"""Datadog's v1 monitors over HTTP: managing, searching, muting, and their states."""

from typing import Any

import pytest

from tests.casts import Cast, Person
from tests.gate_requests import GATES, a_gate, a_monitor_rule, a_rule, inline, made, settled, triggered

MONITORS = "/api/v1/monitor"


def a_monitor(**changes: Any) -> dict[str, Any]:
    told = {
        "name": "Checkout error rate",
        "type": "service check",
        "query": '"http.can_connect".over("env:prod").last(2)',
        "message": "Errors are high. @pagerduty-payments",
        "tags": ["service:shop", "env:prod"],
    }
    return told | changes


def created(person: Person, **changes: Any) -> dict[str, Any]:
    answer = person.post(MONITORS, a_monitor(**changes))
    assert 200 == answer.status_code, answer.text
    told: dict[str, Any] = answer.json()
    return told


def tell(person: Person, id: int, state: str, **more: Any) -> dict[str, Any]:
    answer = person.post(f"/api/fairlead/v1/monitors/{id}/state", {"state": state} | more)
    assert 200 == answer.status_code, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_a_monitor_is_created_and_has_no_data_yet(cast: Cast) -> None:
    options = {"thresholds": {"critical": 4, "warning": 2}, "notify_no_data": True}

    told = created(cast.ada, priority=2, options=options, restricted_roles=None, draft_status="draft")

    assert told == cast.ada.get(f"{MONITORS}/{told['id']}").json()
    assert 0 < told["id"] < 2**31
    assert a_monitor(priority=2).items() <= told.items()
    assert options | {"silenced": {}} == told["options"]
    assert ("No Data", False, None, "draft") == (
        told["overall_state"],
        told["multi"],
        told["deleted"],
        told["draft_status"],
    )
    assert told["created"] == told["modified"]
    assert told["created"].endswith("+00:00")


def test_answers_are_plain_json(cast: Cast) -> None:
    for answer in (cast.ada.post(MONITORS, a_monitor()), cast.ada.get(f"{MONITORS}/1")):
        assert "application/json" == answer.headers["content-type"]


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"query": ""}, "The value provided for parameter 'query' is invalid: it is empty"),
        ({"query": "sum(x"}, "The value provided for parameter 'query' is invalid: ) is missing"),
        ({"query": 'up{job="x}'}, "The value provided for parameter 'query' is invalid: a quote"),
        ({"type": "wish"}, "The value provided for parameter 'type' is invalid"),
        ({"priority": 6}, "The value provided for parameter 'priority' is invalid"),
        ({"name": 5}, 'attribute "name" must be a string'),
        ({"tags": "x"}, 'attribute "tags" must be an array'),
        ({"options": {"thresholds": 5}}, 'attribute "thresholds"'),
        ({"options": {"silenced": {"*": "soon"}}}, 'attribute "end"'),
        ({"options": {"silenced": ["*"]}}, 'attribute "silenced"'),
    ],
)
def test_a_monitor_that_cannot_be_is_refused(cast: Cast, changes: Any, detail: str) -> None:
    for path in (MONITORS, f"{MONITORS}/validate"):
        answer = cast.ada.post(path, a_monitor(**changes))

        assert 400 == answer.status_code
        [said] = answer.json()["errors"]
        assert said.startswith(detail)
    assert [] == cast.ada.get(MONITORS).json()


def test_type_and_query_are_required(cast: Cast) -> None:
    assert ['attribute "type" is required'] == cast.ada.post(MONITORS, {"query": "x"}).json()["errors"]
    assert ['attribute "query" is required'] == cast.ada.post(MONITORS, {"type": "composite"}).json()[
        "errors"
    ]


def test_validation_keeps_nothing(cast: Cast) -> None:
    assert (200, {}) == _told(cast.ada.post(f"{MONITORS}/validate", a_monitor()))
    assert [] == cast.ada.get(MONITORS).json()


def test_a_change_leaves_what_it_does_not_name(cast: Cast) -> None:
    before = created(cast.ada, priority=3)
    path = f"{MONITORS}/{before['id']}"

    after = cast.ada.send("PUT", path, {"name": "Other", "tags": [], "priority": None}).json()

    assert after["modified"] > before["modified"]
    changed = {"name": "Other", "tags": [], "priority": None, "modified": after["modified"]}
    assert before | changed == after
    assert after == cast.ada.get(path).json()
    assert (200, {}) == _told(cast.ada.post(f"{path}/validate", {"name": "x"}))
    assert 400 == cast.ada.send("PUT", path, {"type": "log alert"}).status_code


@pytest.mark.parametrize("id", ["1", "0", "abc", "9" * 18, "9" * 30])
def test_a_monitor_that_is_not_there_is_not_found(cast: Cast, id: str) -> None:
    for method, body in (("GET", None), ("PUT", {"name": "x"}), ("DELETE", None)):
        answer = cast.ada.send(method, f"{MONITORS}/{id}", body)
        assert (404, {"errors": ["Monitor not found"]}) == _told(answer)
    told = cast.ada.post(f"/api/fairlead/v1/monitors/{id}/state", {"state": "ok"})
    assert (404, "Monitor not found") == (told.status_code, told.json()["error"]["detail"])


def test_a_deleted_monitor_is_gone(cast: Cast) -> None:
    id = created(cast.ada)["id"]

    assert (200, {"deleted_monitor_id": id}) == _told(cast.ada.delete(f"{MONITORS}/{id}"))

    assert 404 == cast.ada.get(f"{MONITORS}/{id}").status_code
    assert 404 == cast.ada.delete(f"{MONITORS}/{id}").status_code
    assert [] == cast.ada.get(MONITORS).json()


def test_a_monitor_that_a_rule_names_is_deleted_only_by_force(cast: Cast) -> None:
    named, free = created(cast.ada)["id"], created(cast.ada)["id"]
    gate = made(cast.ada, GATES, a_gate())["id"]
    options = {"monitor_ids": [{"id": str(named), "groups": []}]}
    made(cast.ada, f"{GATES}/{gate}/rules", a_rule(options=options))

    assert (200, {"data": {"ok": [free]}, "errors": None}) == _told(
        cast.ada.get(f"{MONITORS}/can_delete?monitor_ids={free}")
    )
    both = cast.ada.get(f"{MONITORS}/can_delete?monitor_ids={named},{free}")
    assert (409, {"ok": [free]}, [str(named)]) == (
        both.status_code,
        both.json()["data"],
        list(both.json()["errors"]),
    )
    refused = cast.ada.delete(f"{MONITORS}/{named}")
    assert 400 == refused.status_code
    assert gate in refused.json()["errors"][0]
    assert 200 == cast.ada.delete(f"{MONITORS}/{named}?force=true").status_code


def test_monitors_are_listed_by_name_and_tags_and_page(cast: Cast) -> None:
    one = created(cast.ada, name="Checkout latency", tags=["team:a"])["id"]
    two = created(cast.ada, name="Search latency", tags=["team:b", "env:prod"])["id"]
    three = created(cast.ada, name="Search errors", query="avg(last_5m):avg:errors{host:x} > 1", tags=[])[
        "id"
    ]

    def ids(query: str) -> list[int]:
        return [told["id"] for told in cast.ada.get(f"{MONITORS}?{query}").json()]

    assert sorted([one, two, three]) == ids("")
    assert sorted([one, two]) == ids("name=LATENCY")
    assert [two] == ids("monitor_tags=team:b,env:prod")
    assert [three] == ids("tags=host:x")
    assert sorted([one, two, three])[:2] == ids("page=0&page_size=2")
    assert sorted([one, two, three])[2:] == ids("page=1&page_size=2")
    assert sorted([one, two, three])[1:2] == ids(f"id_offset={min(one, two, three)}&page_size=1")


def test_group_states_are_shown_where_they_are_asked_for(cast: Cast) -> None:
    id = created(cast.ada)["id"]
    tell(cast.ada, id, "alert", group="pod:1", at="2026-01-01T00:00:00Z")
    tell(cast.ada, id, "ok", group="pod:2")

    seen = cast.ada.get(f"{MONITORS}/{id}?group_states=alert,warn").json()
    assert (True, "Alert") == (seen["multi"], seen["overall_state"])
    told = {"name": "pod:1", "status": "Alert", "last_triggered_ts": 1767225600}
    assert {"pod:1": told | {"last_notified_ts": 1767225600}} == seen["state"]["groups"]
    assert {"pod:1", "pod:2"} == cast.ada.get(f"{MONITORS}?group_states=all").json()[0]["state"][
        "groups"
    ].keys()
    assert "state" not in cast.ada.get(f"{MONITORS}/{id}").json()
    assert (400, {"errors": ["Invalid group_state filters."]}) == _told(
        cast.ada.get(f"{MONITORS}?group_states=bad")
    )


def test_a_monitor_without_groups_has_the_one_group_total(cast: Cast) -> None:
    id = created(cast.ada)["id"]
    tell(cast.ada, id, "warn")

    seen = cast.ada.get(f"{MONITORS}/{id}?group_states=all").json()

    assert ("Warn", {"total"}, False) == (
        seen["overall_state"],
        seen["state"]["groups"].keys(),
        seen["multi"],
    )


def test_every_state_is_kept_with_its_span(cast: Cast) -> None:
    id = created(cast.ada)["id"]
    tell(cast.ada, id, "ok", at="2026-01-01T00:00:00Z", reason="first")
    tell(cast.ada, id, "alert", at=1767225600_000 + 60_000)
    told = tell(cast.ada, id, "OK", at="2026-01-01T00:02:00Z")["states"]

    assert told == tell(cast.ada, id, "OK", at="2026-01-01T00:02:00Z")["states"], "told again"
    states = cast.ada.get(f"/api/fairlead/v1/monitors/{id}/states?from=2025-12-01T00:00:00Z").json()["states"]
    assert [
        ("ok", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z", "first"),
        ("alert", "2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z", ""),
    ] == [(one["state"], one["from_at"], one["until_at"], one["reason"]) for one in states[:2]]
    assert "ok" == states[2]["state"]


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"state": "broken"}, "state"),
        ({}, "state"),
        ({"state": "ok", "at": "yesterday"}, "at"),
        ({"state": "ok", "at": "2099-01-01T00:00:00Z"}, "at"),
        ({"state": "ok", "at": 5}, "at"),
        ({"state": "ok", "group": "x" * 1001}, "group"),
        ({"state": "ok", "reason": 5}, "reason"),
    ],
)
def test_a_state_that_cannot_be_is_refused(cast: Cast, told: Any, field: str) -> None:
    id = created(cast.ada)["id"]

    answer = cast.ada.post(f"/api/fairlead/v1/monitors/{id}/state", told)

    assert (400, field) == (answer.status_code, answer.json()["error"]["field"])


def test_a_search_finds_orders_and_counts(cast: Cast) -> None:
    one = created(cast.ada, name="A errors", tags=["team:a"], priority=1)["id"]
    two = created(cast.ada, name="B errors", tags=["team:a"], type="log alert")["id"]
    created(cast.ada, name="C latency", tags=["team:b"])
    tell(cast.ada, one, "alert", at="2026-01-01T00:00:00Z")

    found = cast.ada.get(f"{MONITORS}/search?query=team:a&sort=name,desc&per_page=1").json()

    assert [two] == [told["id"] for told in found["monitors"]]
    assert {"total_count": 2, "page_count": 2, "page": 0, "per_page": 1} == found["metadata"]
    assert {
        "status": [{"count": 1, "name": "Alert"}, {"count": 1, "name": "No Data"}],
        "muted": [{"count": 2, "name": False}],
        "tag": [{"count": 2, "name": "team:a"}],
        "type": [{"count": 1, "name": "log alert"}, {"count": 1, "name": "service check"}],
    } == found["counts"]
    [told] = cast.ada.get(f"{MONITORS}/search?query=status:Alert").json()["monitors"]
    assert (one, 1767225600, 1) == (told["id"], told["last_triggered_ts"], told["priority"])
    assert [{"handle": "pagerduty-payments", "name": "pagerduty-payments"}] == told["notifications"]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("query=status:fine", "Query parsing error: 'fine' is not a valid monitor status"),
        ("query=(team:a", 'attribute "query" cannot be read'),
        ("sort=colour,asc", 'parameter "sort"'),
        ("per_page=0", 'parameter "per_page"'),
        ("page=-1", 'parameter "page"'),
    ],
)
def test_a_search_that_cannot_be_is_refused(cast: Cast, query: str, detail: str) -> None:
    for path in ("search", "groups/search"):
        answer = cast.ada.get(f"{MONITORS}/{path}?{query}")

        assert 400 == answer.status_code
        assert answer.json()["errors"][0].startswith(detail)


def test_a_search_for_groups_finds_groups(cast: Cast) -> None:
    id = created(cast.ada)["id"]
    tell(cast.ada, id, "alert", group="env:prod,pod:1", at="2026-01-01T00:00:00Z")
    tell(cast.ada, id, "ok", group="env:stage,pod:2")

    found = cast.ada.get(f"{MONITORS}/groups/search?query=status:alert").json()

    [told] = found["groups"]
    assert ("env:prod,pod:1", ["env:prod", "pod:1"], "Alert", id, 1767225600) == (
        told["group"],
        told["group_tags"],
        told["status"],
        told["monitor_id"],
        told["last_triggered_ts"],
    )
    assert ["service:shop", "env:prod", "pod:1"] == told["all_tags"]
    assert 1 == found["metadata"]["total_count"]
    ungrouped = created(cast.ada, name="Z", tags=["only:me"])["id"]
    [told] = cast.ada.get(f"{MONITORS}/groups/search?query=only:me").json()["groups"]
    assert ("total", ungrouped) == (told["group"], told["monitor_id"])


def test_a_monitor_is_muted_and_heard_again(cast: Cast) -> None:
    id = created(cast.ada, options={"silenced": {"*": None}})["id"]
    path = f"{MONITORS}/{id}"

    def muted() -> tuple[Any, int]:
        silenced = cast.ada.get(path).json()["options"]["silenced"]
        return silenced, cast.ada.get(f"{MONITORS}/search?query=muted:true").json()["metadata"]["total_count"]

    assert ({"*": None}, 1) == muted()
    cast.ada.send("PUT", path, {"options": {"silenced": {}}})
    assert ({}, 0) == muted()
    assert 200 == cast.ada.post(f"{path}/mute", {"scope": "pod:1", "end": 4_000_000_000}).status_code
    assert ({"pod:1": 4_000_000_000}, 0) == muted()
    assert 200 == cast.ada.send("POST", f"{path}/mute").status_code
    assert ({"*": None, "pod:1": 4_000_000_000}, 1) == muted()
    assert 200 == cast.ada.send("POST", f"{path}/unmute?scope=pod:1").status_code
    assert ({"*": None}, 1) == muted()
    assert 200 == cast.ada.post(f"{path}/unmute", {"all_scopes": True}).status_code
    assert ({}, 0) == muted()
    assert 400 == cast.ada.post(f"{path}/mute", {"end": "soon"}).status_code
    downtimes = cast.ada.get(f"{path}?with_downtimes=true").json()["matching_downtimes"]
    assert [] == downtimes


def test_a_gate_hears_of_a_monitor_as_soon_as_it_changes(cast: Cast) -> None:
    id = created(cast.ada)["id"]
    tell(cast.ada, id, "ok")
    evaluation = triggered(cast.ada, **inline(a_monitor_rule(options={"duration": 7200})))

    tell(cast.ada, id, "alert", reason="7 % of requests fail")

    told = settled(cast.ada, evaluation)
    assert "fail" == told["gate_status"]
    assert f'"Checkout error rate" (monitor {id})' in told["rules"][0]["reason"]
    assert "7 % of requests fail" in told["rules"][0]["reason"]
    [seen] = cast.ada.get(f"{GATES}/evaluations/rules?filter[gate_evaluation_id]={evaluation}").json()["data"]
    [failed] = seen["attributes"]["failures"]["monitors"]
    assert (str(id), "ALERT") == (failed["id"], failed["state"])
    assert failed["url"].endswith(f"/monitors/{id}")


def test_reading_and_writing_are_two_permissions(cast: Cast) -> None:
    from fairlead.domain.access import Permission  # noqa: PLC0415 — the one test that needs it.

    id = created(cast.ada)["id"]
    reader, _, _ = cast.newcomer(Permission.MONITORS_READ)
    writer, _, _ = cast.newcomer(Permission.MONITORS_WRITE)

    def statuses(person: Person) -> tuple[int, int, int]:
        state = person.post(f"/api/fairlead/v1/monitors/{id}/state", {"state": "ok"})
        created = person.post(MONITORS, a_monitor())
        return person.get(f"{MONITORS}/{id}").status_code, created.status_code, state.status_code

    assert (200, 403, 403) == statuses(reader)
    assert (403, 200, 200) == statuses(writer)
    assert (403, 403, 401) == statuses(cast.robot)
    assert (403, 403, 401) == statuses(cast.nobody)


def test_nothing_reaches_across_organisations(cast: Cast) -> None:
    id = created(cast.ada, name="secret")["id"]

    for method, path, body in (
        ("GET", f"{MONITORS}/{id}", None),
        ("PUT", f"{MONITORS}/{id}", {"name": "x"}),
        ("POST", f"{MONITORS}/{id}/validate", {"name": "x"}),
        ("POST", f"{MONITORS}/{id}/mute", None),
        ("POST", f"{MONITORS}/{id}/unmute", None),
        ("DELETE", f"{MONITORS}/{id}", None),
        ("POST", f"/api/fairlead/v1/monitors/{id}/state", {"state": "ok"}),
        ("GET", f"/api/fairlead/v1/monitors/{id}/states", None),
    ):
        assert 404 == cast.zoe.send(method, path, body).status_code, path
    for path in ("", "/search?query=secret", "/groups/search", "?name=secret"):
        assert "secret" not in cast.zoe.get(f"{MONITORS}{path}").text


def _told(answer: Any) -> tuple[int, Any]:
    return answer.status_code, answer.json()
