import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.casts import Cast, Person
from tests.datadog_requests import DEPLOYMENT, DEPLOYMENTS, MINUTE_NS, NOON, SHA, a_deployment, a_list

JSON_API = "application/vnd.api+json"


def created(person: Person, **attributes: Any) -> str:
    """Create a deployment and return its id."""
    answer = person.post(DEPLOYMENT, a_deployment(**attributes))
    assert 200 == answer.status_code, answer.text
    return str(answer.json()["data"]["id"])


def listed(person: Person, **attributes: Any) -> list[dict[str, Any]]:
    """Return the objects of a list."""
    answer = person.post(DEPLOYMENTS, a_list(**{"limit": 1000} | attributes))
    assert 200 == answer.status_code, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def test_an_id_that_the_caller_sent_is_echoed(cast: Cast) -> None:
    answer = cast.robot.post(DEPLOYMENT, a_deployment(id="08a3dbc57bb781a5"))

    assert (200, JSON_API) == (answer.status_code, answer.headers["content-type"])
    assert {"data": {"id": "08a3dbc57bb781a5", "type": "dora_deployment"}} == answer.json()


def test_an_id_beside_the_attributes_is_echoed_too(cast: Cast) -> None:
    request = a_deployment()
    request["data"]["id"] = "beside"

    assert "beside" == cast.robot.post(DEPLOYMENT, request).json()["data"]["id"]


@pytest.mark.parametrize(
    ("client", "extra"),
    [
        ("datadog-api-client-java/2.50.0 (java 17.0.15; os Linux)", {"repository_url"}),
        ("datadog-api-client-python/2.50.0 (python 3.11.7; os Linux; arch x86_64)", {"repository_url"}),
        ("datadog-api-client-python/2.62.0 (python 3.11.7; os Linux; arch x86_64)", set()),
        ("curl/8.0", set()),
    ],
)
def test_clients_that_want_the_address_of_a_repository_get_it(
    cast: Cast, client: str, extra: set[str]
) -> None:
    created(cast.robot, id="d-1")
    one = cast.ada.get(f"{DEPLOYMENTS}/d-1", user_agent=client).json()["data"]
    [listed_too] = cast.ada.post(DEPLOYMENTS, a_list(), user_agent=client).json()["data"]

    git = one["attributes"]["git"]
    assert {"commit_sha", "repository_id"} | extra == set(git)
    assert (
        git.get("repository_url", "https://github.com/shopist/checkout") == f"https://{git['repository_id']}"
    )
    assert git == listed_too["attributes"]["git"]


def test_a_deployment_comes_back_with_everything_that_was_sent(cast: Cast) -> None:
    created(cast.robot, id="d-1")

    answer = cast.ada.get(f"{DEPLOYMENTS}/d-1")

    assert (200, JSON_API) == (answer.status_code, answer.headers["content-type"])
    expected = {
        "id": "d-1",
        "type": "dora_deployment",
        "attributes": {
            "service": "checkout",
            "env": "prod",
            "team": "payments",
            "version": "1.4.2",
            "started_at": NOON - 5 * MINUTE_NS,
            "finished_at": NOON,
            "git": {"commit_sha": SHA, "repository_id": "github.com/shopist/checkout"},
            "custom_tags": ["region:eu-west-1", "language:go"],
        },
    }
    assert {"data": expected} == answer.json()


def test_what_was_not_sent_is_left_out(cast: Cast) -> None:
    created(cast.robot, id="d-1", env=None, team=None, version=None, git=None, custom_tags=None)

    seen = cast.ada.get(f"{DEPLOYMENTS}/d-1").json()["data"]["attributes"]

    assert {"service", "started_at", "finished_at"} == set(seen)


@pytest.mark.parametrize("name", ["env", "team", "version", "git", "custom_tags", "id"])
def test_null_says_as_much_as_nothing(cast: Cast, name: str) -> None:
    request = a_deployment()
    request["data"]["attributes"][name] = None

    answer = cast.robot.post(DEPLOYMENT, request)

    assert 200 == answer.status_code
    seen = cast.ada.get(f"{DEPLOYMENTS}/{answer.json()['data']['id']}").json()["data"]["attributes"]
    assert name not in seen


@pytest.mark.parametrize(
    ("unit", "sent"),
    [("s", 1741780800), ("ms", 1741780800123), ("ns", 1741780800123456789)],
)
def test_the_magnitude_of_a_time_tells_its_unit(cast: Cast, unit: str, sent: int) -> None:
    created(cast.robot, id=unit, started_at=sent, finished_at=sent)

    seen = cast.ada.get(f"{DEPLOYMENTS}/{unit}").json()["data"]["attributes"]

    assert f"{sent:0<19}" == str(seen["finished_at"])


def test_an_id_of_the_server_s_is_a_uuid(cast: Cast) -> None:
    made = created(cast.robot)

    assert ("7", 36) == (made[14], len(made))


def test_the_same_body_twice_is_one_deployment(cast: Cast) -> None:
    assert created(cast.robot) == created(cast.robot)
    assert 1 == len(listed(cast.ada))


@pytest.mark.parametrize(
    "change",
    [
        {"service": "cart"},
        {"env": "dev"},
        {"version": "1.4.3"},
        {"team": "shopping"},
        {"git": None},
        {"custom_tags": None},
        {"started_at": NOON - 1, "finished_at": NOON},
    ],
)
def test_another_body_is_another_deployment(cast: Cast, change: dict[str, Any]) -> None:
    assert created(cast.robot) != created(cast.robot, **change)


def test_the_same_id_again_replaces(cast: Cast) -> None:
    created(cast.robot, id="d-1", version="1.4.2", custom_tags=["region:eu"])
    created(cast.robot, id="d-1", version="1.4.3", custom_tags=["region:us"], team=None)

    (only,) = listed(cast.ada)

    assert "1.4.3" == only["attributes"]["version"]
    assert ["region:us"] == only["attributes"]["custom_tags"]
    assert "team" not in only["attributes"]
    assert [] == listed(cast.ada, query="region:eu")
    assert [only] == listed(cast.ada, query="region:us")


def test_the_same_id_sent_by_many_at_once_is_one_deployment(cast: Cast) -> None:
    together = threading.Barrier(64)

    def send(number: int) -> int:
        together.wait()
        return cast.robot.post(DEPLOYMENT, a_deployment(id="d-1", version=f"v{number}")).status_code

    with ThreadPoolExecutor(64) as senders:
        statuses = list(senders.map(send, range(64)))

    assert [200] * 64 == statuses
    (only,) = listed(cast.ada)
    assert only == cast.ada.get(f"{DEPLOYMENTS}/d-1").json()["data"]


def test_many_at_once_lose_nothing(cast: Cast) -> None:
    with ThreadPoolExecutor(32) as senders:
        sent = list(senders.map(lambda n: created(cast.robot, version=f"v{n}"), range(96)))

    assert sorted(set(sent)) == sorted(one["id"] for one in listed(cast.ada))


@pytest.mark.parametrize(
    ("written", "encoded"),
    [
        ("a:b/c", "a%3Ab%2Fc"),
        ("a//b", "a%2F%2Fb"),
        ("ends/", "ends%2F"),
        ("100%", "100%25"),
        ("why?#&=+ ;", "why%3F%23%26%3D%2B%20%3B"),
        ("größe-Ü", "gr%C3%B6%C3%9Fe-%C3%9C"),
        ("..", "%2E%2E"),
        ("x", "x"),
        ("é" * 128, "%C3%A9" * 128),
    ],
)
def test_an_id_is_opaque_and_survives_the_path(cast: Cast, written: str, encoded: str) -> None:
    assert written == created(cast.robot, id=written)

    answer = cast.ada.get(f"{DEPLOYMENTS}/{encoded}")
    assert (200, written) == (answer.status_code, answer.json()["data"]["id"])
    assert 202 == cast.ada.delete(f"{DEPLOYMENT}/{encoded}").status_code
    assert [] == listed(cast.ada)


def test_an_id_may_come_with_bare_slashes(cast: Cast) -> None:
    created(cast.robot, id="team/service/7")

    assert 200 == cast.ada.get(f"{DEPLOYMENTS}/team/service/7").status_code


def test_a_deleted_deployment_is_gone(cast: Cast) -> None:
    created(cast.robot, id="d-1")

    answer = cast.ada.delete(f"{DEPLOYMENT}/d-1")

    assert (202, JSON_API, {"data": None}) == (
        answer.status_code,
        answer.headers["content-type"],
        answer.json(),
    )
    assert 404 == cast.ada.get(f"{DEPLOYMENTS}/d-1").status_code
    assert [] == listed(cast.ada)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", f"{DEPLOYMENTS}/d-9"), ("DELETE", f"{DEPLOYMENT}/d-9"), ("PATCH", f"{DEPLOYMENTS}/d-9")],
)
def test_an_unknown_id_is_not_found(cast: Cast, method: str, path: str) -> None:
    body = {"data": {"type": "dora_deployment_patch_request", "attributes": {"change_failure": True}}}

    answer = cast.ada.send(method, path, body if method == "PATCH" else None)

    detail = "deployment with id d-9 not found"
    assert (404, JSON_API) == (answer.status_code, answer.headers["content-type"])
    assert {"errors": [{"status": "404", "title": "Not Found", "detail": detail}]} == answer.json()


@pytest.mark.parametrize("impossible", ["%00", "%0A", "x" * 129, "%FF%00"])
def test_an_id_that_nothing_can_have_is_not_found(cast: Cast, impossible: str) -> None:
    for method, path in (("GET", DEPLOYMENTS), ("DELETE", DEPLOYMENT), ("GET", "/api/v2/dora/failures")):
        assert 404 == cast.ada.send(method, f"{path}/{impossible}").status_code


@pytest.mark.parametrize(
    ("spelled", "known_as"),
    [
        ("https://github.com/shopist/checkout", "github.com/shopist/checkout"),
        ("https://github.com/shopist/checkout.git", "github.com/shopist/checkout"),
        ("git@github.com:shopist/checkout.git", "github.com/shopist/checkout"),
        ("ssh://git@GitHub.com:22/shopist/checkout/", "github.com/shopist/checkout"),
        ("https://robot:s3cret-token@gitlab.example:8443/a/b/c.git", "gitlab.example:8443/a/b/c"),
    ],
)
def test_repositories_have_one_name_however_they_are_spelled(cast: Cast, spelled: str, known_as: str) -> None:
    created(cast.robot, id="d-1", git={"repository_url": spelled, "commit_sha": SHA.upper()})

    seen = cast.ada.get(f"{DEPLOYMENTS}/d-1").json()["data"]["attributes"]["git"]

    assert {"commit_sha": SHA, "repository_id": known_as} == seen


def test_a_sha_may_be_longer_than_forty_digits(cast: Cast) -> None:
    created(cast.robot, id="d-1", git={"repository_url": "https://h/o/r", "commit_sha": "a" * 64})

    git = cast.ada.get(f"{DEPLOYMENTS}/d-1").json()["data"]["attributes"]["git"]

    assert "a" * 64 == git["commit_sha"]


def test_tags_are_kept_in_order_and_once(cast: Cast) -> None:
    created(cast.robot, id="d-1", custom_tags=["b:2", "a:1", "b:2", "region:eu-1,region:eu-2", "url:a:b"])

    seen = cast.ada.get(f"{DEPLOYMENTS}/d-1").json()["data"]["attributes"]["custom_tags"]

    assert ["b:2", "a:1", "region:eu-1,region:eu-2", "url:a:b"] == seen
