"""A service that answers over HTTP, instrumented by the real SDK, and exposes metrics to Prometheus.

It is a checkout with two routes. A version may fail every so many requests for one of them.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import httpx

from tests.spans import Service, a_service

ROUTES = ("/cart", "/pay")


class PaymentRefused(Exception):
    """The bank would not have it."""


class Checkout:
    """One version of the service, listening on a port of its own."""

    def __init__(self, version: str, *, fails_every: int = 0) -> None:
        self.version = version
        self.answered: Counter[tuple[str, int]] = Counter()
        self._spans: Service | None = None
        self._fails_every = fails_every
        self._lock = threading.Lock()
        checkout = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # An answer in two parts waits for whoever received the first to say so.

            def do_GET(self) -> None:
                is_metrics = self.path == "/metrics"
                status, body = (200, checkout.metrics()) if is_metrics else checkout.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, name="checkout")

    @property
    def target(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def answer(self, route: str) -> tuple[int, bytes]:
        """Answer a request, and tell its span."""
        with self._lock:
            number = sum(count for (path, _), count in self.answered.items() if path == route) + 1
            failed = bool(self._fails_every) and route == "/pay" and not number % self._fails_every
            status = 500 if failed else 200
            self.answered[route, status] += 1
        error = PaymentRefused("no") if failed else None
        assert self._spans is not None, "somebody asks while nobody serves"
        self._spans.answer(route, error=error, **{"http.response.status_code": status})
        return status, b"no\n" if failed else b"yes\n"

    def metrics(self) -> bytes:
        """Return counters in Prometheus' text format, from the beginning and so from zero."""
        labels = f'service="checkout",env="prod",version="{self.version}"'
        with self._lock:
            lines = [
                f'http_requests_total{{{labels},route="{route}",status="{status}"}} '
                f"{self.answered[route, status]}"
                for route in ROUTES
                for status in (200, 500)
            ]
        return ("\n".join(lines) + "\n").encode()

    def serve(self, requests: int, address: str, headers: Mapping[str, str]) -> None:
        """Let customers send so many requests for each route, and send all their spans to `address`."""
        with (
            a_service(address, headers, version=self.version) as self._spans,
            httpx.Client(base_url=f"http://{self.target}", trust_env=False, timeout=30) as customers,
        ):
            for _ in range(requests):
                for route in ROUTES:
                    customers.get(route)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
