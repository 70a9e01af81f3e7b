"""Litestar put together without what is never asked of it: a server is to start soon and stay small.

Not here: which routes there are (`server.py`).
"""

from typing import Any

from litestar import Litestar, Router
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin


class Application(Litestar):
    """An application whose shapes are all of msgspec.

    Litestar would load Pydantic where it is installed: 8 MB, and a tenth of a start, for each of a
    server's processes. The first of them has it anyway, for the options of its command.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


class Room(Router):
    """A router of one application.

    Litestar takes in a copy of each router, deep into the last note at a route, because others may
    take in the same one. Nobody else has this one, and to copy it costs a third of putting a server
    together.
    """

    def __deepcopy__(self, _memo: dict[int, Any]) -> "Room":
        """Return the router itself."""
        return self
