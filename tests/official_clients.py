"""The official clients that are no Python of ours: where they are, and how they reach a server here.

`datadog-ci` only ever calls `https://api.<site>`, so a test gives it a certificate for that name and
a proxy that leads every name to the server under test. Not here: what is asked with them.
"""

import asyncio
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trustme

from tests.databases import missing
from tests.programs import Program, Server

_CLIENTS = Path(__file__).parent / "clients"
_ROOT = Path(__file__).parent.parent
_PATIENCE_S = 90
SITE = "fairlead.test"


def node_script(name: str, server: Server, keys: dict[str, str], *args: str, **variables: str) -> Any:
    """Run a script of `tests/clients` against a server and return the JSON it prints."""
    environ = os.environ | {"ADDRESS": server.address, "DD_API_KEY": keys["api"], "DD_APP_KEY": keys["app"]}
    return json.loads(_run([_node(), str(_CLIENTS / name), *args], environ | variables))


def python_before(script: str, server: Server, keys: dict[str, str]) -> Any:
    """Run a script with the official Python client from before its switch, and return its JSON."""
    python = _ROOT / ".venv-before" / "bin" / "python"
    if not python.exists():
        missing("the older Python client is not installed (`make .venv-before`)")
    environ = os.environ | {"ADDRESS": server.address, "DD_API_KEY": keys["api"], "DD_APP_KEY": keys["app"]}
    return json.loads(_run([str(python), "-c", script], environ))


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    code: int
    printed: str
    """Both of its streams."""


@dataclass(frozen=True, slots=True)
class DatadogCi:
    """`datadog-ci` with everything it needs to find a server here."""

    environ: dict[str, str]
    patience_s: float = _PATIENCE_S

    def run(self, *args: str, cwd: Path, **variables: str) -> Ended:
        """Run a command in a folder."""
        program = _CLIENTS / "node_modules" / "@datadog" / "datadog-ci" / "dist" / "bundle.js"
        if not program.exists():
            program = _CLIENTS / "node_modules" / ".bin" / "datadog-ci"
        if not program.exists():
            missing("datadog-ci is not installed (`make setup`)")
        ended = subprocess.run(
            [_node(), str(program), *args],
            capture_output=True,
            text=True,
            check=False,
            timeout=self.patience_s,
            cwd=cwd,
            env=self.environ | variables,
        )
        return Ended(ended.returncode, ended.stdout + ended.stderr)


@contextmanager
def tls_server(program: Program, *args: str) -> Iterator[tuple[Server, Path]]:
    """Serve over TLS under every name of the site; give the server and its authority's certificate."""
    authority = trustme.CA()
    papers = authority.issue_cert(SITE, f"*.{SITE}", "127.0.0.1")
    cert, key, trusted = (program.home / name for name in ("cert.pem", "key.pem", "authority.pem"))
    papers.cert_chain_pems[0].write_to_path(cert)
    papers.private_key_pem.write_to_path(key)
    authority.cert_pem.write_to_path(trusted)
    with program.server("serve", "--tls-cert", str(cert), "--tls-key", str(key), *args) as server:
        yield server, trusted


@contextmanager
def datadog_ci(server: Server, authority: Path, api_key: str) -> Iterator[DatadogCi]:
    """Give `datadog-ci` that reaches `server` by its site's names."""
    with _proxy_to(server.port) as proxy:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("DD_", "DATADOG_"))
        }
        told = {
            "DD_SITE": SITE,
            "DD_API_KEY": api_key,
            "HTTPS_PROXY": f"http://127.0.0.1:{proxy}",
            "NO_PROXY": "",
            "NODE_EXTRA_CA_CERTS": str(authority),
            "DD_BETA_COMMANDS_ENABLED": "1",
            "DD_CI_SKIP_VERSION_BANNER": "1",
        }
        yield DatadogCi(inherited | told)


def _node() -> str:
    node = shutil.which("node")
    if node is None or not (_CLIENTS / "node_modules" / "@datadog").exists():
        missing("the official JavaScript clients are not installed (`make setup`)")
    return str(node)


def _run(command: list[str], environ: dict[str, str]) -> str:
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=_PATIENCE_S, env=environ
    )
    assert ended.returncode == 0, ended.stderr + ended.stdout
    return ended.stdout


@contextmanager
def _proxy_to(port: int) -> Iterator[int]:
    """Run a proxy that leads every CONNECT to a port of this machine, and give its own port."""
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(
        asyncio.start_server(lambda reader, writer: _lead(reader, writer, port), "127.0.0.1", 0)
    )
    thread = threading.Thread(target=loop.run_forever, name="test-proxy")
    thread.start()
    try:
        yield int(listening.sockets[0].getsockname()[1])
    finally:
        asyncio.run_coroutine_threadsafe(_end(listening), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    await reader.readuntil(b"\r\n\r\n")
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except (ConnectionError, asyncio.CancelledError):
        pass  # Either side may hang up when it has what it wanted.
    finally:
        writer.close()


async def _end(listening: asyncio.Server) -> None:
    listening.close()
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
