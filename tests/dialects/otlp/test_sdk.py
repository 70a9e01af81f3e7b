"""Spans sent by the real SDK and its exporter."""

from typing import Any

import pytest

from tests.casts import Cast, Person
from tests.spans import a_service

TRAFFIC = "/api/fairlead/v1/traffic?service=checkout"


def traffic(person: Person, path: str = TRAFFIC) -> list[tuple[Any, ...]]:
    """Return env, version, resource, requests, errors and types of what was counted."""
    answer = person.get(path)
    assert 200 == answer.status_code, answer.text
    names = ("env", "version", "resource", "requests", "errors", "error_types")
    return [tuple(one[name] for name in names) for one in answer.json()["series"]]


def address_of(person: Person) -> str:
    return str(person.http.base_url).rstrip("/")


@pytest.mark.parametrize("gzip", [True, False])
def test_server_spans_are_counted_by_route_and_version(cast: Cast, gzip: bool) -> None:
    with a_service(address_of(cast.ada), cast.robot.headers, version="1.4.2", gzip=gzip) as service:
        service.answer("/cart/{id}", times=40)
        service.answer("/pay", times=9)
        service.answer("/pay", error=KeyError("card"))

    assert [
        ("prod", "1.4.2", "GET /cart/{id}", 40, 0, {}),
        ("prod", "1.4.2", "GET /pay", 10, 1, {"KeyError": 1}),
    ] == traffic(cast.ada)


def test_a_key_may_come_in_the_header_that_exporters_are_given(cast: Cast) -> None:
    bearer = {"Authorization": f"Bearer {cast.robot.headers['DD-API-KEY']}"}
    for headers in (bearer, cast.tom.headers, {"authorization": cast.robot.headers["DD-API-KEY"]}):
        with a_service(address_of(cast.ada), headers) as service:
            service.answer("/cart")

    assert [("prod", "1.0.0", "GET /cart", 3, 0, {})] == traffic(cast.ada)


def test_an_organisation_sees_nothing_of_another(cast: Cast) -> None:
    with a_service(address_of(cast.ada), cast.robot.headers) as service:
        service.answer("/cart")

    assert [] == traffic(cast.zoe)


def test_counts_are_found_by_environment_and_time(cast: Cast) -> None:
    for env in ("prod", "Staging"):
        with a_service(address_of(cast.ada), cast.robot.headers, env=env) as service:
            service.answer("/cart")

    assert ["staging"] == [one[0] for one in traffic(cast.ada, f"{TRAFFIC}&env=staging")]
    assert [] == traffic(cast.ada, f"{TRAFFIC}&to=2025-01-01T00:00:00Z")
