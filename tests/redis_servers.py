"""A real Redis or Valkey of the tests' own, thrown away afterwards.

Not here: what is counted in it.
"""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import missing
from tests.programs import ending_with_us

_PROGRAMS = ("valkey-server", "redis-server")
_START_S = 20


@contextmanager
def a_redis(folder: Path) -> Iterator[str]:
    """Start a server on a free port and yield its URL."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    if program is None:
        missing("neither valkey-server nor redis-server is installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ending_with_us(
            program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)
        ),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        _await_ready(process)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate(timeout=_START_S)


def _await_ready(process: "subprocess.Popen[str]") -> None:
    """Wait for the line that says it answers."""
    assert process.stdout is not None
    for line in process.stdout:
        if "Ready to accept connections" in line:
            return
    raise AssertionError("the server of Redis ended before it was ready")
