"""What an idle server takes: memory, and time to start. `python -m benchmarks footprint` prints both."""

import subprocess
import sys

import psutil

from tests.programs import Program, Server
from tests.running import a_key

MOST_RESIDENT_BYTES = 120_000_000
# Promised are 2 s. Machines that run tests are busy with other tests, and what a server waits for its
# turn is not its own; what it works takes up to thrice as long there.
LONGEST_START_S = 5.0

# What a server on SQLite needs for certain questions only, or never: each costs megabytes and start.
LATER = {"alembic", "authlib", "httpx", "polars", "psycopg", "pydantic", "vl_convert"}


def resident_bytes(server: Server) -> int:
    """Return the memory of a server and all processes it has started."""
    one = psutil.Process(server.process.pid)
    return sum(process.memory_info().rss for process in (one, *one.children(recursive=True)))


def test_an_idle_server_is_small(program: Program) -> None:
    key = a_key(program)["key"]
    with program.server("serve") as server:
        server.get("/api/v1/validate", headers={"DD-API-KEY": key}).raise_for_status()
        server.get("/metrics").raise_for_status()

        assert resident_bytes(server) < MOST_RESIDENT_BYTES


def test_a_server_starts_soon(program: Program) -> None:
    program.here("db", "migrate")

    with program.server("serve") as server:
        server.get("/readyz").raise_for_status()
        worked = psutil.Process(server.process.pid).cpu_times()

    assert worked.user + worked.system < LONGEST_START_S


def test_nothing_is_loaded_that_an_idle_server_can_do_without() -> None:
    started = "import sys, fairlead.cli.main, fairlead.server as s; s.create(s.Settings())"
    code = f"{started}; print(*sys.modules.keys())"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert set() == LATER & set(loaded.split())
