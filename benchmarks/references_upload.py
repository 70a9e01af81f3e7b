"""What a large upload of code references takes: memory beyond its body, and time.

    python -m benchmarks.references_upload [--engine sqlite|postgresql] [--mb N]

The yardstick is an upload of a quarter of the size: memory beyond the body must not grow with it.
Before each the branch has references that it replaces. Ends with 1 if the promise is not kept.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx

from tests.databases import a_postgresql
from tests.programs import Program, Server
from tests.running import a_key

MOST_BEYOND_BODY_MB: Final = 24
_MB: Final = 1_000_000
_LINES: Final = "\n".join(
    f"if flags.variation('enable-{number}'): total += price * {number}" for number in range(5)
)


def a_body(size: int) -> bytes:
    """Return an upload of about `size` bytes in files of fifty hunks."""
    one = len(json.dumps(_hunk(0))) + 2
    hunks = [_hunk(number) for number in range(size // one)]
    files = [hunks[start : start + 50] for start in range(0, len(hunks), 50)]
    references = [{"path": f"src/file_{place}.py", "hunks": file} for place, file in enumerate(files)]
    told = {"name": "main", "head": "a" * 40, "syncTime": 1795221106233, "references": references}
    return json.dumps(told).encode()


def _hunk(number: int) -> dict[str, object]:
    # As many lines as overlapping hunks come to, so that the usual number of hunks makes up the size.
    lines = "\n".join([_LINES] * 5) + f"\n# {number}"
    return {
        "startingLineNumber": number + 1,
        "lines": lines,
        "projKey": "default",
        "flagKey": f"flag-{number % 99}",
    }


def peak_bytes(server: Server) -> int:
    """Return the most memory that a server has ever held."""
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024


def beyond_body(program: Program, size: int) -> tuple[float, float, int]:
    """Return the memory beyond the body and the seconds that an upload took, and its size."""
    headers = {"Authorization": a_key(program, "access-token")["key"], "Content-Type": "application/json"}
    with (
        program.server("serve") as server,
        httpx.Client(base_url=server.address, headers=headers, timeout=120) as http,
    ):
        here = "/api/v2/code-refs/repositories"
        http.post(here, json={"name": f"repo-{size}"})
        place = f"{here}/repo-{size}/branches/main"
        http.put(place, content=a_body(100_000)).raise_for_status()
        before = peak_bytes(server)
        body = a_body(size)
        began_s = time.perf_counter()
        http.put(place, content=body).raise_for_status()
        took_s = time.perf_counter() - began_s
        return peak_bytes(server) - before - len(body), took_s, len(body)


def main() -> int:
    """Measure, print, and say whether the promise is kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--mb", type=int, default=40)
    options = parser.parse_args()
    kept = True
    with (
        tempfile.TemporaryDirectory(prefix="fairlead-bench-") as folder,
        _database(options.engine) as database,
    ):
        program = Program(Path(folder), **database)
        program.run("db", "migrate")
        for size in (options.mb * _MB // 4, options.mb * _MB):
            beyond, took_s, sent = beyond_body(program, size)
            kept = kept and beyond < MOST_BEYOND_BODY_MB * _MB
            print(f"{sent / _MB:6.1f} MB: {beyond / _MB:6.1f} MB beyond the body, {took_s:.2f} s")
    print(f"promised: at most {MOST_BEYOND_BODY_MB} MB beyond the body: {'kept' if kept else 'NOT KEPT'}")
    return 0 if kept else 1


def _client(server: Server, headers: dict[str, str]) -> httpx.Client:
    return httpx.Client(base_url=server.address, headers=headers, timeout=120, trust_env=False)


@contextmanager
def _database(engine: str) -> Iterator[dict[str, str]]:
    if engine == "sqlite":
        yield {}
        return
    with a_postgresql(uuid4().hex[:12]) as server:
        yield {"FAIRLEAD_DATABASE": server.create("references")}


if __name__ == "__main__":
    sys.exit(main())
