"""How requests travel: paths, headers, encodings and what comes back when nothing answers."""

import gzip
import json
import socket
import zlib
from typing import Any

import httpx
import pytest
import zstandard

from tests.casts import Cast
from tests.datadog_requests import DEPLOYMENT, DEPLOYMENTS, FAILURES, VALIDATE, a_deployment, a_list, a_patch
from tests.servers import Served

JSON_API = "application/vnd.api+json"


@pytest.mark.parametrize(
    "path", ["//api/v2/dora/deployment", "/api//v2///dora/deployment", "//api//v2//dora//deployment//"]
)
def test_doubled_slashes_count_once(cast: Cast, path: str) -> None:
    address = str(cast.ada.http.base_url).rstrip("/")

    answer = cast.robot.http.post(f"{address}{path}", json=a_deployment(id="d-1"), headers=cast.robot.headers)

    assert "d-1" == answer.json()["data"]["id"]
    found = cast.ada.http.get(f"{address}//api/v2/dora/deployments//d-1", headers=cast.ada.headers)
    assert 200 == found.status_code


def test_a_slash_at_the_end_does_no_harm(cast: Cast) -> None:
    assert 200 == cast.robot.post(f"{DEPLOYMENT}/", a_deployment(id="d-1")).status_code
    assert 200 == cast.ada.get(f"{DEPLOYMENTS}/d-1/").status_code
    assert 200 == cast.ada.post(f"{DEPLOYMENTS}/", a_list()).status_code


@pytest.mark.parametrize("query", ["?", "?a=1&b=2", "?api_key=x", "?page[size]=5"])
def test_a_query_string_says_nothing_here(cast: Cast, query: str) -> None:
    assert 200 == cast.robot.post(DEPLOYMENT + query, a_deployment(id="d-1")).status_code
    assert 200 == cast.ada.get(f"{DEPLOYMENTS}/d-1{query}").status_code


@pytest.mark.parametrize("accept", ["*/*", "application/json", JSON_API, "text/html", "image/png;q=0.1", ""])
def test_what_a_client_accepts_changes_nothing(cast: Cast, accept: str) -> None:
    answer = cast.robot.post(DEPLOYMENT, a_deployment(), Accept=accept)

    assert (200, JSON_API) == (answer.status_code, answer.headers["content-type"])


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        JSON_API,
        "text/plain",
        "application/yaml",
        "x",
        "",
    ],
)
def test_what_a_body_calls_itself_changes_nothing(cast: Cast, content_type: str) -> None:
    body = json.dumps(a_deployment()).encode()

    assert 200 == cast.robot.send_bytes("POST", DEPLOYMENT, body, Content_Type=content_type).status_code


def test_a_body_that_does_not_call_itself_anything_is_read(cast: Cast) -> None:
    assert 200 == cast.robot.send_bytes("POST", DEPLOYMENT, json.dumps(a_deployment()).encode()).status_code


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("zstd1", zstandard.compress),
        ("zstd", lambda body: body),
        ("identity", lambda body: body),
    ],
)
def test_bodies_may_be_packed_as_the_clients_do(cast: Cast, encoding: str, pack: Any) -> None:
    body = pack(json.dumps(a_deployment(id=encoding)).encode())

    answer = cast.robot.send_bytes("POST", DEPLOYMENT, body, Content_Encoding=encoding)

    assert (200, encoding) == (answer.status_code, answer.json()["data"]["id"])
    assert 200 == cast.ada.get(f"{DEPLOYMENTS}/{encoding}").status_code


@pytest.mark.parametrize(
    ("encoding", "detail"),
    [
        ("br", 'header "Content-Encoding" must be one of "gzip deflate zstd1"'),
        ("gzip", "the body is not valid gzip"),
        ("deflate", "the body is not valid deflate"),
        ("zstd1", "the body is not valid zstd1"),
    ],
)
def test_a_body_that_is_not_what_it_says_is_refused(cast: Cast, encoding: str, detail: str) -> None:
    body = json.dumps(a_deployment()).encode()

    answer = cast.robot.send_bytes("POST", DEPLOYMENT, body, Content_Encoding=encoding)

    assert (400, detail) == (answer.status_code, answer.json()["errors"][0]["detail"])
    assert {"data": []} == cast.ada.post(DEPLOYMENTS, a_list()).json()


def test_raw_deflate_is_not_what_the_clients_mean(cast: Cast) -> None:
    packer = zlib.compressobj(wbits=-15)
    raw = packer.compress(json.dumps(a_deployment()).encode()) + packer.flush()

    assert 400 == cast.robot.send_bytes("POST", DEPLOYMENT, raw, Content_Encoding="deflate").status_code


def test_ampersands_and_other_characters_come_back_as_they_were(cast: Cast) -> None:
    odd = 'a & b < c > "d" \\ é 漢 😀 \u2028'
    cast.robot.post(DEPLOYMENT, a_deployment(id="d-1", service=odd, custom_tags=[f"note:{odd}"]))

    seen = cast.ada.get(f"{DEPLOYMENTS}/d-1").json()["data"]["attributes"]

    assert (odd, [f"note:{odd}"]) == (seen["service"], seen["custom_tags"])


def test_an_escaped_ampersand_is_an_ampersand(cast: Cast) -> None:
    body = json.dumps(a_deployment(id="d-1", service="a@b")).replace("a@b", "a\\u0026b").encode()
    cast.robot.send_bytes("POST", DEPLOYMENT, body)

    assert "a&b" == cast.ada.get(f"{DEPLOYMENTS}/d-1").json()["data"]["attributes"]["service"]


def test_fields_that_nobody_knows_are_tolerated_at_every_level(cast: Cast) -> None:
    request = a_deployment(id="d-1", colour="green", change_failure=True)
    request["data"] |= {"_metadata": {"created_from": "terraform"}, "type": "anything", "links": None}
    request["meta"] = [1, 2, {"deep": {}}]
    request["data"]["attributes"]["git"]["branch"] = "main"
    listing = a_list(page={"size": 5})
    listing["data"]["id"] = 5
    patch = a_patch("d-1", change_failure=True, remediation={"id": "d-2", "reason": "x"}, comment="y")

    assert 200 == cast.robot.post(DEPLOYMENT, request).status_code
    assert 200 == cast.ada.post(DEPLOYMENTS, listing).status_code
    assert 202 == cast.ada.patch(f"{DEPLOYMENTS}/d-1", patch).status_code


@pytest.mark.parametrize(
    ("user_agent", "expected"),
    [
        ("curl/8.5.0", 1741780800000000000),
        ("", 1741780800000000000),
        ("datadog-api-client-python/2.57.0 (python 3.11.7)", 1741780800000000000),
        ("datadog-api-client-python/2.62.0 (python 3.11.7)", "2025-03-12T12:00:00Z"),
        ("datadog-api-client-go/2.63.0 (go go1.24)", "2025-03-12T12:00:00Z"),
    ],
)
def test_times_go_out_as_the_client_reads_them(cast: Cast, user_agent: str, expected: str | int) -> None:
    cast.robot.post(DEPLOYMENT, a_deployment(id="d-1"))

    one = cast.ada.get(f"{DEPLOYMENTS}/d-1", User_Agent=user_agent).json()["data"]
    (listed,) = cast.ada.post(DEPLOYMENTS, a_list(), User_Agent=user_agent).json()["data"]

    assert expected == one["attributes"]["finished_at"] == listed["attributes"]["finished_at"]


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/api/v2/dora", JSON_API),
        ("/api/v2/dora/nothing", JSON_API),
        ("/api/v2/dora/failure/a/b/../nothing", JSON_API),
        ("/api/v2/ai_impact", JSON_API),
        ("/api/v1/validate/nothing", "application/json"),
    ],
)
def test_where_nothing_is_the_dialect_says_so(cast: Cast, path: str, media_type: str) -> None:
    answer = cast.ada.post(path, {})

    assert media_type == answer.headers["content-type"]
    (error,) = answer.json()["errors"]
    assert ({"status", "title", "detail"}, str(answer.status_code)) == (set(error), error["status"])
    assert answer.status_code in (404, 405)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", DEPLOYMENT),
        ("PUT", DEPLOYMENT),
        ("DELETE", DEPLOYMENT),
        ("GET", DEPLOYMENTS),
        ("POST", VALIDATE),
        ("DELETE", f"{DEPLOYMENTS}/d-1"),
        ("GET", f"{DEPLOYMENT}/d-1"),
        ("PATCH", FAILURES),
    ],
)
def test_a_method_that_is_not_answered_is_refused(cast: Cast, method: str, path: str) -> None:
    answer = cast.ada.send(method, path)

    assert 405 == answer.status_code
    expected = {
        "status": "405",
        "title": "Method Not Allowed",
        "detail": f"Method Not Allowed: {method} {path}",
    }
    assert {"errors": [expected]} == answer.json()
    assert answer.headers["allow"]


def test_fairlead_s_own_paths_refuse_in_its_own_words(cast: Cast) -> None:
    missing = cast.ada.get("/api/fairlead/v1/nothing")
    wrong = cast.ada.post("/healthz", {})

    assert (404, "not_found") == (missing.status_code, missing.json()["error"]["code"])
    assert (405, "method_not_allowed") == (wrong.status_code, wrong.json()["error"]["code"])


def raw_exchange(served: Served, sent: bytes, *, then_close: bool = True) -> bytes:
    """Send bytes over a connection of their own and return all that comes back."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as connection:
        connection.sendall(sent)
        if then_close:
            connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


CREATE = b"POST /api/v2/dora/deployment HTTP/1.1\r\nHost: x\r\n%KEY%"


@pytest.mark.parametrize(
    "broken",
    [
        CREATE + b"Content-Length: 500\r\n\r\n{",
        CREATE + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        CREATE + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        CREATE + b"Content-Length: -1\r\n\r\n",
        CREATE + b"Content-Length: 1e3\r\n\r\n",
        CREATE,
        b"POST /api/v2/dora/deployment HTTP/1.1\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\n\r\n",
    ],
    ids=["short", "chunk", "no chunk", "negative", "float", "headers", "line", "TLS", "long"],
)
def test_a_request_that_breaks_off_leaves_nothing(cast: Cast, shared_server: Served, broken: bytes) -> None:
    key = f"DD-API-KEY: {cast.robot.headers['DD-API-KEY']}\r\n".encode()

    raw_exchange(shared_server, broken.replace(b"%KEY%", key))

    assert {"data": []} == cast.ada.post(DEPLOYMENTS, a_list()).json()
    assert 200 == cast.robot.get(VALIDATE).status_code


def test_a_request_that_takes_its_time_holds_nobody_up(cast: Cast, shared_server: Served) -> None:
    body = json.dumps(a_deployment(id="slow")).encode()
    head = f"POST {DEPLOYMENT} HTTP/1.1\r\nHost: x\r\nDD-API-KEY: {cast.robot.headers['DD-API-KEY']}\r\n"
    waiting = [socket.create_connection(("127.0.0.1", shared_server.port)) for _ in range(50)]
    try:
        for connection in waiting:
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:-1])

        assert 200 == cast.robot.post(DEPLOYMENT, a_deployment(id="quick")).status_code
        assert ["quick"] == [one["id"] for one in cast.ada.post(DEPLOYMENTS, a_list()).json()["data"]]

        waiting[0].sendall(body[-1:])
        assert waiting[0].recv(65536).startswith(b"HTTP/1.1 200")
    finally:
        for connection in waiting:
            connection.close()
    ids = {one["id"] for one in cast.ada.post(DEPLOYMENTS, a_list()).json()["data"]}
    assert {"quick", "slow"} == ids


def test_requests_may_follow_each_other_on_one_connection(cast: Cast, shared_server: Served) -> None:
    key = cast.robot.headers["DD-API-KEY"]
    request = f"GET {VALIDATE} HTTP/1.1\r\nHost: x\r\nDD-API-KEY: {key}\r\n"
    whole = f"{request}\r\n" * 3 + f"{request}Connection: close\r\n\r\n"

    assert 4 == raw_exchange(shared_server, whole.encode(), then_close=False).count(b'{"valid":true}')


def test_a_client_may_wait_to_be_told_to_go_on(cast: Cast, shared_server: Served) -> None:
    body = json.dumps(a_deployment(id="d-1")).encode()
    head = (
        f"POST {DEPLOYMENT} HTTP/1.1\r\nHost: x\r\nDD-API-KEY: {cast.robot.headers['DD-API-KEY']}\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", shared_server.port), timeout=10) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100 Continue")
        connection.sendall(body)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


def test_answers_say_how_long_they_are(cast: Cast) -> None:
    answers: list[httpx.Response] = [
        cast.robot.get(VALIDATE),
        cast.nobody.get(VALIDATE),
        cast.robot.post(DEPLOYMENT, {}),
        cast.ada.post(DEPLOYMENTS, a_list()),
    ]

    assert [len(answer.content) for answer in answers] == [
        int(answer.headers["content-length"]) for answer in answers
    ]


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/validate", DEPLOYMENTS + "/d-1"])
def test_a_head_is_a_get_without_its_body(cast: Cast, path: str) -> None:
    cast.robot.post(DEPLOYMENT, a_deployment(id="d-1"))
    whole = cast.ada.get(path)

    answer = cast.ada.send("HEAD", path)

    assert (200, b"") == (answer.status_code, answer.content)
    told = ("content-type", "content-length")
    assert [whole.headers[name] for name in told] == [answer.headers[name] for name in told]


def test_a_head_of_what_nobody_gets_is_refused(cast: Cast) -> None:
    assert 405 == cast.ada.send("HEAD", DEPLOYMENTS).status_code
