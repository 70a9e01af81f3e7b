"""This server's own numbers, and the outermost layer of every request.

Counts and times requests by route, mends doubled slashes, and logs requests where that is asked
for. Not here: metrics of delivery, and errors.
"""

import re
import time
from typing import Any

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

log = structlog.get_logger(__name__)

_SLASHES = re.compile(r"/{2,}")
_RAW_SLASHES = re.compile(rb"/{2,}")
_NO_ROUTE = "(none)"

REQUESTS = Counter("fairlead_http_requests_total", "HTTP requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "fairlead_http_request_seconds",
    "Seconds from a request's first byte to its answer's last.",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


def exposition(*, several_processes: bool) -> tuple[bytes, str]:
    """Return this server's metrics and their media type, of all its processes together."""
    registry = REGISTRY
    if several_processes:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # its package has no types here
    return generate_latest(registry), CONTENT_TYPE_LATEST


class Telemetry:
    """An ASGI application around another: counts, times, mends paths, logs."""

    def __init__(self, app: ASGIApp, *, log_requests: bool) -> None:
        self._app = app
        self._log_requests = log_requests
        self._series: dict[tuple[str, str, int], tuple[Any, Any]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; see the class."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        if "//" in scope["path"]:
            # A slash that was sent encoded, as part of an id, stays as it is in the raw path.
            scope["path"] = _SLASHES.sub("/", scope["path"])
            scope["raw_path"] = _RAW_SLASHES.sub(b"/", scope["raw_path"])
        if scope["method"] == "HEAD":
            # The question is that of a GET; the body stays behind where the answer goes out. Whoever
            # sends it out knows by the method, so the original has to keep it.
            scope = {**scope, "method": "GET"}
        started_s = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._count(scope, status, time.perf_counter() - started_s)

    def _count(self, scope: HTTPScope, status: int, seconds: float) -> None:
        route = scope.get("path_template") or _NO_ROUTE
        key = scope["method"], route, status
        series = self._series.get(key)
        if series is None:
            series = self._series[key] = (
                REQUESTS.labels(scope["method"], route, str(status)),
                SECONDS.labels(scope["method"], route),
            )
        series[0].inc()
        series[1].observe(seconds)
        if self._log_requests:
            ms = round(seconds * 1000, 3)
            log.info("request", method=scope["method"], route=route, status=status, duration_ms=ms)
