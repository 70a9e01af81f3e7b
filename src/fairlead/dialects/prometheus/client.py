"""Asking Prometheus: one query, one answer, or the reason why there is none.

Whoever answers is not trusted: the time and the size of an answer are limited, packed answers are
refused, nothing is followed elsewhere, and what does not look like an answer is none. Not here:
what an answer means (`domain.promql`).
"""

import asyncio
from collections.abc import Callable
from http import HTTPStatus

import httpx
import msgspec

from fairlead.dialects.prometheus import wire
from fairlead.domain.errors import Rejected
from fairlead.domain.promql import Series, Unanswered
from fairlead.domain.texts import require_text
from fairlead.domain.traffic_sources import Samples

TIMEOUT_S = 10.0
MOST_BYTES = 4 << 20
_LONGEST_IN_ADDRESS = 2000
_LONGEST_REASON = 300
_QUERY_ERRORS = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_answer = msgspec.json.Decoder(wire.Answer)


class Prometheus:
    """One Prometheus, or whoever speaks its language at that address."""

    def __init__(self, address: str, *, timeout_s: float = TIMEOUT_S, most_bytes: int = MOST_BYTES) -> None:
        self._address = f"{address.rstrip('/')}/api/v1"
        self._timeout_s = timeout_s
        self._most_bytes = most_bytes
        self._client = httpx.AsyncClient(
            timeout=timeout_s,
            follow_redirects=False,
            trust_env=False,
            # A packed answer could unpack to anything.
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
        )

    async def ask(self, query: str) -> list[Series]:
        """Return what a query has for values just now.

        Raises:
            Unanswered: there is no answer, or none that can be understood; the text says why.
        """
        return _read(*await self._answer("query", {"query": query}))

    async def ask_range(self, query: str, start_s: int, end_s: int, step_s: int) -> list[Samples]:
        """Return the values a query had at each step, both ends included.

        Raises:
            Unanswered: there is no answer, or none that can be understood; the text says why.
        """
        told = {"query": query, "start": str(start_s), "end": str(end_s), "step": str(step_s)}
        return _read_range(*await self._answer("query_range", told))

    async def _answer(self, path: str, told: dict[str, str]) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._fetched(f"{self._address}/{path}", told)
        except (TimeoutError, httpx.TimeoutException):
            raise Unanswered(f"Prometheus gave no answer within {self._timeout_s:g} s") from None
        except httpx.ConnectError:
            raise Unanswered("Prometheus cannot be reached") from None
        except (httpx.HTTPError, httpx.InvalidURL):
            # The error's own words may hold the address, and that a password.
            raise Unanswered("Prometheus broke off its answer") from None

    async def close(self) -> None:
        """Let go of its connections."""
        await self._client.aclose()

    async def _fetched(self, path: str, told: dict[str, str]) -> tuple[int, bytes]:
        request = (
            self._client.build_request("GET", path, params=told)
            if len(told["query"]) <= _LONGEST_IN_ADDRESS
            else self._client.build_request("POST", path, data=told)
        )
        response = await self._client.send(request, stream=True)
        try:
            if response.headers.get("content-encoding", "identity") != "identity":
                raise Unanswered("Prometheus packed its answer, which was not asked for")
            body = bytearray()
            async for part in response.aiter_raw():
                body += part
                if len(body) > self._most_bytes:
                    raise Unanswered(f"the answer of Prometheus is larger than {self._most_bytes >> 20} MiB")
            return response.status_code, bytes(body)
        finally:
            await response.aclose()


def _read(status: int, body: bytes) -> list[Series]:
    data = _data(status, body)
    read = _READERS.get(data.result_type)
    if read is None:
        raise Unanswered(f"the query gives a {_printable(data.result_type)} where values are expected")
    try:
        return read(data.result)
    except (msgspec.MsgspecError, ValueError, Rejected):
        raise Unanswered("what Prometheus answered is not an answer") from None


def _read_range(status: int, body: bytes) -> list[Samples]:
    data = _data(status, body)
    try:
        rows = msgspec.convert(data.result, list[wire.Row])
        return [
            Samples(_labels(row.metric), [(at_s, float(value)) for at_s, value in row.values]) for row in rows
        ]
    except (msgspec.MsgspecError, ValueError, Rejected):
        raise Unanswered("what Prometheus answered is not an answer") from None


def _data(status: int, body: bytes) -> wire.Data:
    try:
        answer = _answer.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        if status != HTTPStatus.OK:
            raise Unanswered(f"Prometheus answered with status {status}") from None
        raise Unanswered("what Prometheus answered is not an answer") from None
    if answer.status != "success" or answer.data is None:
        about = "the query is refused" if status in _QUERY_ERRORS else "Prometheus failed"
        raise Unanswered(f"{about}: {_printable(answer.error or answer.error_type or str(status))}")
    return answer.data


def _vector(result: object) -> list[Series]:
    elements = msgspec.convert(result, list[wire.Element])
    return [Series(_labels(one.metric), float(one.value[1])) for one in elements]


def _scalar(result: object) -> list[Series]:
    return [Series({}, float(msgspec.convert(result, wire.Sample)[1]))]


def _labels(metric: dict[str, str]) -> dict[str, str]:
    for name, value in metric.items():
        require_text(f"{name}{value}", "metric")
    return metric


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text[:_LONGEST_REASON])


_READERS: dict[str, Callable[[object], list[Series]]] = {"vector": _vector, "scalar": _scalar}
