"""The short way: a busy route is answered before the framework's own layers.

A framework looks at each request from many sides: mounts, guards, dependencies, hooks, caches. To
a route that needs none of them this is a third of its cost. Here such a route is found by its
exact path and its handler called at once, with the same request and the same answer. Not here:
any other request, which goes the long way, and the words of a refusal, which are handed in.
"""

from collections.abc import Callable, Iterable
from typing import Any

from litestar import Litestar, Request, Response
from litestar.enums import ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.types import Receive, Scope, Send

from fairlead.intake.body import AnyRequest


class ShortWay:
    """An ASGI application around the framework's."""

    def __init__(
        self,
        app: Litestar,
        handlers: Iterable[HTTPRouteHandler],
        refusal: Callable[[AnyRequest, Exception], Response[bytes]],
    ) -> None:
        """Send requests for `handlers` the short way, all others to `app`.

        Each takes its request alone and returns an answer that is an ASGI application; its path
        holds no parameter. `refusal` says what is answered to an error.
        """
        self._app = app
        self._refusal = refusal
        self._handlers: dict[tuple[str, str], Any] = {
            (method, path): handler.fn
            for handler in handlers
            for method in handler.http_methods
            for path in handler.paths
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        if scope["type"] != ScopeType.HTTP or (scope["method"], scope["path"]) not in self._handlers:
            await self._app(scope, receive, send)
            return
        # What the framework would have left in the scope and is asked for later.
        scope["litestar_app"] = self._app
        scope["path_template"] = scope["path"]
        request: AnyRequest = Request(scope, receive, send)
        try:
            answer = await self._handlers[scope["method"], scope["path"]](request)
        except Exception as error:  # noqa: BLE001 — whatever it was, the client is told in its dialect.
            answer = self._refusal(request, error).to_asgi_response(None, request)
        await answer(scope, receive, send)
