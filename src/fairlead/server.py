"""The one place where all of Fairlead is put together: settings, store, dialects, telemetry.

Not here: options and processes (`cli`), and anything a request means.
"""

import asyncio
import gc
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from http import HTTPStatus
from typing import Final

import msgspec
import structlog
from litestar import Litestar, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, ExceptionHandler
from msgspec import Struct, field
from msgspec.structs import replace

from fairlead import logs
from fairlead.dialects.alertmanager import routes as alertmanager
from fairlead.dialects.alertmanager.translate import read as read_alertmanager
from fairlead.dialects.datadog import catalog_routes as datadog_catalog
from fairlead.dialects.datadog import definitions_routes as datadog_definitions
from fairlead.dialects.datadog import errors as datadog_errors
from fairlead.dialects.datadog import gates_routes as datadog_gates
from fairlead.dialects.datadog import git_routes as datadog_git
from fairlead.dialects.datadog import monitors_routes as datadog_monitors
from fairlead.dialects.datadog import query_routes as datadog_queries
from fairlead.dialects.datadog import routes as datadog
from fairlead.dialects.github import errors as github_errors
from fairlead.dialects.github import routes as github
from fairlead.dialects.github.translate import read as read_github
from fairlead.dialects.gitlab import errors as gitlab_errors
from fairlead.dialects.gitlab import routes as gitlab
from fairlead.dialects.gitlab.translate import read as read_gitlab
from fairlead.dialects.grafana import routes as grafana
from fairlead.dialects.grafana.translate import read as read_grafana
from fairlead.dialects.launchdarkly import errors as launchdarkly_errors
from fairlead.dialects.launchdarkly import routes as launchdarkly
from fairlead.dialects.launchdarkly.doorway import PATHS as LAUNCHDARKLY_PATHS
from fairlead.dialects.launchdarkly.doorway import Doorway
from fairlead.dialects.native import backtest_routes as native_backtest
from fairlead.dialects.native import commit_routes as native_commits
from fairlead.dialects.native import deployment_routes as native_deployments
from fairlead.dialects.native import errors as native_errors
from fairlead.dialects.native import exposition_routes as native_exposition
from fairlead.dialects.native import failure_links_routes as native_failure_links
from fairlead.dialects.native import failure_rules_routes as native_failure_rules
from fairlead.dialects.native import flag_routes as native_flags
from fairlead.dialects.native import levels_routes as native_levels
from fairlead.dialects.native import metrics_routes as native_metrics
from fairlead.dialects.native import monitor_routes as native_monitors
from fairlead.dialects.native import routes as native
from fairlead.dialects.native import source_routes as native_sources
from fairlead.dialects.native import traffic_routes as native_traffic
from fairlead.dialects.otlp import errors as otlp_errors
from fairlead.dialects.otlp import routes as otlp
from fairlead.dialects.pagerduty import routes as pagerduty
from fairlead.dialects.pagerduty.translate import read as read_pagerduty
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.domain.hooks import Reader, Vendor
from fairlead.intake import openapi
from fairlead.intake.allowances import Allowance
from fairlead.intake.assembly import Application, Room
from fairlead.intake.body import AnyRequest, headers_of
from fairlead.intake.packs import PackDesk
from fairlead.intake.reception import Reception, spent_by
from fairlead.intake.shortway import ShortWay
from fairlead.intake.telemetry import Telemetry
from fairlead.settings import Settings
from fairlead.store import schema
from fairlead.store.git_cache import GitCache, git_folder
from fairlead.store.ledger import Ledger
from fairlead.web import refusals as web_refusals
from fairlead.web import routes as web
from fairlead.web.desk import Desk
from fairlead.web.drawing import HEADERS as WEB_HEADERS
from fairlead.web.warming import warm_up
from fairlead.worker import shift

log = structlog.get_logger(__name__)

_LONGEST_ECHO = 200
# New objects. Sixty requests under way hold thousands that are no garbage, and to look through them
# every 700, as usual, takes a tenth of the time that it takes to answer; every 5 000 still a twentieth.
_GARBAGE_LOOKED_FOR_AFTER: Final = 25_000
# The writer wants the interpreter back a dozen times for each commit, and would wait for it five
# milliseconds each time, as usual, while the event loop has requests to read.
_INTERPRETER_GIVEN_UP_AFTER_S: Final = 0.0003


class _Voice(Struct, frozen=True):
    """How a dialect refuses."""

    refusal: Callable[[FairleadError], tuple[HTTPStatus, bytes]]
    body: Callable[[HTTPStatus, str], bytes]
    """What to say with a status that no error of ours stands for."""
    rate_headers: Callable[[Allowance], dict[str, str]]
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """What every refusal has besides."""


_DATADOG_V2 = _Voice(
    datadog_errors.refusal,
    datadog_errors.object_error,
    datadog_errors.rate_headers,
    datadog_errors.MEDIA_TYPE,
)
_DATADOG_V1 = replace(_DATADOG_V2, media_type="application/json")
_DATADOG_MONITORS = replace(
    _DATADOG_V1, refusal=datadog_errors.monitor_refusal, body=datadog_errors.text_error
)
_DATADOG_CATALOG = replace(_DATADOG_V2, refusal=datadog_errors.text_refusal, body=datadog_errors.text_error)
_DATADOG_DEFINITIONS = replace(
    _DATADOG_CATALOG, refusal=datadog_errors.definition_refusal, media_type=datadog_definitions.MEDIA_TYPE
)
_NATIVE = _Voice(
    native_errors.refusal, native_errors.error_body, native_errors.rate_headers, "application/json"
)
_WEB = _Voice(
    web_refusals.refusal, web_refusals.error_page, lambda _allowance: {}, web_refusals.HTML, WEB_HEADERS
)
_GITHUB = replace(_NATIVE, refusal=github_errors.refusal, body=github_errors.error_body)
_GITLAB = replace(_NATIVE, refusal=gitlab_errors.refusal, body=gitlab_errors.error_body)
_LAUNCHDARKLY = _Voice(
    launchdarkly_errors.refusal,
    launchdarkly_errors.error_body,
    launchdarkly_errors.rate_headers,
    "application/json",
)
_LAUNCHDARKLY_INSIGHTS = replace(_LAUNCHDARKLY, refusal=launchdarkly_errors.insights_refusal)
_OTLP = _Voice(otlp_errors.refusal, otlp_errors.error_body, otlp_errors.rate_headers, "application/json")
_READERS: dict[Vendor, Reader] = {
    Vendor.GITHUB: read_github,
    Vendor.GITLAB: read_gitlab,
    Vendor.ALERTMANAGER: read_alertmanager,
    Vendor.GRAFANA: read_grafana,
    Vendor.PAGERDUTY: read_pagerduty,
}
"""Who reads deliveries again, each in the words of its vendor."""
_SPOKEN: tuple[tuple[Sequence[HTTPRouteHandler], _Voice], ...] = (
    (datadog.V1, _DATADOG_V1),
    (datadog.V2, _DATADOG_V2),
    (datadog_catalog.HANDLERS, _DATADOG_CATALOG),
    (datadog_definitions.HANDLERS, _DATADOG_DEFINITIONS),
    (datadog_gates.HANDLERS, _DATADOG_V2),
    (datadog_monitors.HANDLERS, _DATADOG_MONITORS),
    (datadog_queries.HANDLERS, _DATADOG_MONITORS),
    (native_monitors.HANDLERS, _NATIVE),
    (datadog_git.V1, _DATADOG_V1),
    (datadog_git.V2, _DATADOG_V2),
    (github.HANDLERS, _GITHUB),
    (alertmanager.HANDLERS, _NATIVE),
    (grafana.HANDLERS, _NATIVE),
    (pagerduty.HANDLERS, _NATIVE),
    (gitlab.HANDLERS, _GITLAB),
    (launchdarkly.INSIGHTS, _LAUNCHDARKLY_INSIGHTS),
    (launchdarkly.PLAIN, _LAUNCHDARKLY),
    (native.HANDLERS, _NATIVE),
    (native_commits.HANDLERS, _NATIVE),
    (native_deployments.HANDLERS, _NATIVE),
    (native_failure_rules.HANDLERS, _NATIVE),
    (native_failure_links.HANDLERS, _NATIVE),
    (native_flags.HANDLERS, _NATIVE),
    ([*native_traffic.HANDLERS, *native_sources.HANDLERS, *native_backtest.HANDLERS], _NATIVE),
    (otlp.HANDLERS, _OTLP),
    ([*native_metrics.HANDLERS, *native_levels.HANDLERS], _NATIVE),
    (native_exposition.HANDLERS, _NATIVE),
)
"""Every operation of every dialect, with the voice that it refuses in."""
_WITHOUT_ROUTE = (
    ("/hooks/github/", _GITHUB),
    ("/hooks/gitlab/", _GITLAB),
    ("/api/v1/validate", _DATADOG_V1),
    ("/api/v1/monitor", _DATADOG_MONITORS),
    ("/api/v1/query", _DATADOG_MONITORS),
    ("/api/v1/series", _DATADOG_V1),
    ("/api/v2/dora", _DATADOG_V2),
    ("/api/v2/deployment_gates", _DATADOG_V2),
    ("/api/v2/deployments/gates", _DATADOG_V2),
    ("/api/v2/git/", _DATADOG_V2),
    ("/api/v2/query/", _DATADOG_MONITORS),
    ("/api/v2/srcmap", _DATADOG_V2),
    ("/api/v2/ai_impact", _DATADOG_V2),
    ("/api/v2/catalog", _DATADOG_CATALOG),
    ("/api/v2/services", _DATADOG_DEFINITIONS),
    ("/hooks/launchdarkly/", _LAUNCHDARKLY),
    *((start, _LAUNCHDARKLY) for start in LAUNCHDARKLY_PATHS),
    ("/v1/traces", _OTLP),
)
"""Who refuses what no route answers, by how its path begins."""
_OF_PROGRAMS: Final = "/api/"
"""Where nobody is told by a page that there is nothing."""


def create(settings: Settings) -> ASGIApp:
    """Return the whole server as an ASGI application.

    The database is opened when the application starts and closed, with everything accepted
    written and answered, when it stops. Its schema must be up to date by then.
    """
    routers = [_router(handlers, voice) for handlers, voice in _SPOKEN]
    routers.append(Room(web.HANDLERS, _refusals(lambda _request: _WEB) | web_refusals.TO_SIGN_IN))
    app = Application(
        routers,
        lifespan=[_lifespan(settings)],
        exception_handlers=_refusals(_voice_for),
        openapi_config=None,
        # Bodies are read and limited by `intake.body`, whatever the route.
        request_max_body_size=None,
        logging_config=None,
    )
    app.state.openapi = _document
    app.state.several_processes = settings.workers > 1
    busy = ShortWay(app, [datadog.create_deployment], _refusal)
    return Telemetry(Doorway(busy), log_requests=settings.log_requests)


@cache
def _document() -> bytes:
    """Return the OpenAPI document; made when it is first asked for, because idle servers are to be small."""
    handlers = [handler for handlers, _ in _SPOKEN for handler in handlers]
    return msgspec.json.encode(openapi.document(handlers))


def from_environment() -> ASGIApp:
    """Return the server that the environment's settings describe: what uvicorn's workers call."""
    settings = Settings.from_environment()
    logs.configure(settings.log_format, settings.log_level)
    app = create(settings)
    # What is there by now stays to the end. To look through it for garbage, again and again, would
    # cost a long question as much as answering it; and once costs a tenth of the start, for a few
    # hundred kilobytes.
    gc.freeze()
    gc.set_threshold(_GARBAGE_LOOKED_FOR_AFTER, 10, 10)
    gc.enable()
    sys.setswitchinterval(_INTERPRETER_GIVEN_UP_AFTER_S)
    return app


def _lifespan(settings: Settings) -> Callable[[Litestar], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        ledger = Ledger(settings.database_url)
        schema.prepare(ledger.engine)
        reception = Reception(ledger, settings)
        app.state.reception = reception
        app.state.desk = Desk(settings, _READERS)
        cache = GitCache(git_folder(settings.data_path, str(ledger.engine.url)))
        packs = app.state.packs = PackDesk(ledger, cache, settings.max_pack_bytes, reception.now)
        packs.start()
        stop = asyncio.Event()
        warming = asyncio.create_task(warm_up(reception, stop))
        try:
            async with _working(ledger, settings):
                yield
        finally:
            stop.set()
            await warming
            await packs.close()
            await reception.close()

    return lifespan


@asynccontextmanager
async def _working(ledger: Ledger, settings: Settings) -> AsyncIterator[None]:
    """Do the work that facts ask for beside answering requests, unless others are to do it."""
    stop = asyncio.Event()
    if settings.no_worker:
        stop.set()
    worker = asyncio.create_task(shift.run(ledger, settings, stop, _asker(settings)))
    try:
        yield
    finally:
        stop.set()
        await worker


def _asker(settings: Settings) -> shift.Asker | None:
    """Return who asks Prometheus, where one is configured."""
    if not settings.prometheus_url:
        return None
    from fairlead.dialects.prometheus.client import Prometheus  # noqa: PLC0415 — a client costs 7 MB.

    return Prometheus(settings.prometheus_url)


def _router(handlers: Sequence[HTTPRouteHandler], voice: _Voice) -> Room:
    """Return a router whose handlers refuse with `voice`."""
    return Room(handlers, _refusals(lambda _request: voice))


def _voice_for(request: AnyRequest) -> _Voice:
    """Return who refuses what no route answers: a page to a browser, Fairlead's own API to programs."""
    path = request.scope["path"]
    found = next((voice for start, voice in _WITHOUT_ROUTE if path.startswith(start)), None)
    if found is not None:
        return found
    shows_pages = b"text/html" in headers_of(request).get(b"accept", b"")
    return _WEB if shows_pages and not path.startswith(_OF_PROGRAMS) else _NATIVE


def _refusal(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Return the answer to an error that the framework does not see."""
    kind = next(kind for kind in (FairleadError, HTTPException, Exception) if isinstance(error, kind))
    return _refusals(_voice_for)[kind](request, error)


def _refusals(
    voice_for: Callable[[AnyRequest], _Voice],
) -> "dict[int | type[Exception], ExceptionHandler[Exception]]":
    """Return what turns an error into an answer, with the voice for the request."""

    def known(request: AnyRequest, error: Exception) -> Response[bytes]:
        assert isinstance(error, FairleadError)  # noqa: S101 — the table below says so.
        voice = voice_for(request)
        status, body = voice.refusal(error)
        spent = spent_by(request)
        headers = voice.headers if spent is None else voice.rate_headers(spent.allowance)
        return Response(body, status_code=status, media_type=voice.media_type, headers=headers)

    def http(request: AnyRequest, error: Exception) -> Response[bytes]:
        assert isinstance(error, HTTPException)  # noqa: S101 — the table below says so.
        path = request.scope["path"]
        if error.status_code == HTTPStatus.NOT_FOUND:
            return known(request, NotFound(f"there is nothing at {path[:_LONGEST_ECHO]}"))
        voice, status = voice_for(request), HTTPStatus(error.status_code)
        body = voice.body(status, f"{status.phrase}: {request.scope['method']} {path[:_LONGEST_ECHO]}")
        return Response(
            body,
            status_code=status,
            media_type=voice.media_type,
            headers={**voice.headers, **(error.headers or {})},
        )

    def unexpected(request: AnyRequest, error: Exception) -> Response[bytes]:
        error_id = secrets.token_hex(8)
        log.error("unexpected error", error_id=error_id, path=request.scope["path"], exc_info=error)
        return known(request, FairleadError(f"unexpected error; its id in the log is {error_id}"))

    return {FairleadError: known, HTTPException: http, Exception: unexpected}
