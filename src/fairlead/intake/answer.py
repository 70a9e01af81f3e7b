"""An answer that is ready to go out: status, bytes and headers, with nothing left to decide.

The framework's own responses merge headers, cookies and background work from many layers; an
answer of ours has none of those.
"""

from collections.abc import Mapping

from litestar.types import Receive, Scope, Send


class Answer:
    """An ASGI application that sends one body."""

    __slots__ = ("_body", "_headers", "_status")

    def __init__(
        self, status: int, body: bytes, media_type: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self._status = status
        self._body = body
        self._headers = [
            (b"content-type", media_type.encode("latin-1")),
            (b"content-length", str(len(body)).encode("latin-1")),
        ]
        if headers:
            self._headers += [(name.lower().encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Send status, headers and body."""
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})
