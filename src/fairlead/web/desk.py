"""What the pages share from one request to the next, in one process."""

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from fairlead.domain.hooks import Reader, Vendor
from fairlead.settings import Settings
from fairlead.web.attempts import Attempts

if TYPE_CHECKING:
    from fairlead.web.provider import Provider


class Desk:
    """Made when the server starts, and given to every page."""

    def __init__(self, settings: Settings, readers: Mapping[Vendor, Reader]) -> None:
        """`readers` read deliveries again, each in the words of its vendor."""
        self.settings = settings
        self.readers = readers
        self.attempts = Attempts(time.monotonic)
        self.provider = _provider(settings)
        """Whom people may sign in with besides local accounts."""
        self.library: bytes | None = None
        """The chart library, packed, once somebody asked for it."""
        self.drawing = asyncio.Lock()
        """Held by whoever runs the chart library here."""


def _provider(settings: Settings) -> "Provider | None":
    """Return the provider that the settings name; a server without one need not load its libraries."""
    if not settings.oidc_issuer:
        return None
    from fairlead.web.provider import Provider  # noqa: PLC0415 — for the sake of those without.

    return Provider(settings)
