"""Whoever answers in Prometheus' place is not trusted: it may hang, lie, or never stop."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from fairlead.dialects.prometheus.client import Prometheus
from fairlead.domain.promql import Series, Unanswered

NO_ANSWER = "what Prometheus answered is not an answer"
Answer = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


def vector(*elements: Any) -> bytes:
    data = {"resultType": "vector", "result": list(elements)}
    return json.dumps({"status": "success", "data": data}).encode()


def reply(body: bytes, status: str = "200 OK", **headers: str) -> Answer:
    async def answer(_request: bytes, writer: asyncio.StreamWriter) -> None:
        told = {"Content-Length": str(len(body)), "Connection": "close"} | headers
        lines = [
            f"HTTP/1.1 {status}",
            *(f"{name.replace('_', '-')}: {value}" for name, value in told.items()),
        ]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return answer


@asynccontextmanager
async def a_server(answer: Answer) -> AsyncIterator[str]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(await reader.readuntil(b"\r\n\r\n"), writer)
            await writer.drain()
        except (ConnectionError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass  # Whoever asked has heard enough.
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


def asked(answer: Answer, query: str = "up", **options: Any) -> list[Series]:
    async def ask() -> list[Series]:
        async with a_server(answer) as address:
            prometheus = Prometheus(address, **options)
            try:
                return await prometheus.ask(query)
            finally:
                await prometheus.close()

    return asyncio.run(ask())


def reason(answer: Answer, **options: Any) -> str:
    with pytest.raises(Unanswered) as told:
        asked(answer, **options)
    return str(told.value)


def test_values_and_labels_are_read() -> None:
    found = asked(reply(vector({"metric": {"job": "a"}, "value": [1.5, "0.25"]})))

    assert [Series({"job": "a"}, 0.25)] == found


def test_a_single_number_is_one_value_without_labels() -> None:
    body = b'{"status":"success","data":{"resultType":"scalar","result":[1.5,"+Inf"]}}'

    assert [Series({}, float("inf"))] == asked(reply(body))


def test_a_long_query_travels_in_the_body() -> None:
    heard: list[bytes] = []

    async def answer(request: bytes, writer: asyncio.StreamWriter) -> None:
        heard.append(request)
        await reply(vector())(request, writer)

    asked(answer, "up")
    asked(answer, f"up + {'1' * 3000}")

    assert [b"GET /api/v1/query?query=up HTTP/1.1", b"POST /api/v1/query HTTP/1.1"] == [
        request.partition(b"\r\n")[0] for request in heard
    ]


def test_one_that_hangs_is_given_up() -> None:
    async def hang(_request: bytes, _writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    assert "Prometheus gave no answer within 0.1 s" == reason(hang, timeout_s=0.1)


def test_one_that_drips_is_given_up() -> None:
    async def drip(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    assert "Prometheus gave no answer within 0.2 s" == reason(drip, timeout_s=0.2)


def test_an_answer_of_100_mb_is_cut_off() -> None:
    sent = 0

    async def flood(_request: bytes, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
        for _ in range(1600):
            writer.write(b" " * 65_536)
            await writer.drain()
            sent += 65_536

    assert "the answer of Prometheus is larger than 4 MiB" == reason(flood)
    assert sent < 50 << 20


def test_a_packed_answer_is_refused() -> None:
    bomb = gzip.compress(b" " * (50 << 20))

    told = reason(reply(bomb, Content_Encoding="gzip"))

    assert "Prometheus packed its answer, which was not asked for" == told


def test_nobody_is_sent_elsewhere() -> None:
    told = reason(reply(b"", "302 Found", Location="http://127.0.0.1:9/secret"))

    assert "Prometheus answered with status 302" == told


def test_bad_promql_is_told_in_its_own_words() -> None:
    body = json.dumps({"status": "error", "errorType": "bad_data", "error": "parse error: unexpected\n)"})

    told = reason(reply(body.encode(), "400 Bad Request"))

    assert "the query is refused: parse error: unexpected )" == told


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"", "200 OK", NO_ANSWER),
        (b"<html>", "200 OK", NO_ANSWER),
        (b"[" * 100_000, "200 OK", NO_ANSWER),
        (b"\xff\xfe", "200 OK", NO_ANSWER),
        (b"<html>", "502 Bad Gateway", "Prometheus answered with status 502"),
        (b'{"status":"success"}', "200 OK", "Prometheus failed: 200"),
        (b'{"status":"error","error":"busy"}', "503 Service Unavailable", "Prometheus failed: busy"),
        (vector({"metric": {}, "value": [1, "many"]}), "200 OK", NO_ANSWER),
        (vector({"metric": {}, "value": "1"}), "200 OK", NO_ANSWER),
        (
            vector({"metric": {"a": 1}, "value": [1, "1"]}),
            "200 OK",
            NO_ANSWER,
        ),
        (
            vector({"metric": {"a": "\x00"}, "value": [1, "1"]}),
            "200 OK",
            NO_ANSWER,
        ),
        (
            b'{"status":"success","data":{"resultType":"matrix","result":[]}}',
            "200 OK",
            "the query gives a matrix where values are expected",
        ),
    ],
)
def test_what_is_no_answer_is_told_apart(body: bytes, status: str, expected: str) -> None:
    assert expected == reason(reply(body, status))


def test_one_that_is_not_there_is_told_apart_and_its_address_is_not_repeated() -> None:
    async def ask() -> None:
        prometheus = Prometheus("http://ada:secret@127.0.0.1:9")
        try:
            await prometheus.ask("up")
        finally:
            await prometheus.close()

    with pytest.raises(Unanswered, match=r"^Prometheus cannot be reached$"):
        asyncio.run(ask())


def test_one_that_breaks_off_is_told_apart() -> None:
    async def break_off(_request: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")

    assert "Prometheus broke off its answer" == reason(break_off)
