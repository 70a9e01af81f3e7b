"""What is sent to exhaust a server: refused, nothing kept, and its memory where it was."""

import gzip
import http.client
import json
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import zstandard

from fairlead.store.ledger import Ledger
from tests.casts import Cast, a_cast
from tests.datadog_requests import (
    DEPLOYMENT,
    DEPLOYMENTS,
    FAILURE,
    FAILURES,
    VALIDATE,
    a_deployment,
    a_list,
    a_patch,
)
from tests.programs import Program

MIB = 1 << 20
LIMIT = MIB
# Python's own allocator keeps a little of what it once had; a body that is held would show by far more.
LEEWAY_MIB = 24


class Process(NamedTuple):
    """A server as a process of its own, and who calls it."""

    pid: int
    port: int
    cast: Cast


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    home = tmp_path_factory.mktemp("home")
    database = f"sqlite:///{home / 'fairlead.db'}"
    program = Program(home, FAIRLEAD_DATABASE=database)
    with program.server("serve") as server, httpx.Client(base_url=server.address, timeout=60) as client:
        ledger = Ledger(database)
        cast = a_cast(client, ledger)
        # What a first request costs once is not the body's doing.
        cast.robot.post(FAILURE, {})
        cast.robot.send_bytes("POST", FAILURE, gzip.compress(b"x" * LIMIT), Content_Encoding="gzip")
        cast.ada.post(DEPLOYMENTS, a_list())
        yield Process(server.process.pid, server.port, cast)
        ledger.close()


def memory_mib(process: Process, field: str) -> int:
    """Return the resident memory (`VmRSS`) or the most it ever was (`VmHWM`)."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1]) // 1024


class Watch:
    """Tells how far memory rose since it was made."""

    def __init__(self, process: Process) -> None:
        self._process = process
        # Makes the kernel forget what the most ever was.
        Path(f"/proc/{process.pid}/clear_refs").write_text("5", encoding="ascii")
        self._before_mib = memory_mib(process, "VmRSS")

    @property
    def rose_mib(self) -> int:
        return memory_mib(self._process, "VmHWM") - self._before_mib


def nothing_is_kept(process: Process) -> bool:
    ada = process.cast.ada
    lists = [
        ada.post(path, a_list(kind)).json()["data"]
        for path, kind in ((DEPLOYMENTS, "deployments"), (FAILURES, "failures"))
    ]
    return lists == [[], []]


def post_stream(process: Process, path: str, parts: Iterator[bytes], **headers: str) -> tuple[int, Any]:
    """Post a body part by part, as far as the server takes it, and return the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", process.port, timeout=60)
    named = {name.replace("_", "-"): value for name, value in headers.items()} | process.cast.ada.headers
    try:
        connection.putrequest("POST", path)
        for name, value in named.items():
            connection.putheader(name, value)
        connection.endheaders()
        try:
            for part in parts:
                connection.send(part)
        except (BrokenPipeError, ConnectionResetError):
            # Told before it was heard to the end, which is a good answer to this.
            pass
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def megabytes(number: int, *, chunked: bool) -> Iterator[bytes]:
    part = b" " * MIB
    for _ in range(number):
        yield b"100000\r\n" + part + b"\r\n" if chunked else part
    if chunked:
        yield b"0\r\n\r\n"


TOO_LARGE = f"the request body is larger than {LIMIT} bytes"


@pytest.mark.parametrize("path", [DEPLOYMENT, FAILURE, DEPLOYMENTS, "/api/v2/ai_impact/user_activity"])
@pytest.mark.parametrize("chunked", [True, False])
def test_a_hundred_megabytes_are_refused(process: Process, path: str, chunked: bool) -> None:
    framing = {"Transfer_Encoding": "chunked"} if chunked else {"Content_Length": str(100 * MIB)}
    watch = Watch(process)

    status, body = post_stream(process, path, megabytes(100, chunked=chunked), **framing)

    assert (413, "413", TOO_LARGE) == (status, body["errors"][0]["status"], body["errors"][0]["detail"])
    assert watch.rose_mib < LEEWAY_MIB
    assert nothing_is_kept(process)


def test_many_large_bodies_at_once_are_refused(process: Process) -> None:
    watch = Watch(process)

    def send(_number: int) -> int:
        parts = megabytes(20, chunked=True)
        return post_stream(process, DEPLOYMENT, parts, Transfer_Encoding="chunked")[0]

    with ThreadPoolExecutor(16) as senders:
        statuses = list(senders.map(send, range(32)))

    assert {413} == set(statuses)
    # Sixteen bodies may each be read up to the limit.
    assert watch.rose_mib < LEEWAY_MIB + 2 * 16


def bomb(encoding: str) -> bytes:
    """Return less than a megabyte that unpacks to a quarter of a gigabyte of blanks."""
    blanks = b" " * MIB
    if encoding == "zstd1":
        packer: Any = zstandard.ZstdCompressor(level=3).compressobj()
    else:
        packer = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    packed: bytes = b"".join(packer.compress(blanks) for _ in range(256)) + packer.flush()
    assert len(packed) < LIMIT
    return packed


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd1"])
def test_a_bomb_goes_off_small(process: Process, encoding: str) -> None:
    packed = bomb(encoding)
    watch = Watch(process)

    with ThreadPoolExecutor(8) as senders:
        answers = list(
            senders.map(
                lambda _: process.cast.robot.send_bytes(
                    "POST", DEPLOYMENT, packed, Content_Encoding=encoding
                ),
                range(16),
            )
        )

    assert {(413, TOO_LARGE)} == {
        (answer.status_code, answer.json()["errors"][0]["detail"]) for answer in answers
    }
    assert watch.rose_mib < LEEWAY_MIB + 8
    assert nothing_is_kept(process)


def wrapped(value: bytes, name: bytes = b"nobody_knows_me") -> bytes:
    """Return a create request with a value of an attribute as it is."""
    body = json.dumps(a_deployment(**{name.decode(): "@@"})).encode()
    return body.replace(b'"@@"', value)


DEEP = 1_000_000
HOSTILE = {
    "arrays": b"[" * DEEP,
    "arrays in an unknown field": wrapped(b"[" * DEEP),
    "closed arrays in an unknown field": wrapped(b"[" * (DEEP // 2 - 2000) + b"]" * (DEEP // 2 - 2000)),
    "objects": b'{"a":' * (DEEP // 6),
    "objects in tags": wrapped(b'{"a":' * (DEEP // 6), b"custom_tags"),
    "data in data": b'{"data":' * (DEEP // 9),
    "long number": wrapped(b"1" * DEEP, b"started_at"),
    "long fraction": wrapped(b"1." + b"0" * DEEP, b"started_at"),
    "large exponent": wrapped(b"1e" + b"9" * 1000, b"started_at"),
    "long service": wrapped(b'"' + b"s" * DEEP + b'"', b"service"),
    "long tag": wrapped(b'["a:' + b"b" * DEEP + b'"]', b"custom_tags"),
    "many tags": wrapped(b"[" + b",".join(b'"a:%d"' % n for n in range(90_000)) + b"]", b"custom_tags"),
    "long id": wrapped(b'"' + b"i" * DEEP + b'"', b"id"),
    "long sha": wrapped(b'{"repository_url": "https://h/o/r", "commit_sha": "' + b"a" * DEEP + b'"}', b"git"),
    "long address": wrapped(
        b'{"repository_url": "https://h/' + b"r/" * (DEEP // 2) + b'", "commit_sha": "' + b"a" * 40 + b'"}',
        b"git",
    ),
    "escapes": wrapped(b'"' + b"\\u0041" * (DEEP // 6 - 100) + b'"', b"env"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_body_that_is_small_but_hostile_is_refused(process: Process, name: str) -> None:
    body = HOSTILE[name]
    assert len(body) <= LIMIT
    watch = Watch(process)

    statuses = {process.cast.robot.send_bytes("POST", DEPLOYMENT, body).status_code for _ in range(5)}

    assert {400} == statuses
    assert watch.rose_mib < LEEWAY_MIB
    assert nothing_is_kept(process)
    assert 200 == process.cast.robot.get(VALIDATE).status_code


def test_a_tag_of_forty_megabytes_is_refused(process: Process) -> None:
    start, end = json.dumps(a_deployment(custom_tags=["big:@@"])).encode().split(b"@@")
    length = len(start) + 40 * MIB + len(end)
    watch = Watch(process)

    def parts() -> Iterator[bytes]:
        yield start
        yield from (b"x" * MIB for _ in range(40))
        yield end

    status, _ = post_stream(process, DEPLOYMENT, parts(), Content_Length=str(length))

    assert 413 == status
    assert watch.rose_mib < LEEWAY_MIB
    assert nothing_is_kept(process)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", DEPLOYMENTS, a_list(query="(" * 500_000)),
        ("POST", DEPLOYMENTS, a_list(query="a " * 250_000)),
        ("POST", DEPLOYMENTS, a_list(query="service:" + "*a" * 250_000)),
        ("POST", DEPLOYMENTS, a_list(query="-" * 500_000 + "a")),
        ("POST", FAILURES, a_list("failures", query="a OR " * 100_000 + "a")),
        ("POST", DEPLOYMENTS, a_list(sort="x" * 500_000)),
        ("POST", DEPLOYMENTS, a_list(since="2" * 500_000)),
        ("PATCH", f"{DEPLOYMENTS}/d-1", a_patch(change_failure=True, remediation={"id": "x" * 500_000})),
    ],
)
def test_a_question_that_is_hostile_is_refused(process: Process, method: str, path: str, body: Any) -> None:
    watch = Watch(process)

    answers = [process.cast.ada.send(method, path, body) for _ in range(3)]

    assert {400} == {answer.status_code for answer in answers}
    assert max(answer.elapsed.total_seconds() for answer in answers) < 5
    assert max(len(answer.content) for answer in answers) < 2000
    assert watch.rose_mib < LEEWAY_MIB


def test_many_strangers_are_forgotten(process: Process) -> None:
    watch = Watch(process)
    address = str(process.cast.ada.http.base_url)

    with ThreadPoolExecutor(4) as senders, httpx.Client(base_url=address) as client:
        keys = (f"flapi_{number:011}_{'k' * 15_000}" for number in range(1500))
        statuses = set(
            senders.map(lambda key: client.get(VALIDATE, headers={"DD-API-KEY": key}).status_code, keys)
        )

    assert {403} == statuses
    assert watch.rose_mib < LEEWAY_MIB
