"""What an idle server takes: memory, and time to start. `python -m benchmarks footprint` prints both."""

import subprocess
import sys
import time

import psutil

from tests.programs import Program, Server
from tests.running import a_key

MOST_RESIDENT_BYTES = 120_000_000
# Promised are 2 s. Machines that run tests are busy with other tests.
LONGEST_START_S = 6.0

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
    program.run("db", "migrate")

    began_s = time.perf_counter()
    with program.server("serve") as server:
        server.get("/readyz").raise_for_status()
        took_s = time.perf_counter() - began_s

    assert took_s < LONGEST_START_S


def test_nothing_is_loaded_that_an_idle_server_can_do_without() -> None:
    started = "import sys, fairlead.cli.main, fairlead.server as s; s.create(s.Settings())"
    code = f"{started}; print(*sys.modules.keys())"

    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert set() == LATER & set(loaded.split())
