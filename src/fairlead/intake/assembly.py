"""Litestar put together without what is never asked of it: a server is to start soon and stay small.

Not here: which routes there are (`server.py`).
"""

from collections import defaultdict
from collections.abc import Sequence
from copy import copy
from typing import Any

from litestar import Litestar, Router
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.routes import HTTPRoute
from litestar.types import ExceptionHandlersMap


class Application(Litestar):
    """An application whose shapes are all of msgspec.

    Litestar would load Pydantic where it is installed: 8 MB, and a tenth of a start, for each of a
    server's processes. The first of them has it anyway, for the options of its command.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


class Room(Router):
    """A router of one application, at its root.

    Litestar takes in a copy of each router, deep into the last note at a route, because others may
    take in the same one. Nobody else has this one, and to copy it costs a third of putting a server
    together. It also takes in one handler after the other, and OPTIONS on a path that has several is
    then answered with the method of the first; here a path gets all of its handlers at once.
    """

    def __init__(
        self, route_handlers: Sequence[HTTPRouteHandler], exception_handlers: ExceptionHandlersMap
    ) -> None:
        super().__init__("/", route_handlers=(), exception_handlers=exception_handlers)
        by_path = defaultdict[str, list[HTTPRouteHandler]](list)
        for handler in route_handlers:
            handler.owner = self
            for path in handler.paths:
                by_path[path].append(copy(handler))
        self.routes.extend(
            HTTPRoute(path=path, route_handlers=handlers) for path, handlers in by_path.items()
        )

    def __deepcopy__(self, _memo: dict[int, Any]) -> "Room":
        """Return the router itself."""
        return self
