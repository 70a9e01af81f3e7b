import threading
import time
from typing import Any

import pytest

from fairlead.domain.access import Permission
from tests.casts import Cast, Person
from tests.datadog_requests import (
    ACTIVITY,
    DEPLOYMENT,
    DEPLOYMENTS,
    FAILURE,
    FAILURES,
    INCIDENT,
    VALIDATE,
    a_deployment,
    a_failure,
    a_list,
    a_patch,
    an_activity,
)

JSON_API = "application/vnd.api+json"
PATCH_BY_VERSION = a_patch(service="checkout", env="prod", version="1.4.2", change_failure=True)

SENDING: list[tuple[str, str, Any]] = [
    ("POST", DEPLOYMENT, a_deployment(id="d-1")),
    ("POST", FAILURE, a_failure(id="f-1")),
    ("POST", INCIDENT, a_failure(id="f-1")),
    ("POST", ACTIVITY, {"data": [an_activity()]}),
    ("GET", VALIDATE, None),
]
READING: list[tuple[str, str, Any]] = [
    ("POST", DEPLOYMENTS, a_list()),
    ("GET", f"{DEPLOYMENTS}/d-1", None),
    ("POST", FAILURES, a_list("failures")),
    ("GET", f"{FAILURES}/f-1", None),
]
WRITING: list[tuple[str, str, Any]] = [
    ("PATCH", f"{DEPLOYMENTS}/d-1", a_patch(change_failure=True)),
    ("PATCH", f"{DEPLOYMENT}/d-1", a_patch(change_failure=True)),
    ("PATCH", DEPLOYMENTS, PATCH_BY_VERSION),
    ("DELETE", f"{DEPLOYMENT}/d-1", None),
    ("DELETE", f"{FAILURE}/f-1", None),
]
MEMBERS = READING + WRITING
EVERYTHING = SENDING + MEMBERS


def told(person: Person, request: tuple[str, str, Any]) -> tuple[int, str, Any]:
    """Return status, media type and body."""
    answer = person.send(*request)
    return answer.status_code, answer.headers["content-type"], answer.json()


def refused(request: tuple[str, str, Any], *texts: str) -> tuple[int, str, Any]:
    """Return how a request is refused in shape B."""
    return 403, "application/json" if request[1] == VALIDATE else JSON_API, {"errors": list(texts)}


@pytest.fixture
def stocked(cast: Cast) -> Cast:
    """A cast with a deployment and a failure to speak about."""
    for request in SENDING[:2]:
        assert 200 == cast.robot.send(*request).status_code
    return cast


@pytest.mark.parametrize("request_", EVERYTHING)
def test_nobody_is_asked_for_a_key(stocked: Cast, request_: tuple[str, str, Any]) -> None:
    assert refused(request_, "API key required") == told(stocked.nobody, request_)


@pytest.mark.parametrize("request_", EVERYTHING)
def test_a_wrong_key_is_forbidden(stocked: Cast, request_: tuple[str, str, Any]) -> None:
    assert refused(request_, "Forbidden") == told(stocked.eve, request_)


@pytest.mark.parametrize("request_", EVERYTHING)
def test_a_revoked_key_is_forbidden(stocked: Cast, request_: tuple[str, str, Any]) -> None:
    revoked, api, app = stocked.newcomer()
    stocked.revoke(api)
    stocked.revoke(app)

    assert refused(request_, "Forbidden") == told(revoked, request_)


@pytest.mark.parametrize("request_", SENDING)
def test_an_api_key_is_enough_to_send(cast: Cast, request_: tuple[str, str, Any]) -> None:
    assert 200 == cast.robot.send(*request_).status_code


@pytest.mark.parametrize("request_", MEMBERS)
def test_an_api_key_alone_opens_nothing_else(stocked: Cast, request_: tuple[str, str, Any]) -> None:
    assert refused(request_, "Forbidden") == told(stocked.robot, request_)


@pytest.mark.parametrize("request_", READING)
def test_reading_needs_its_permission(stocked: Cast, request_: tuple[str, str, Any]) -> None:
    assert 200 == stocked.ben.send(*request_).status_code
    lacking = refused(request_, "Forbidden", "this key lacks the permission dora_metrics_read")
    assert lacking == told(stocked.cleo, request_)


@pytest.mark.parametrize("request_", WRITING)
def test_writing_needs_its_permission(stocked: Cast, request_: tuple[str, str, Any]) -> None:
    lacking = refused(request_, "Forbidden", "this key lacks the permission dora_metrics_write")
    assert lacking == told(stocked.ben, request_)
    assert 202 == stocked.cleo.send(*request_).status_code


@pytest.mark.parametrize("request_", MEMBERS)
def test_a_token_stands_alone(stocked: Cast, request_: tuple[str, str, Any]) -> None:
    assert stocked.tom.send(*request_).status_code in (200, 202)


@pytest.mark.parametrize("request_", SENDING)
def test_a_token_is_no_api_key(cast: Cast, request_: tuple[str, str, Any]) -> None:
    assert refused(request_, "API key required") == told(cast.tom, request_)


def mixed(*people: Person) -> dict[str, str]:
    """Return the headers of several people at once, the later over the earlier."""
    return {name: value for one in people for name, value in one.headers.items()}


def statuses(person: Person, headers: dict[str, str]) -> set[int]:
    odd = Person(person.http, headers, person.org_id)
    return {odd.send(*request).status_code for request in MEMBERS}


def test_keys_count_more_than_a_token_beside_them(stocked: Cast) -> None:
    assert {200, 202} == statuses(
        stocked.ada, mixed(stocked.eve, stocked.ada) | {"Authorization": "Bearer x"}
    )
    assert {403} == statuses(stocked.ada, mixed(stocked.tom, stocked.eve))


def test_a_token_counts_where_the_keys_are_not_both_there(stocked: Cast) -> None:
    assert {200, 202} == statuses(stocked.ada, mixed(stocked.robot, stocked.tom))


def test_the_two_keys_must_be_of_one_organisation(stocked: Cast) -> None:
    api, app = "DD-API-KEY", "DD-APPLICATION-KEY"
    across = {api: stocked.ada.headers[api], app: stocked.zoe.headers[app]}

    assert {403} == statuses(stocked.ada, across)
    assert {403} == statuses(stocked.ada, {api: across[app], app: across[api]})


def test_each_key_is_good_for_its_own_header_only(stocked: Cast) -> None:
    api, app, token = (
        stocked.ada.headers["DD-API-KEY"],
        stocked.ada.headers["DD-APPLICATION-KEY"],
        stocked.tom.headers["Authorization"].partition(" ")[2],
    )

    for headers in (
        {"DD-API-KEY": app, "DD-APPLICATION-KEY": app},
        {"DD-API-KEY": api, "DD-APPLICATION-KEY": api},
        {"DD-API-KEY": api, "DD-APPLICATION-KEY": token},
        {"DD-API-KEY": token, "DD-APPLICATION-KEY": app},
        {"DD-APPLICATION-KEY": app},
        {"Authorization": f"Bearer {api}"},
        {"Authorization": f"Bearer {app}"},
        {"Authorization": f"Basic {token}"},
        {"Authorization": token},
        {"Authorization": "Bearer"},
    ):
        assert {403} == statuses(stocked.ada, headers), headers


@pytest.mark.parametrize(
    "odd", ["x", "flapi", "flapi_", "flapi_AAAAAAAAAAA_x", "\xe9\xff", "k" * 201, "k" * 20_000, "' OR 1=1"]
)
def test_a_key_of_any_other_form_is_forbidden(cast: Cast, odd: str) -> None:
    answer = cast.ada.http.get(VALIDATE, headers={b"DD-API-KEY": odd.encode("latin-1")})

    assert (403, {"errors": ["Forbidden"]}) == (answer.status_code, answer.json())


def test_a_permission_of_another_product_does_not_help(stocked: Cast) -> None:
    other, _, _ = stocked.newcomer(Permission.MONITORS_READ, Permission.ORG_ADMIN)

    assert {403} == {other.send(*request).status_code for request in MEMBERS}


def test_a_key_that_is_revoked_opens_nothing_a_second_later(stocked: Cast) -> None:
    person, api, app = stocked.newcomer()
    assert 200 == person.get(VALIDATE).status_code
    assert 200 == person.post(DEPLOYMENTS, a_list()).status_code
    stocked.revoke(api)
    stocked.revoke(app)
    revoked_s = asked_s = opened_s = time.monotonic()

    # Asked all the time, as a busy client does: being used must not keep a key alive.
    waits = threading.Event()
    while asked_s < revoked_s + 5 and 403 != person.get(VALIDATE).status_code:
        opened_s = asked_s
        waits.wait(0.02)
        asked_s = time.monotonic()

    # However long a busy machine takes to answer.
    assert opened_s - revoked_s < 1
    assert 403 == person.post(DEPLOYMENTS, a_list()).status_code


def test_a_key_works_as_soon_as_it_is_made(cast: Cast) -> None:
    person, _, _ = cast.newcomer()

    assert {"valid": True} == person.get(VALIDATE).json()


def test_a_stranger_s_facts_are_not_kept(cast: Cast) -> None:
    for person in (cast.nobody, cast.eve, cast.tom):
        for request in SENDING:
            person.send(*request)

    assert {"data": []} == cast.ada.post(DEPLOYMENTS, a_list()).json()
    assert {"data": []} == cast.ada.post(FAILURES, a_list("failures")).json()
