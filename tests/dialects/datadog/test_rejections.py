"""What is refused, in which words, and that nothing of it is kept."""

import json
from typing import Any

import pytest

from tests.casts import Cast
from tests.datadog_requests import (
    DEPLOYMENT,
    DEPLOYMENTS,
    FAILURE,
    FAILURES,
    NOON,
    SHA,
    a_deployment,
    a_failure,
    a_list,
)

JSON_API = "application/vnd.api+json"
NEITHER_2000_NOR_2099 = 'attribute "{}" must lie between the years 2000 and 2099'
NO_TIME = 'attribute "{}" must be a time since 1970 in s, ms or ns, not {}'
NO_INTEGER = 'attribute "{}" must be an integer'


def rejected(detail: str) -> dict[str, Any]:
    return {"errors": [{"status": "400", "title": "Bad Request", "detail": detail}]}


def wrong_times(name: str) -> list[tuple[str, Any, str]]:
    return [
        (name, 0, NO_TIME.format(name, 0)),
        (name, -1, NO_TIME.format(name, -1)),
        (name, -NOON, NO_TIME.format(name, -NOON)),
        (name, 1, NEITHER_2000_NOR_2099.format(name)),
        (name, 86_400 * 365, NEITHER_2000_NOR_2099.format(name)),
        (name, 32_503_680_000, NEITHER_2000_NOR_2099.format(name)),
        (name, 32_503_680_000_000, NEITHER_2000_NOR_2099.format(name)),
        (name, 32_503_680_000 * 10**9, NEITHER_2000_NOR_2099.format(name)),
        (name, NOON // 1000, NEITHER_2000_NOR_2099.format(name)),
        (name, 10**100, NEITHER_2000_NOR_2099.format(name)),
        (name, 1.5, NO_INTEGER.format(name)),
        (name, float(NOON // 10**9), NO_INTEGER.format(name)),
        (name, "1741780800", NO_INTEGER.format(name)),
        (name, "2025-03-12T12:00:00Z", NO_INTEGER.format(name)),
        (name, True, NO_INTEGER.format(name)),
        (name, [NOON], NO_INTEGER.format(name)),
        (name, {}, NO_INTEGER.format(name)),
    ]


GIT = {"repository_url": "https://github.com/o/r", "commit_sha": SHA}
NO_SHA = 'attribute "commit_sha" must be 40 to 128 hexadecimal digits'
NO_REPOSITORY = 'attribute "repository_url" is not the address of a repository'
NO_TAG = 'attribute "custom_tags" must hold tags of the form key:value'

WRONG_IN_BOTH = [
    *wrong_times("started_at"),
    *wrong_times("finished_at"),
    ("started_at", None, 'attribute "started_at" is required'),
    ("finished_at", NOON - 86_400 * 10**9, 'attribute "finished_at" is earlier than "started_at"'),
    ("env", 5, 'attribute "env" must be a string'),
    ("env", "e" * 1001, 'attribute "env" is longer than 1000 characters'),
    ("env", "a\x00b", 'attribute "env" holds a NUL character'),
    ("team", ["t"], 'attribute "team" must be a string'),
    ("version", 1.4, 'attribute "version" must be a string'),
    ("version", "v" * 1001, 'attribute "version" is longer than 1000 characters'),
    ("id", 7, 'attribute "id" must be a string'),
    ("id", "i" * 129, 'attribute "id" is longer than 128 characters'),
    ("id", "a\nb", 'attribute "id" holds characters that cannot be printed'),
    ("id", "a\x00b", 'attribute "id" holds characters that cannot be printed'),
    ("git", "https://github.com/o/r", 'attribute "git" must be an object'),
    ("git", {}, 'attribute "repository_url" is required'),
    ("git", {"repository_url": "https://github.com/o/r"}, 'attribute "commit_sha" is required'),
    ("git", GIT | {"commit_sha": None}, 'attribute "commit_sha" is required'),
    ("git", GIT | {"commit_sha": SHA[:-1]}, NO_SHA),
    ("git", GIT | {"commit_sha": "g" * 40}, NO_SHA),
    ("git", GIT | {"commit_sha": "a" * 129}, NO_SHA),
    ("git", GIT | {"repository_url": ""}, NO_REPOSITORY),
    ("git", GIT | {"repository_url": "https://"}, NO_REPOSITORY),
    ("git", GIT | {"repository_url": "https://robot:s3cret/w@h/o/r"}, NO_REPOSITORY),
    ("git", GIT | {"repository_url": "https://h/" + "p" * 3000}, NO_REPOSITORY),
    ("custom_tags", "a:b", 'attribute "custom_tags" must be an array'),
    ("custom_tags", ["region"], NO_TAG),
    ("custom_tags", ["region:"], NO_TAG),
    ("custom_tags", [":eu"], NO_TAG),
    (
        "custom_tags",
        ["a:b", 5],
        'attribute "custom_tags[1]" must be a string (at data.attributes.custom_tags[1])',
    ),
    ("custom_tags", [f"a:{n}" for n in range(101)], 'attribute "custom_tags" holds more than 100 tags'),
    ("custom_tags", ["a:" + "b" * 1000], 'attribute "custom_tags" is longer than 1000 characters'),
    ("custom_tags", ["a:\x00"], 'attribute "custom_tags" holds a NUL character'),
]


@pytest.mark.parametrize(("name", "sent", "detail"), WRONG_IN_BOTH)
def test_a_wrong_attribute_is_named_and_nothing_is_kept(
    cast: Cast, name: str, sent: Any, detail: str
) -> None:
    for create, listing, kind, request in (
        (DEPLOYMENT, DEPLOYMENTS, "deployments", a_deployment()),
        (FAILURE, FAILURES, "failures", a_failure()),
    ):
        request["data"]["attributes"][name] = sent
        if name == "finished_at" and "earlier" not in detail:
            request["data"]["attributes"]["started_at"] = NOON

        answer = cast.robot.post(create, request)

        assert (400, JSON_API) == (answer.status_code, answer.headers["content-type"])
        assert rejected(detail) == answer.json()
        assert {"data": []} == cast.ada.post(listing, a_list(kind)).json()


@pytest.mark.parametrize(
    ("name", "sent", "detail"),
    [
        ("finished_at", None, 'attribute "finished_at" is required'),
        ("service", None, 'attribute "service" is required'),
        ("service", "", 'attribute "service" is required'),
        ("service", "  ", 'attribute "service" is required'),
        ("service", ["checkout"], 'attribute "service" must be a string'),
    ],
)
def test_what_a_deployment_needs_is_asked_for(cast: Cast, name: str, sent: Any, detail: str) -> None:
    request = a_deployment()
    request["data"]["attributes"][name] = sent

    assert rejected(detail) == cast.robot.post(DEPLOYMENT, request).json()


@pytest.mark.parametrize("name", ["service", "started_at", "finished_at"])
def test_an_absent_attribute_is_asked_for(cast: Cast, name: str) -> None:
    request = a_deployment()
    del request["data"]["attributes"][name]

    assert rejected(f'attribute "{name}" is required') == cast.robot.post(DEPLOYMENT, request).json()


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"services": None, "team": None}, 'attribute "services" or "team" is required'),
        ({"services": [], "team": ""}, 'attribute "services" or "team" is required'),
        ({"services": ["a", ""]}, 'attribute "services" is required'),
        ({"services": "checkout"}, 'attribute "services" must be an array'),
        ({"services": [f"s{n}" for n in range(1001)]}, 'attribute "services" holds more than 1000 names'),
        ({"severity": 1}, 'attribute "severity" must be a string'),
        ({"name": "n" * 1001}, 'attribute "name" is longer than 1000 characters'),
        ({"started_at": None}, 'attribute "started_at" is required'),
    ],
)
def test_what_a_failure_needs_is_asked_for(cast: Cast, changes: dict[str, Any], detail: str) -> None:
    assert rejected(detail) == cast.robot.post(FAILURE, a_failure(**changes)).json()


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "the body is empty where JSON is expected"),
        (b" \n", "the body is empty where JSON is expected"),
        (b"null", "the body must be an object"),
        (b"[]", "the body must be an object"),
        (b'"text"', "the body must be an object"),
        (b"{}", 'attribute "data" is required'),
        (b'{"data": null}', 'attribute "data" is required'),
        (b'{"data": []}', 'attribute "data" must be an object'),
        (b'{"data": {}}', 'attribute "attributes" is required'),
        (b'{"data": {"attributes": 5}}', 'attribute "attributes" must be an object'),
        (b"service=checkout", "the body is not JSON: JSON is malformed: invalid character (byte 0)"),
    ],
)
def test_a_body_of_another_shape_is_refused(cast: Cast, body: bytes, detail: str) -> None:
    answer = cast.robot.send_bytes("POST", DEPLOYMENT, body)

    assert (400, rejected(detail)) == (answer.status_code, answer.json())


@pytest.mark.parametrize(
    "constant", ["NaN", "Infinity", "-Infinity", "nan", "1e999", "0x10", "01", "+1", "'x'"]
)
@pytest.mark.parametrize("name", ["started_at", "finished_at", "service", "custom_tags"])
def test_what_is_not_json_is_named_by_the_attribute_before_it(cast: Cast, name: str, constant: str) -> None:
    whole = json.dumps(a_deployment(**{name: ["@@"] if name == "custom_tags" else "@@"}))

    answer = cast.robot.send_bytes("POST", DEPLOYMENT, whole.replace('"@@"', constant).encode())

    assert 400 == answer.status_code
    assert answer.json()["errors"][0]["detail"].startswith(f'attribute "{name}')


def test_a_body_that_breaks_off_is_refused(cast: Cast) -> None:
    whole = json.dumps(a_deployment()).encode()

    statuses = {
        cast.robot.send_bytes("POST", DEPLOYMENT, whole[:end]).status_code for end in range(len(whole))
    }

    assert {400} == statuses
    assert {"data": []} == cast.ada.post(DEPLOYMENTS, a_list()).json()


@pytest.mark.parametrize(
    "broken",
    [b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\\ud800", b"\\udc00\\ud800", b"\x00", b"\x1f"],
)
@pytest.mark.parametrize("place", ["service", "nobody_knows_me"])
def test_text_that_is_not_unicode_is_refused(cast: Cast, place: str, broken: bytes) -> None:
    whole = json.dumps(a_deployment(**{place: "@@"})).encode()

    answer = cast.robot.send_bytes("POST", DEPLOYMENT, whole.replace(b"@@", broken))

    assert 400 == answer.status_code
    assert {"data": []} == cast.ada.post(DEPLOYMENTS, a_list()).json()


@pytest.mark.parametrize(
    ("attributes", "detail"),
    [
        ({"limit": 0}, 'attribute "limit" must lie between 1 and 1000'),
        ({"limit": -1}, 'attribute "limit" must lie between 1 and 1000'),
        ({"limit": 1001}, 'attribute "limit" must lie between 1 and 1000'),
        ({"limit": 10**30}, 'attribute "limit" must lie between 1 and 1000'),
        ({"limit": "10"}, 'attribute "limit" must be an integer'),
        ({"limit": 1.5}, 'attribute "limit" must be an integer'),
        ({"since": 1741780800}, 'attribute "from" must be a string'),
        ({"to": 1741780800}, 'attribute "to" must be a string'),
        ({"since": "yesterday"}, 'attribute "from" must be an RFC 3339 date-time'),
        ({"to": "2025-03-12"}, 'attribute "to" must be an RFC 3339 date-time'),
        ({"to": "2025-02-30T00:00:00Z"}, 'attribute "to" must be an RFC 3339 date-time'),
        ({"to": "2025-03-12T12:00:00+99:00"}, 'attribute "to" must be an RFC 3339 date-time'),
        ({"query": 5}, 'attribute "query" must be a string'),
        ({"sort": ["finished_at"]}, 'attribute "sort" must be a string'),
    ],
)
def test_a_wrong_list_request_is_refused(cast: Cast, attributes: dict[str, Any], detail: str) -> None:
    for path, kind in ((DEPLOYMENTS, "deployments"), (FAILURES, "failures")):
        answer = cast.ada.post(path, a_list(kind, **attributes))

        assert (400, JSON_API) == (answer.status_code, answer.headers["content-type"])
        assert rejected(detail) == answer.json()


@pytest.mark.parametrize("query", ["(env:prod", "env:prod AND", "service:", "duration:[1 TO 5}", "a:\x00"])
def test_a_search_that_cannot_be_read_is_refused(cast: Cast, query: str) -> None:
    answer = cast.ada.post(DEPLOYMENTS, a_list(query=query))

    assert 400 == answer.status_code
    assert answer.json()["errors"][0]["detail"].startswith('attribute "query" ')


@pytest.mark.parametrize(
    "sort", ["colour", "--finished_at", "finished_at,service", "-", "org_id", "fact", "id;"]
)
def test_an_order_that_is_not_known_is_refused_with_those_that_are(cast: Cast, sort: str) -> None:
    for path, kind in ((DEPLOYMENTS, "deployments"), (FAILURES, "failures")):
        answer = cast.ada.post(path, a_list(kind, sort=sort))

        assert 400 == answer.status_code
        assert 'attribute "sort" must be one of "' in answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize(
    "wrong", ["", "dora_failures_list_request", "dora_deployment", "DORA_DEPLOYMENTS_LIST_REQUEST"]
)
def test_the_type_of_a_list_request_is_asked_for_in_recorded_words(cast: Cast, wrong: str) -> None:
    request = a_list()
    request["data"]["type"] = wrong

    expected = rejected(f'got type "{wrong}" expected one of "dora_deployments_list_request"')
    assert expected == cast.ada.post(DEPLOYMENTS, request).json()
