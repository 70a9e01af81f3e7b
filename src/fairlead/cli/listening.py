"""Running the server: a socket, processes around it, and a stop without loose ends.

Not here: what the server answers (`server.py`), and options.
"""

import gc
import signal
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import structlog
import typer
import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from fairlead.domain.errors import FairleadError
from fairlead.settings import Settings, check, hand_down

log = structlog.get_logger(__name__)

FAILED = 1
WRONG_USAGE = 2
_WAITING_CONNECTIONS = 2048
# Longer than clients and proxies keep an idle connection, so that it is they who close it.
_IDLE_S = 75
# On a busy machine a process may need long to start; one that is taken for hung would start for ever.
_SILENT_S = 60


def refuse_wrong(settings: Settings) -> None:
    """Say what is wrong about the settings taken together, and stop if anything is.

    Raises:
        typer.Exit: something is, and has been said.
    """
    errors = [notice for notice in check(settings) if notice.is_error]
    for notice in errors:
        typer.echo(f"fairlead: {notice.text}; {notice.hint} ({notice.code})", err=True)
    if errors:
        raise typer.Exit(WRONG_USAGE)


@contextmanager
def listening(settings: Settings) -> Iterator[tuple[socket.socket, str]]:
    """Listen where `settings` say and yield the socket with the address that reaches it.

    Whoever connects before the server runs is answered once it does.

    Raises:
        FairleadError: the address cannot be listened on.
    """
    host, port = settings.host, settings.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        # A name that means both is more often meant, and typed, as IPv4.
        family, *_, place = min(found, key=lambda one: one[0])
        listener = socket.create_server(place[:2], family=family, backlog=_WAITING_CONNECTIONS)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        detail = f"cannot listen on {host} port {port}: {reason}; choose others with --host and --port"
        raise FairleadError(detail) from error
    with listener:
        scheme = "https" if settings.tls_cert else "http"
        shown = f"[{host}]" if ":" in host else host
        yield listener, f"{scheme}://{shown}:{listener.getsockname()[1]}"


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM end what is inside, with everything it opened closed behind it."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        signal.signal(signal.SIGTERM, before)
    log.info("stopped")


def run(settings: Settings, listener: socket.socket) -> None:
    """Answer requests until a signal says stop; those under way are answered first.

    What is risky about the settings is logged.

    Raises:
        typer.Exit: the server could not start; the log says why.
    """
    for notice in check(settings):
        log.warning(notice.text, code=notice.code, hint=notice.hint)
    with ExitStack() as stack:
        variables: dict[str, str] = {}
        if settings.workers > 1:
            # Where the processes' counters meet. The name is prometheus_client's own.
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fairlead-counters-"))
            variables["PROMETHEUS_MULTIPROC_DIR"] = folder
        hand_down(settings, **variables)
        config = _config(settings)
        if settings.workers > 1:
            _run_several(config, listener)
        else:
            _run_one(config, listener)


def _run_one(config: uvicorn.Config, listener: socket.socket) -> None:
    # The server is loaded now, and nothing of it is garbage: to look costs a seventh of the start.
    # `fairlead.server` has it looked for again as soon as it is put together.
    gc.disable()
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except SystemExit as error:
        raise typer.Exit(FAILED) from error
    finally:
        gc.enable()


def _run_several(config: uvicorn.Config, listener: socket.socket) -> None:
    processes = Multiprocess(config, sockets=[listener])
    processes.run()
    if any(process.exitcode == STARTUP_FAILURE for process in processes.processes):
        raise typer.Exit(FAILED)


def _config(settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        "fairlead.server:from_environment",
        factory=True,
        workers=settings.workers,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_worker_healthcheck=_SILENT_S,
        timeout_keep_alive=_IDLE_S,
        timeout_graceful_shutdown=settings.shutdown_grace_s,
        ssl_certfile=settings.tls_cert or None,
        ssl_keyfile=settings.tls_key or None,
    )
