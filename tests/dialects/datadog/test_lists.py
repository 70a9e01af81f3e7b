from typing import Any

import pytest

from tests.casts import Cast
from tests.datadog_requests import (
    DEPLOYMENT,
    DEPLOYMENTS,
    FAILURE,
    FAILURES,
    MINUTE_NS,
    NOON,
    a_deployment,
    a_failure,
    a_list,
)

AT_NOON = "2025-03-12T12:00:00Z"


@pytest.fixture
def twelve(cast: Cast) -> Cast:
    """Twelve deployments, a minute apart from noon on, of three services in turn."""
    services = ("cart", "checkout", "search")
    for number in range(12):
        request = a_deployment(
            id=f"d{number:02}",
            service=services[number % 3],
            version=f"v{number}",
            env="prod" if number % 2 else None,
            finished_at=NOON + number * MINUTE_NS,
            started_at=NOON - number * MINUTE_NS,
        )
        assert 200 == cast.robot.post(DEPLOYMENT, request).status_code
    return cast


def ids(cast: Cast, **attributes: Any) -> list[str]:
    """Return the ids of a list in order."""
    answer = cast.ada.post(DEPLOYMENTS, a_list(**attributes))
    assert 200 == answer.status_code, answer.text
    return [one["id"] for one in answer.json()["data"]]


def some(*numbers: int) -> list[str]:
    return [f"d{number:02}" for number in numbers]


def test_a_list_without_a_word_is_the_ten_newest(twelve: Cast) -> None:
    assert some(*range(11, 1, -1)) == ids(twelve)


def test_a_limit_is_kept(twelve: Cast) -> None:
    assert [1, 5, 12] == [len(ids(twelve, limit=limit)) for limit in (1, 5, 1000)]


@pytest.mark.parametrize("absent", ["from", "to", "limit", "query", "sort"])
def test_null_says_as_much_as_nothing(twelve: Cast, absent: str) -> None:
    assert some(*range(11, 1, -1)) == ids(twelve, **{absent: None})


def test_both_bounds_are_inclusive_and_compared_with_the_end(twelve: Cast) -> None:
    assert some(5, 4, 3) == ids(twelve, since="2025-03-12T12:03:00Z", to="2025-03-12T12:05:00Z")


@pytest.mark.parametrize(
    "spelled",
    [
        "2025-03-12T12:03:00Z",
        "2025-03-12T12:03:00.000Z",
        "2025-03-12T12:03:00+00:00",
        "2025-03-12T13:03:00+01:00",
        "2025-03-12T07:03:00-05:00",
        "2025-03-12t12:03:00z",
        "2025-03-12T12:03:00",
    ],
)
def test_a_bound_may_be_spelled_in_many_ways(twelve: Cast, spelled: str) -> None:
    assert some(3) == ids(twelve, since=spelled, to=spelled)


@pytest.mark.parametrize(
    "attributes",
    [
        {"since": "0001-01-01T00:00:00+23:59"},
        {"to": "9999-12-31T23:59:59-23:59"},
        {"since": "1969-12-31T23:59:59Z", "to": "2300-01-01T00:00:00Z"},
    ],
)
def test_bounds_beyond_all_time_are_no_bounds(twelve: Cast, attributes: dict[str, str]) -> None:
    assert 12 == len(ids(twelve, limit=100, **attributes))


def test_a_window_that_ends_before_it_begins_is_empty(twelve: Cast) -> None:
    assert [] == ids(twelve, since="2025-03-13T00:00:00Z", to="2025-03-11T00:00:00Z")


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-finished_at", some(11, 10, 9)),
        ("finished_at", some(0, 1, 2)),
        ("@finished_at", some(0, 1, 2)),
        ("-@started_at", some(0, 1, 2)),
        ("started_at", some(11, 10, 9)),
        ("service", some(0, 3, 6)),
        ("-service", some(11, 8, 5)),
        ("version", some(0, 1, 10)),
        ("-version", some(9, 8, 7)),
        ("env", some(0, 2, 4)),
        ("-env", some(11, 9, 7)),
        ("", some(11, 10, 9)),
    ],
)
def test_a_list_can_be_ordered(twelve: Cast, sort: str, expected: list[str]) -> None:
    assert expected == ids(twelve, sort=sort, limit=3)


def test_pages_by_time_lose_nothing(twelve: Cast) -> None:
    first = ids(twelve, sort="finished_at", limit=6)
    rest = ids(twelve, sort="finished_at", limit=100, since="2025-03-12T12:06:00Z")

    assert some(*range(12)) == first + rest


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("service:cart", some(9, 6, 3, 0)),
        ("service:(cart OR search) version:*1", some(11)),
        ("-service:cart -service:search", some(10, 7, 4, 1)),
        ("-env:*", some(10, 8, 6, 4, 2, 0)),
        ("version:v1*", some(11, 10, 1)),
        ("env:prod AND version:(v1 OR v2 OR v3)", some(3, 1)),
        ('service:"cart"', some(9, 6, 3, 0)),
        ("region:eu-west-1 version:v7", some(7)),
        ("team:payments version:v7", some(7)),
        ("git.repository_id:github.com/shopist/* version:v7", some(7)),
        ("nobody_knows_me:1", []),
        ("service:nothing", []),
    ],
)
def test_a_list_can_be_searched(twelve: Cast, query: str, expected: list[str]) -> None:
    assert expected == ids(twelve, query=query, limit=100)


def test_failures_are_bounded_by_their_start_newest_first(cast: Cast) -> None:
    for number in range(4):
        request = a_failure(
            id=f"f{number}", started_at=NOON + number, finished_at=NOON + 60 * MINUTE_NS - number
        )
        assert 200 == cast.robot.post(FAILURE, request).status_code

    whole = cast.ada.post(FAILURES, a_list("failures")).json()["data"]
    bounded = cast.ada.post(FAILURES, a_list("failures", since=AT_NOON, to=AT_NOON)).json()["data"]
    by_end = cast.ada.post(FAILURES, a_list("failures", sort="finished_at")).json()["data"]

    assert ["f3", "f2", "f1", "f0"] == [one["id"] for one in whole]
    assert ["f0"] == [one["id"] for one in bounded]
    assert ["f3", "f2", "f1", "f0"] == [one["id"] for one in by_end]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("severity:(SEV-1 OR SEV-2)", ["f2", "f1"]),
        ("service:checkout", ["f2", "f1"]),
        ("service:(cart checkout)", ["f2"]),
        ("env:prod team:payments", ["f3", "f2", "f1"]),
        ("cause:traffic", ["f1"]),
        ("-finished_at:*", ["f3"]),
    ],
)
def test_failures_can_be_searched(cast: Cast, query: str, expected: list[str]) -> None:
    told: list[dict[str, Any]] = [
        {"severity": "SEV-1", "custom_tags": ["cause:traffic"]},
        {"severity": "SEV-2", "services": ["checkout", "cart"]},
        {"severity": "SEV-3", "services": ["search"], "finished_at": None},
    ]
    for number, changes in enumerate(told, start=1):
        request = a_failure(id=f"f{number}", started_at=NOON + number, **changes)
        assert 200 == cast.robot.post(FAILURE, request).status_code

    found = cast.ada.post(FAILURES, a_list("failures", query=query)).json()["data"]

    assert expected == [one["id"] for one in found]
