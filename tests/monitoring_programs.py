"""Prometheus and Alertmanager, the real programs, on free ports with a configuration to throw away.

And an exporter whose numbers a test sets. Not here: what is asked of them.
"""

import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

import httpx

from tests.databases import missing
from tests.programs import ending_with_us
from tests.waiting import became

_START_S = 60


class Exporter:
    """Exposes gauges in Prometheus' text format; a test sets them by their line's beginning."""

    def __init__(self) -> None:
        self.values: dict[str, float] = {}
        exporter = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                lines = [f"{name} {value}" for name, value in exporter.values.items()]
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.end_headers()
                self.wfile.write(("\n".join(lines) + "\n").encode())

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="test-exporter")

    @property
    def target(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Running:
    """A program that answers at an address."""

    def __init__(self, process: "subprocess.Popen[bytes]", address: str) -> None:
        self.process = process
        self.address = address

    def pause(self) -> None:
        """Let it hang: it keeps its port and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def a_prometheus(
    folder: Path, *, targets: list[str], rules: str = "", alertmanager: str = "", jobs: Sequence[str] = ()
) -> Iterator[Running]:
    """Run Prometheus, which looks at `targets` and evaluates `rules` every second.

    `jobs` are more of its scrape configurations, written in a line each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rules.yml").write_text(rules or "groups: []\n", encoding="utf-8")
    demo = f"{{job_name: demo, static_configs: [{{targets: {targets}}}]}}"
    told = [
        "global: {scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}",
        f"rule_files: [{folder / 'rules.yml'}]",
        f"scrape_configs: [{', '.join([demo, *jobs])}]",
    ]
    if alertmanager:
        host = alertmanager.removeprefix("http://")
        told.append(f"alerting: {{alertmanagers: [{{static_configs: [{{targets: ['{host}']}}]}}]}}")
    (folder / "prometheus.yml").write_text("\n".join(told) + "\n", encoding="utf-8")
    port = _free_port()
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with _program(command, folder, port) as running:
        yield running


def telling_at_once(webhook: str, secret: str) -> str:
    """Return what to tell an Alertmanager so that it tells everything to `webhook` and shows the secret."""
    return f"""
route: {{receiver: fairlead, group_wait: 0s, group_interval: 1s, repeat_interval: 1h}}
receivers:
  - name: fairlead
    webhook_configs:
      - url: '{webhook}'
        send_resolved: true
        http_config: {{authorization: {{credentials: '{secret}'}}}}
"""


@contextmanager
def an_alertmanager(folder: Path, config: str) -> Iterator[Running]:
    """Run Alertmanager as `config` has it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "alertmanager.yml").write_text(config, encoding="utf-8")
    port = _free_port()
    command = [
        "prometheus-alertmanager",
        f"--config.file={folder / 'alertmanager.yml'}",
        f"--storage.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
    ]
    with _program(command, folder, port) as running:
        yield running


@contextmanager
def _program(command: list[str], folder: Path, port: int) -> Iterator[Running]:
    if shutil.which(command[0]) is None:
        missing(f"{command[0]} is not installed")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(ending_with_us(*command), stdout=log, stderr=log, cwd=folder)
    running = Running(process, f"http://127.0.0.1:{port}")
    try:
        assert became(lambda: _is_ready(running), _START_S), (folder / "log").read_text()
        yield running
    finally:
        running.resume()
        process.kill()
        process.wait()


def _is_ready(running: Running) -> bool:
    assert running.process.poll() is None, "it has ended"
    with suppress(httpx.HTTPError):
        return httpx.get(f"{running.address}/-/ready", timeout=5, trust_env=False).status_code == 200
    return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port
