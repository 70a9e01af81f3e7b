import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.casts import Cast, Person
from tests.datadog_requests import FAILURE, FAILURES, INCIDENT, MINUTE_NS, NOON, SHA, a_failure, a_list

JSON_API = "application/vnd.api+json"
ENDED_AT = NOON + 30 * MINUTE_NS


def told(person: Person, path: str = FAILURE, **attributes: Any) -> str:
    """Tell of a failure and return the id it is kept under."""
    answer = person.post(path, a_failure(**attributes))
    assert 200 == answer.status_code, answer.text
    return str(answer.json()["data"]["id"])


def listed(person: Person, **attributes: Any) -> list[dict[str, Any]]:
    """Return the objects of a list."""
    answer = person.post(FAILURES, a_list("failures", **{"limit": 1000} | attributes))
    assert 200 == answer.status_code, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


@pytest.mark.parametrize("path", [FAILURE, INCIDENT])
def test_an_id_that_the_caller_sent_is_echoed(cast: Cast, path: str) -> None:
    answer = cast.robot.post(path, a_failure(id="inc-2025-0042"))

    assert (200, JSON_API) == (answer.status_code, answer.headers["content-type"])
    assert {"data": {"id": "inc-2025-0042", "type": "dora_failure"}} == answer.json()


def test_a_failure_comes_back_with_everything_that_was_sent(cast: Cast) -> None:
    told(cast.robot, id="f-1")

    answer = cast.ada.get(f"{FAILURES}/f-1")

    assert (200, JSON_API) == (answer.status_code, answer.headers["content-type"])
    expected = {
        "id": "f-1",
        "type": "dora_failure",
        "attributes": {
            "services": ["checkout"],
            "team": "payments",
            "env": "prod",
            "version": "1.4.2",
            "name": "Checkout answers with errors",
            "severity": "High",
            "started_at": NOON,
            "finished_at": ENDED_AT,
            "git": {"commit_sha": SHA, "repository_url": "https://github.com/shopist/checkout"},
            "custom_tags": ["region:eu-west-1"],
        },
    }
    assert {"data": expected} == answer.json()


def test_what_was_not_sent_is_left_out(cast: Cast) -> None:
    request = {"data": {"attributes": {"id": "f-1", "team": "payments", "started_at": NOON}}}
    cast.robot.post(FAILURE, request)

    seen = cast.ada.get(f"{FAILURES}/f-1").json()["data"]["attributes"]

    assert {"team": "payments", "started_at": NOON} == seen


def test_the_deprecated_path_takes_the_single_service_of_its_day(cast: Cast) -> None:
    told(cast.robot, INCIDENT, id="f-1", services=None, service="checkout")

    seen = cast.ada.get(f"{FAILURES}/f-1").json()["data"]["attributes"]

    assert ["checkout"] == seen["services"]


def test_services_are_kept_in_order_and_once(cast: Cast) -> None:
    told(cast.robot, id="f-1", services=["cart", "checkout", "cart"])

    seen = cast.ada.get(f"{FAILURES}/f-1").json()["data"]["attributes"]

    assert ["cart", "checkout"] == seen["services"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(2))))
@pytest.mark.parametrize("names", [(None, None), ("start", None), (None, "end"), ("same", "same")])
def test_two_parts_become_one_whichever_came_first(
    cast: Cast, names: tuple[str | None, str | None], order: tuple[int, ...]
) -> None:
    parts: list[dict[str, Any]] = [
        {"id": names[0], "finished_at": None, "severity": None, "custom_tags": ["told:first"]},
        {"id": names[1], "finished_at": ENDED_AT, "severity": "High", "custom_tags": None, "name": None},
    ]
    ids = [told(cast.robot, **parts[number]) for number in order]

    (only,) = listed(cast.ada)

    seen = only["attributes"]
    assert (NOON, ENDED_AT) == (seen["started_at"], seen["finished_at"])
    assert ("High", "Checkout answers with errors") == (seen["severity"], seen["name"])
    assert ["told:first"] == seen["custom_tags"]
    assert ids[-1] == only["id"]
    chosen = next((name for name in names if name), None)
    assert chosen in (None, only["id"])


def test_the_two_parts_may_name_services_in_another_order(cast: Cast) -> None:
    told(cast.robot, services=["cart", "checkout"], finished_at=None)
    told(cast.robot, services=["checkout", "cart"])

    assert 1 == len(listed(cast.ada))


def test_a_team_stands_in_where_no_service_is_named(cast: Cast) -> None:
    told(cast.robot, services=None, finished_at=None)
    told(cast.robot, services=None)

    (only,) = listed(cast.ada)

    assert ENDED_AT == only["attributes"]["finished_at"]


@pytest.mark.parametrize(
    "other",
    [{"env": "dev"}, {"services": ["cart"]}, {"started_at": NOON + 1}, {"services": ["checkout", "cart"]}],
)
def test_parts_of_different_failures_stay_apart(cast: Cast, other: dict[str, Any]) -> None:
    told(cast.robot, finished_at=None)
    told(cast.robot, **other)

    assert 2 == len(listed(cast.ada))


def test_two_names_are_two_failures(cast: Cast) -> None:
    told(cast.robot, id="f-1", finished_at=None)
    told(cast.robot, id="f-2")

    assert {"f-1", "f-2"} == {one["id"] for one in listed(cast.ada)}


def test_a_start_sent_again_does_not_open_the_failure_anew(cast: Cast) -> None:
    for finished_at in (None, ENDED_AT, None):
        told(cast.robot, finished_at=finished_at)

    (only,) = listed(cast.ada)

    assert ENDED_AT == only["attributes"]["finished_at"]


def test_the_same_failure_again_is_a_correction(cast: Cast) -> None:
    told(cast.robot, id="f-1", severity="High")
    told(cast.robot, id="f-1", severity="Low", name=None, finished_at=ENDED_AT + 1)

    (only,) = listed(cast.ada)

    assert ("Low", ENDED_AT + 1) == (only["attributes"]["severity"], only["attributes"]["finished_at"])
    assert "name" not in only["attributes"]


def test_a_corrected_failure_is_found_by_what_it_says_now(cast: Cast) -> None:
    told(cast.robot, id="f-1", services=["cart"], custom_tags=["cause:deploy"])
    told(
        cast.robot,
        id="f-1",
        services=["checkout"],
        custom_tags=["cause:traffic"],
        started_at=NOON + MINUTE_NS,
    )

    found = {
        query: len(listed(cast.ada, query=query))
        for query in ("service:cart", "service:checkout", "cause:deploy", "cause:traffic")
    }

    assert {"service:cart": 0, "service:checkout": 1, "cause:deploy": 0, "cause:traffic": 1} == found


def test_two_parts_sent_at_once_become_one(cast: Cast) -> None:
    together = threading.Barrier(16)

    def send(number: int) -> str:
        together.wait()
        return told(cast.robot, finished_at=ENDED_AT if number % 2 else None)

    with ThreadPoolExecutor(16) as senders:
        ids = set(senders.map(send, range(16)))

    (only,) = listed(cast.ada)
    assert ({only["id"]}, ENDED_AT) == (ids, only["attributes"]["finished_at"])


def test_a_deleted_failure_is_gone(cast: Cast) -> None:
    told(cast.robot, id="a:b/c")

    answer = cast.ada.delete(f"{FAILURE}/a%3Ab%2Fc")

    assert (202, JSON_API, {"data": None}) == (
        answer.status_code,
        answer.headers["content-type"],
        answer.json(),
    )
    assert 404 == cast.ada.get(f"{FAILURES}/a%3Ab%2Fc").status_code
    for query in ("", "service:checkout", "region:eu-west-1"):
        assert [] == listed(cast.ada, query=query)


@pytest.mark.parametrize(("method", "path"), [("GET", FAILURES), ("DELETE", FAILURE)])
def test_an_unknown_id_is_not_found(cast: Cast, method: str, path: str) -> None:
    answer = cast.ada.send(method, f"{path}/f-9")

    detail = "failure with id f-9 not found"
    assert (404, JSON_API) == (answer.status_code, answer.headers["content-type"])
    assert {"errors": [{"status": "404", "title": "Not Found", "detail": detail}]} == answer.json()


def test_credentials_in_a_repository_s_address_are_neither_kept_nor_told(cast: Cast) -> None:
    address = "https://robot:s3cret@github.com/shopist/checkout?private_token=s3cret#s3cret"
    told(cast.robot, id="f-1", git={"repository_url": address, "commit_sha": SHA})

    seen = cast.ada.get(f"{FAILURES}/f-1")

    assert "https://github.com/shopist/checkout" == seen.json()["data"]["attributes"]["git"]["repository_url"]
    assert "s3cret" not in seen.text
