"""Reading a multipart body part by part, while it comes in.

Nothing of it is held in memory but what a part's taker holds; chunked bodies without a length are
as good as others. Not here: what the parts mean.
"""

from collections.abc import AsyncIterator, Callable, Mapping

from litestar.exceptions import ClientException
from multipart import (  # type: ignore[import-untyped]  # its package has no types here
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from fairlead.domain.errors import Rejected, TooLarge
from fairlead.intake.body import AnyRequest, headers_of

Taker = Callable[[bytes], None]

_MOST_PARTS = 64


class SmallPart:
    """Takes a part that is small by its nature."""

    def __init__(self, name: str, largest: int = 65_536) -> None:
        self._name = name
        self._largest = largest
        self.content = bytearray()

    def take(self, chunk: bytes) -> None:
        """Add to what was taken.

        Raises:
            TooLarge: it is not small.
        """
        self.content += chunk
        if len(self.content) > self._largest:
            raise TooLarge(f'part "{self._name}" is larger than {self._largest} bytes')


async def read_parts(request: AnyRequest, limit: int, takers: Mapping[str, Taker]) -> None:
    """Hand the body's parts to their takers by name, chunk by chunk; others are passed over.

    Raises:
        TooLarge: the body is larger than `limit` bytes.
        Rejected: it is not multipart, is not well-formed or not complete, or lacks a part that has a taker.
        Exception: whatever a taker raises.
    """
    missing = set(takers)
    taker: Taker | None = None
    try:
        with PushMultipartParser(_boundary(request), max_segment_count=_MOST_PARTS) as parser:
            async for chunk in _received(request, limit):
                for event in parser.parse(chunk):
                    if isinstance(event, MultipartSegment):
                        taker = takers.get(event.name)
                        missing.discard(event.name)
                    elif event and taker is not None:
                        taker(bytes(event))
    except MultipartError as error:
        raise Rejected(f"the body is not well-formed multipart/form-data: {error}") from error
    if missing:
        name = min(missing)
        raise Rejected(f'part "{name}" is required', field=name)


def _boundary(request: AnyRequest) -> str:
    headers = headers_of(request)
    kind, options = parse_options_header(headers.get(b"content-type", b"").decode("latin-1"))
    boundary: str = options.get("boundary", "")
    if kind != "multipart/form-data" or not boundary:
        raise Rejected("the body must be multipart/form-data", field="Content-Type")
    if headers.get(b"content-encoding", b"identity").strip().lower() not in (b"", b"identity"):
        raise Rejected("a multipart body must not be compressed", field="Content-Encoding")
    return boundary


async def _received(request: AnyRequest, limit: int) -> AsyncIterator[bytes]:
    size = 0
    while True:
        event = await request.receive()
        if event["type"] != "http.request":
            raise ClientException("the client went away before its request was complete")
        size += len(event["body"])
        if size > limit:
            raise TooLarge(f"the request body is larger than {limit} bytes")
        if event["body"]:
            yield event["body"]
        if not event.get("more_body"):
            return
