"""What happens to a request for one of LaunchDarkly's paths before it is routed.

- Paths are routed as they were sent: a repository `owner/name` or a branch `feature/x` is one segment,
  its slash encoded, and only the raw path tells it from two.
- A POST with `X-HTTP-Method-Override` is the PUT, PATCH or DELETE that it names.
- Pages of any origin may call: answers carry CORS headers, and a preflight is answered here.

Not here: other vendors' paths.
"""

from http import HTTPStatus

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

PATHS = (
    "/api/v2/engineering-insights",
    "/api/v2/accelerate/",
    "/api/v2/code-refs",
    "/api/v2/projects",
    "/api/v2/flags",
    "/api/v2/flag-links",
    "/api/v2/flag-status",
    "/api/v2/applications",
    "/api/v2/caller-identity",
)
"""How LaunchDarkly's paths begin."""

_TUNNELLED = frozenset({b"PUT", b"PATCH", b"DELETE"})
_PREFLIGHT = [
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"Accept, Accept-Encoding, Authorization, Content-Type, LD-API-Version, X-HTTP-Method-Override",
    ),
    (b"access-control-max-age", b"300"),
]
_EXPOSED = (
    b"access-control-expose-headers",
    (
        b"Retry-After, X-Ratelimit-Reset, X-Ratelimit-Global-Limit, X-Ratelimit-Global-Remaining,"
        b" X-Ratelimit-Auth-Token-Limit, X-Ratelimit-Auth-Token-Remaining, X-Ratelimit-Auth-Token-Reset"
    ),
)


class Doorway:
    """An ASGI application around the others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; see the module."""
        if scope["type"] != ScopeType.HTTP or not scope["path"].startswith(PATHS):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        cors = _cors(headers)
        if scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            await _answer_preflight(cors, send)
            return
        _route_as_sent(scope, headers)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *cors, _EXPOSED]
            await send(message)

        await self._app(scope, receive, sending)


def _route_as_sent(scope: HTTPScope, headers: dict[bytes, bytes]) -> None:
    """Change what is routed in place, so that whoever counts requests sees the same."""
    scope["path"] = scope["raw_path"].decode("latin-1")
    wanted = headers.get(b"x-http-method-override", b"").strip().upper()
    if scope["method"] == "POST" and wanted in _TUNNELLED:
        scope["method"] = wanted.decode("ascii")  # type: ignore[typeddict-item]  # one of three known names


def _cors(headers: dict[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    origin = headers.get(b"origin")
    if origin is None:
        return [(b"access-control-allow-origin", b"*")]
    return [(b"access-control-allow-origin", origin), (b"vary", b"Origin")]


async def _answer_preflight(cors: list[tuple[bytes, bytes]], send: Send) -> None:
    start = {"type": "http.response.start", "status": HTTPStatus.NO_CONTENT, "headers": [*cors, *_PREFLIGHT]}
    await send(start)  # type: ignore[arg-type]  # a plain dictionary of the right keys
    await send({"type": "http.response.body", "body": b"", "more_body": False})
