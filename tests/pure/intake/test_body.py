import asyncio
import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import zstandard
from litestar import Request
from litestar.exceptions import ClientException

from fairlead.domain.errors import Rejected, TooLarge
from fairlead.intake.body import AnyRequest, read_body

LIMIT = 1024
BODY = b'{"data": {}}'


def gzipped(body: bytes) -> bytes:
    return gzip.compress(body)


PACKINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzipped),
    ("deflate", zlib.compress),
    ("zstd1", zstandard.compress),
]


def request(parts: Iterable[bytes], *, complete: bool = True, **headers: Any) -> AnyRequest:
    """Return a request whose body arrives in `parts`."""

    def messages() -> Iterator[dict[str, Any]]:
        for part in parts:
            yield {"type": "http.request", "body": part, "more_body": True}
        yield (
            {"type": "http.request", "body": b"", "more_body": False}
            if complete
            else {"type": "http.disconnect"}
        )

    waiting = messages()

    async def receive() -> dict[str, Any]:
        return next(waiting)

    named = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": named, "state": {}}
    return Request(scope, receive)  # type: ignore[arg-type]  # as much of a scope as is looked at


def read(*parts: bytes, **headers: Any) -> bytes:
    return asyncio.run(read_body(request(parts, **headers), LIMIT))


def test_a_body_is_put_together_from_its_parts() -> None:
    assert BODY == read(BODY[:3], b"", BODY[3:])


@pytest.mark.parametrize("name", ["identity", "", " Identity "])
def test_a_body_that_is_not_packed_is_taken_as_it_is(name: str) -> None:
    assert BODY == read(BODY, Content_Encoding=name)


@pytest.mark.parametrize(("name", "pack"), PACKINGS)
def test_a_packed_body_is_unpacked(name: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(BODY)

    assert BODY == read(packed[:5], packed[5:], Content_Encoding=name)
    assert BODY == read(packed, Content_Encoding=name.upper())


def test_the_usual_name_of_zstd_means_what_it_holds() -> None:
    """Datadog's clients set this label without packing; others pack."""
    assert BODY == read(BODY, Content_Encoding="zstd")
    assert BODY == read(zstandard.compress(BODY), Content_Encoding="zstd")


def test_a_body_may_be_packed_in_several_members() -> None:
    assert BODY == read(gzip.compress(BODY[:4]) + gzip.compress(BODY[4:]), Content_Encoding="gzip")
    assert BODY == read(zstandard.compress(BODY[:4]) + zstandard.compress(BODY[4:]), Content_Encoding="zstd1")


PACKED = [("identity", bytes), *PACKINGS]


@pytest.mark.parametrize(("name", "pack"), PACKED)
def test_a_body_of_the_limit_is_taken(name: str, pack: Callable[[bytes], bytes]) -> None:
    assert b"x" * LIMIT == read(pack(b"x" * LIMIT), Content_Encoding=name)


@pytest.mark.parametrize(("name", "pack"), PACKED)
def test_a_body_of_a_byte_more_is_not(name: str, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(TooLarge, match="larger than 1024 bytes"):
        read(pack(b"x" * (LIMIT + 1)), Content_Encoding=name)


def test_a_body_announced_too_large_is_refused_before_a_byte_is_read() -> None:
    read_parts: list[int] = []

    def parts() -> Iterator[bytes]:
        read_parts.append(1)
        yield BODY

    with pytest.raises(TooLarge):
        asyncio.run(read_body(request(parts(), Content_Length=str(LIMIT + 1)), LIMIT))

    assert [] == read_parts


def test_a_body_without_an_announcement_is_refused_as_soon_as_it_is_too_large() -> None:
    taken = []

    def endless() -> Iterator[bytes]:
        while True:
            taken.append(1)
            yield b"x" * 100

    with pytest.raises(TooLarge):
        asyncio.run(read_body(request(endless()), LIMIT))

    assert LIMIT // 100 + 1 == len(taken)


@pytest.mark.parametrize(("name", "pack"), PACKINGS)
def test_a_bomb_is_unpacked_no_further_than_the_limit(name: str, pack: Callable[[bytes], bytes]) -> None:
    with pytest.raises(TooLarge):
        read(pack(b"\0" * 1_000_000), Content_Encoding=name)


@pytest.mark.parametrize(("name", "pack"), PACKINGS)
def test_what_is_not_packed_as_it_says_is_refused(name: str, pack: Callable[[bytes], bytes]) -> None:
    for broken in (BODY, b"\0" + pack(BODY), pack(BODY)[:8] + b"\xff\xff\xff\xff", pack(BODY) + b"junk"):
        with pytest.raises(Rejected, match=f"the body is not valid {name}"):
            read(broken, Content_Encoding=name)


@pytest.mark.parametrize(("name", "pack"), PACKINGS[:2])
def test_a_stream_that_breaks_off_is_refused(name: str, pack: Callable[[bytes], bytes]) -> None:
    for end in range(len(pack(BODY))):
        with pytest.raises(Rejected, match=f"the body is not valid {name}"):
            read(pack(BODY)[:end], Content_Encoding=name)


def test_many_empty_members_are_refused() -> None:
    with pytest.raises(Rejected, match="the body is not valid gzip"):
        read(gzip.compress(b"") * 50, Content_Encoding="gzip")


def test_a_frame_that_asks_for_much_memory_is_refused() -> None:
    wide = zstandard.ZstdCompressionParameters(window_log=27)
    stream = zstandard.ZstdCompressor(compression_params=wide).compressobj()

    with pytest.raises(Rejected, match="the body is not valid zstd1"):
        read(stream.compress(BODY) + stream.flush(), Content_Encoding="zstd1")


@pytest.mark.parametrize("name", ["br", "compress", "gzip, gzip", "zstd2"])
def test_an_encoding_that_is_not_known_is_refused_with_those_that_are(name: str) -> None:
    with pytest.raises(Rejected, match='"Content-Encoding" must be one of "gzip deflate zstd1"'):
        read(BODY, Content_Encoding=name)


def test_a_sender_who_goes_away_leaves_nothing_to_read() -> None:
    with pytest.raises(ClientException, match="went away"):
        asyncio.run(read_body(request([BODY], complete=False), LIMIT))
