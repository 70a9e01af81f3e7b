"""Reading a request's body: within the limit, and unpacked.

A body is refused as soon as it is known to be too large: by its announced length before a byte is
read, by its bytes as they come, by what it unpacks to while it is unpacked. Not here: JSON.
"""

import zlib
from io import BytesIO

import zstandard
from litestar import Request
from litestar.datastructures import State
from litestar.exceptions import ClientException

from fairlead.domain.errors import Rejected, TooLarge

AnyRequest = Request[None, None, State]

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
# 16 + the window bits: a gzip header is expected. 47 would accept either, and `deflate` means zlib here.
_GZIP = 16 + zlib.MAX_WBITS
# Real clients send one. Each further one copies the rest of the body.
_MOST_MEMBERS = 16
# What RFC 8878 asks of every decoder; the format itself allows a frame to ask for terabytes.
_LARGEST_WINDOW = 8 << 20


def headers_of(request: AnyRequest) -> dict[bytes, bytes]:
    """Return the headers by lower-case name; of one sent twice, the last.

    The framework's own mapping decodes every header of every request, which shows at thousands of
    them a second.
    """
    return dict(request.scope["headers"])


async def read_body(request: AnyRequest, limit: int) -> bytes:
    """Return the body of `request`, unpacked.

    Encodings are Datadog's clients' names: `gzip`, `deflate` (a zlib stream) and `zstd1`. A body
    labelled `zstd` is taken as it is unless it opens with the mark of a zstd frame: those clients
    set the label without packing.

    Raises:
        TooLarge: more than `limit` bytes, before or after unpacking.
        Rejected: the encoding is not known, or the body is not in it.
    """
    headers = headers_of(request)
    announced = headers.get(b"content-length")
    if announced is not None and announced.isdigit() and int(announced) > limit:
        raise TooLarge(_too_large(limit))
    packed = await _received(request, limit)
    encoding = headers.get(b"content-encoding")
    return (
        packed if encoding is None else _unpacked(packed, encoding.decode("latin-1").strip().lower(), limit)
    )


async def _received(request: AnyRequest, limit: int) -> bytes:
    # Grows in place, where parts that are joined at the end would be in memory twice.
    whole = BytesIO()
    while True:
        event = await request.receive()
        if event["type"] != "http.request":
            detail = "the client went away before its request was complete"
            raise ClientException(detail)
        part = event["body"]
        if whole.tell() + len(part) > limit:
            raise TooLarge(_too_large(limit))
        if not event.get("more_body") and not whole.tell():
            return part
        whole.write(part)
        if not event.get("more_body"):
            return whole.getvalue()


def _unpacked(packed: bytes, encoding: str, limit: int) -> bytes:
    try:
        match encoding:
            case "" | "identity":
                return packed
            case "gzip" | "x-gzip":
                return _inflated(packed, _GZIP, limit)
            case "deflate":
                return _inflated(packed, zlib.MAX_WBITS, limit)
            case "zstd1" | "zstd":
                return packed if encoding == "zstd" and packed[:4] != _ZSTD_MAGIC else _zstd(packed, limit)
    except (zlib.error, zstandard.ZstdError) as error:
        detail = f"the body is not valid {encoding}"
        raise Rejected(detail, field="Content-Encoding") from error
    detail = 'header "Content-Encoding" must be one of "gzip deflate zstd1"'
    raise Rejected(detail, field="Content-Encoding")


def _inflated(packed: bytes, window_bits: int, limit: int) -> bytes:
    """Unpack all members of a zlib or gzip stream, stopping at the limit."""
    whole = bytearray()
    for _ in range(_MOST_MEMBERS):
        unpacker = zlib.decompressobj(window_bits)
        whole += unpacker.decompress(packed, limit - len(whole) + 1)
        if len(whole) > limit:
            raise TooLarge(_too_large(limit))
        if not unpacker.eof:
            detail = "incomplete stream"
            raise zlib.error(detail)
        packed = unpacker.unused_data
        if not packed:
            return bytes(whole)
    detail = "too many streams in one body"
    raise zlib.error(detail)


def _zstd(packed: bytes, limit: int) -> bytes:
    with zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW).stream_reader(
        packed, read_across_frames=True
    ) as reader:
        whole = reader.read(limit + 1)
    if len(whole) > limit:
        raise TooLarge(_too_large(limit))
    return whole


def _too_large(limit: int) -> str:
    return f"the request body is larger than {limit} bytes"
