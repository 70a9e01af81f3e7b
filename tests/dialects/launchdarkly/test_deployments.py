"""Deployments, told event by event and shown as LaunchDarkly's clients read them."""

import time
from itertools import permutations
from typing import Any

import pytest

from tests.casts import Cast, Person

EVENTS = "/api/v2/engineering-insights/deployment-events"
DEPLOYMENTS = "/api/v2/engineering-insights/deployments"
NOW_MS = time.time_ns() // 1_000_000
HOUR_MS = 3_600_000


def an_event(type: str, hours_ago: float | None, **changes: Any) -> dict[str, Any]:
    """Return an event of one version of one application."""
    told: dict[str, Any] = {
        "projectKey": "default",
        "environmentKey": "production",
        "applicationKey": "billing-service",
        "version": "a90a8a2",
        "eventType": type,
        "eventTime": None if hours_ago is None else NOW_MS - int(hours_ago * HOUR_MS),
    }
    return {name: value for name, value in (told | changes).items() if value is not None}


def tell(person: Person, *events: dict[str, Any]) -> None:
    """Tell of events, one after another."""
    for event in events:
        answer = person.post(EVENTS, event)
        assert (201, b"") == (answer.status_code, answer.content), answer.text


def listed(person: Person, **query: Any) -> list[dict[str, Any]]:
    """Return what is listed."""
    items: list[dict[str, Any]] = page(person, **query)["items"]
    return items


def page(person: Person, **query: Any) -> dict[str, Any]:
    """Return one page of the list."""
    params = {"projectKey": "default", "environmentKey": "production", **query}
    answer = person.http.get(DEPLOYMENTS, params=params, headers=person.headers)
    assert 200 == answer.status_code, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_start_and_an_end_are_one_deployment(lucy: Person) -> None:
    tell(lucy, an_event("started", 2, deploymentMetadata={"buildNumber": "1234", "by": "ci"}))
    [running] = listed(lucy)
    tell(lucy, an_event("finished", 1, deploymentMetadata={"by": "ada"}))
    [one] = listed(lucy)

    assert ("started", "deployment", False, None) == (
        running["status"],
        running["kind"],
        running["active"],
        running.get("endedAt"),
    )
    assert {
        "id": running["id"],
        "applicationKey": "billing-service",
        "applicationVersion": "a90a8a2",
        "environmentKey": "production",
        "startedAt": NOW_MS - 2 * HOUR_MS,
        "status": "finished",
        "kind": "deployment",
        "active": True,
        "archived": False,
        "numberOfContributors": 0,
        "numberOfPullRequests": 0,
        "linesAdded": 0,
        "linesDeleted": 0,
        "leadTime": 0,
        "endedAt": NOW_MS - HOUR_MS,
        "durationMs": HOUR_MS,
        "metadata": {"buildNumber": "1234", "by": "ada"},
    } == one


def test_a_second_start_after_an_end_opens_a_redeployment(lucy: Person) -> None:
    tell(lucy, an_event("started", 4), an_event("finished", 3), an_event("started", 2))

    assert [("started", "redeployment"), ("finished", "deployment")] == [
        (one["status"], one["kind"]) for one in listed(lucy)
    ]
    assert 2 == page(lucy)["totalCount"]


def test_a_lone_end_began_as_it_ended(lucy: Person) -> None:
    tell(lucy, an_event("finished", 1))
    [one] = listed(lucy)

    assert (one["startedAt"], 0, "finished") == (one["endedAt"], one["durationMs"], one["status"])


def test_a_failure_is_listed_and_is_no_deployment_elsewhere(cast: Cast, lucy: Person) -> None:
    tell(lucy, an_event("started", 2), an_event("failed", 1))

    assert [("failed", HOUR_MS)] == [(one["status"], one["durationMs"]) for one in listed(lucy)]
    assert [] == deployments_elsewhere(cast)


def test_any_order_of_events_comes_to_the_same(cast: Cast, lucy: Person) -> None:
    events = [an_event("started", 4), an_event("failed", 3), an_event("started", 2), an_event("finished", 1)]
    found = set()
    for number, order in enumerate(permutations(events)):
        application = f"service-{number}"
        tell(lucy, *({**event, "applicationKey": application} for event in (*order, order[0])))
        mine = listed(lucy, applicationKey=application)
        found.add(tuple((one["status"], one["kind"], one["startedAt"], one["endedAt"]) for one in mine))

    hour = HOUR_MS
    assert {
        (
            ("finished", "redeployment", NOW_MS - 2 * hour, NOW_MS - hour),
            ("failed", "deployment", NOW_MS - 4 * hour, NOW_MS - 3 * hour),
        )
    } == found
    assert len(list(permutations(events))) == len(deployments_elsewhere(cast))


def test_a_custom_event_changes_nothing_but_metadata(lucy: Person) -> None:
    tell(lucy, an_event("custom", 5, deploymentMetadata={"a": 1}))
    assert [] == listed(lucy)
    tell(lucy, an_event("started", 3), an_event("custom", 2, deploymentMetadata={"b": 2}))

    [one] = listed(lucy)
    assert ("started", {"a": 1, "b": 2}) == (one["status"], one["metadata"])


def deployments_elsewhere(cast: Cast) -> list[dict[str, Any]]:
    """Return what Datadog's clients are told."""
    body = {
        "data": {
            "type": "dora_deployments_list_request",
            "attributes": {"query": "source:launchdarkly", "limit": 100},
        }
    }
    found: list[dict[str, Any]] = cast.ada.post("/api/v2/dora/deployments", body).json()["data"]
    return found


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"projectKey": None}, "projectKey"),
        ({"projectKey": "nowhere"}, "projectKey"),
        ({"environmentKey": "nowhere"}, "environmentKey"),
        ({"applicationKey": ""}, "applicationKey"),
        ({"applicationKey": "a\0b"}, "applicationKey"),
        ({"version": "v 1"}, "version"),
        ({"version": 7}, "version"),
        ({"eventType": "paused"}, "eventType"),
        ({"eventTime": "yesterday"}, "eventTime"),
        ({"eventTime": 1_706_701_522}, "eventTime"),
        ({"applicationKind": "toaster"}, "applicationKind"),
        ({"deploymentMetadata": []}, "deploymentMetadata"),
        ({"deploymentMetadata": {"a": "\0"}}, "deploymentMetadata"),
        ({"eventMetadata": {"a": "x" * 200_000}}, "eventMetadata"),
    ],
)
def test_a_bad_event_is_refused_by_its_attribute(lucy: Person, changes: dict[str, Any], field: str) -> None:
    answer = lucy.post(
        EVENTS,
        an_event("finished", 1) | changes
        if None not in changes.values()
        else an_event("finished", 1, **dict.fromkeys(changes)),
    )

    assert (400, "invalid_request") == (answer.status_code, answer.json()["code"])
    assert [field] == [fault["attribute"] for fault in answer.json()["errors"]], answer.text
    assert [] == listed(lucy)


def test_what_the_documentation_prints_and_the_action_sends_is_taken(lucy: Person) -> None:
    told = an_event("finished", None, eventTime=str(NOW_MS), eventMetadata=[1, {"a": None}], other="ignored")
    tell(lucy, told)
    answer = lucy.http.post(
        "/api/v2/accelerate/deployment-events", headers=lucy.headers, json=an_event("started", 1)
    )

    assert 201 == answer.status_code
    assert [NOW_MS - HOUR_MS] == [one["startedAt"] for one in listed(lucy, to=NOW_MS + HOUR_MS)]


def test_pages_lead_on_and_back(lucy: Person) -> None:
    tell(lucy, *(an_event("finished", hours, version=f"v-{hours}") for hours in range(1, 8)))
    first = page(lucy, limit=3)
    second = lucy.get(first["_links"]["next"]["href"]).json()
    third = lucy.get(second["_links"]["next"]["href"]).json()
    back = lucy.get(third["_links"]["prev"]["href"]).json()

    versions = [[one["applicationVersion"] for one in each["items"]] for each in (first, second, third, back)]
    assert [["v-1", "v-2", "v-3"], ["v-4", "v-5", "v-6"], ["v-7"], ["v-4", "v-5", "v-6"]] == versions
    assert {7} == {each["totalCount"] for each in (first, second, third, back)}
    assert ("prev" in first["_links"], "next" in third["_links"]) == (False, False)
    assert "limit=3" in first["_links"]["next"]["href"]


def test_lists_are_filtered(lucy: Person) -> None:
    tell(lucy, an_event("finished", 3), an_event("started", 2), an_event("failed", 1, applicationKey="web"))

    def found(**query: Any) -> list[str]:
        assert page(lucy, **query)["totalCount"] == len(listed(lucy, **query))
        return [f"{one['applicationKey']} {one['status']} {one['kind']}" for one in listed(lucy, **query)]

    finished, running, failed = (
        "billing-service finished deployment",
        "billing-service started redeployment",
        "web failed deployment",
    )
    assert [failed, running, finished] == found()
    assert [failed] == found(applicationKey="web,nothing")
    assert [finished] == found(status="finished")
    assert [running] == found(status="started")
    assert [running] == found(kind="redeployment")
    assert [failed, finished] == found(kind="deployment")
    assert [failed] == found(kind="deployment", status="failed")
    assert [] == found(kind="rollback")
    assert [running] == found(**{"from": NOW_MS - int(2.5 * HOUR_MS), "to": NOW_MS - int(1.5 * HOUR_MS)})
    assert [] == found(environmentKey="test")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"projectKey": ""}, 400),
        ({"environmentKey": ""}, 400),
        ({"limit": 101}, 400),
        ({"after": "%%%"}, 400),
        ({"after": "bm9uZQ"}, 400),
        ({"kind": "surprise"}, 400),
        ({"expand": "everything"}, 400),
        ({"projectKey": "nowhere"}, 404),
        ({"environmentKey": "nowhere"}, 404),
    ],
)
def test_a_list_of_nothing_is_refused(lucy: Person, query: dict[str, Any], status: int) -> None:
    params = {"projectKey": "default", "environmentKey": "production", **query}
    answer = lucy.http.get(DEPLOYMENTS, params=params, headers=lucy.headers)

    assert status == answer.status_code
    if status == 400:
        assert list(query) == [fault["attribute"] for fault in answer.json()["errors"]]


def test_one_deployment_is_found_by_its_id_and_by_no_other(cast: Cast, lucy: Person) -> None:
    tell(lucy, an_event("finished", 1))
    [one] = listed(lucy)

    assert one == lucy.get(f"{DEPLOYMENTS}/{one['id'].upper()}").json()
    for id in ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "none", "%00"):
        assert 404 == lucy.get(f"{DEPLOYMENTS}/{id}").status_code or id == "%00"


def test_a_correction_by_hand_stands(cast: Cast, lucy: Person) -> None:
    tell(lucy, an_event("started", 2))
    [one] = listed(lucy)
    path = f"{DEPLOYMENTS}/{one['id']}"
    ended = lucy.patch(path, [{"op": "replace", "path": "/status", "value": "finished"}])
    tell(lucy, an_event("failed", 1))
    hidden = lucy.patch(path, {"comment": "noise", "merge": {"archived": True, "metadata": {"why": "noise"}}})

    assert (200, "finished") == (ended.status_code, ended.json()["status"])
    assert NOW_MS <= ended.json()["endedAt"]
    assert hidden.json() == lucy.get(path).json()
    assert ("finished", True, {"why": "noise"}) == tuple(
        hidden.json()[name] for name in ("status", "archived", "metadata")
    )
    assert 1 == len(deployments_elsewhere(cast))
    undone = lucy.patch(path, {"patch": [{"op": "replace", "path": "/status", "value": "failed"}]})
    assert ("failed", []) == (undone.json()["status"], deployments_elsewhere(cast))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ([{"op": "replace", "path": "/active", "value": False}], "active"),
        ([{"op": "replace", "path": "/status", "value": "done"}], "status"),
        ([{"op": "replace", "path": "/archived", "value": "yes"}], "archived"),
        ([{"op": "test", "path": "/archived", "value": True}], "path"),
        ([{"op": "remove", "path": "/nothing"}], "path"),
        ({"metadata": "text"}, "metadata"),
        ({"endedAt": "never"}, "endedAt"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(lucy: Person, change: Any, field: str) -> None:
    tell(lucy, an_event("finished", 1))
    [one] = listed(lucy)
    answer = lucy.patch(f"{DEPLOYMENTS}/{one['id']}", change)

    assert (400, [field]) == (answer.status_code, [fault["attribute"] for fault in answer.json()["errors"]])
    assert [one] == listed(lucy)


def test_what_datadogs_clients_tell_is_listed_here(cast: Cast, lucy: Person) -> None:
    told = {
        "id": "deploy-17",
        "service": "checkout",
        "env": "prod",
        "version": "1.4.2",
        "started_at": (NOW_MS - 2 * HOUR_MS) * 1_000_000,
        "finished_at": (NOW_MS - HOUR_MS) * 1_000_000,
    }
    cast.ada.post("/api/v2/dora/deployment", {"data": {"attributes": told}})
    [one] = listed(lucy, environmentKey="prod")
    path = f"{DEPLOYMENTS}/{one['id']}"

    assert ("checkout", "1.4.2", "finished", True) == tuple(
        one[name] for name in ("applicationKey", "applicationVersion", "status", "active")
    )
    assert one == lucy.get(path).json()
    assert 400 == lucy.patch(path, {"status": "failed"}).status_code
    corrected = lucy.patch(path, {"kind": "redeployment", "archived": True}).json()
    assert one | {"kind": "redeployment", "archived": True} == corrected
    assert [corrected] == listed(lucy, environmentKey="prod", kind="redeployment")
    assert [] == listed(lucy, environmentKey="prod", kind="deployment")
    cast.ada.delete("/api/v2/dora/deployment/deploy-17")
    assert (404, []) == (lucy.get(path).status_code, listed(lucy, environmentKey="prod"))


def test_what_was_deleted_elsewhere_stays_gone(cast: Cast, lucy: Person) -> None:
    tell(lucy, an_event("started", 3), an_event("finished", 2))
    [one] = listed(lucy)
    cast.ada.delete(f"/api/v2/dora/deployment/{one['id']}")
    tell(lucy, an_event("started", 1))

    assert [("started", "redeployment")] == [(each["status"], each["kind"]) for each in listed(lucy)]
    assert (404, []) == (lucy.get(f"{DEPLOYMENTS}/{one['id']}").status_code, deployments_elsewhere(cast))
