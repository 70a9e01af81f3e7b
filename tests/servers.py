"""The whole server behind a real socket, in a thread of the tests.

Started with the same loop and parser as `fairlead serve`, so that what a test sends travels as it
would in life. Not here: who calls (`casts.py`), and the program as a process (`programs.py`).
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from fairlead import server
from fairlead.settings import Settings

_START_S = 30


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers."""

    address: str
    settings: Settings
    http: httpx.Client
    """Keeps its connections, as clients do."""

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.address.rpartition(":")[2])


@contextmanager
def served(database: str, **settings: Any) -> Iterator[Served]:
    """Serve a database that is up to date, until a test is done with it."""
    chosen = Settings(database=database, **settings)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            server.create(chosen),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            # Longer than the client keeps an idle connection: whoever closes first may meet a request.
            timeout_keep_alive=75,
        )
        running = _Announced(config)
        thread = threading.Thread(target=running.run, args=([listener],), name="test-server")
        thread.start()
        try:
            assert running.up.wait(_START_S), "the server did not start"
            address = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with _client(address) as http:
                yield Served(address, chosen, http)
        finally:
            running.should_exit = True
            thread.join()


def _client(address: str) -> httpx.Client:
    """Return a client for any number of threads.

    Past twenty connections it would close one that stands idle, and may take for that one which
    another thread has just been given: that thread then waits for an answer for ever.
    """
    endless = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    # What is spoken is plain HTTP, and certificates take long to read.
    return httpx.Client(base_url=address, verify=False, trust_env=False, timeout=60, limits=endless)  # noqa: S501


class _Announced(uvicorn.Server):
    """A server that says when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()
