"""Logs: one stream of lines for everything that runs in this process.

Lines of our own, of uvicorn and of Alembic are rendered alike, for people or as JSON, and
credentials are taken out of all of them. Not here: what is worth a line.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from fairlead.domain.access import PREFIXES

# Ours opens with a prefix of its own kind; it is cut rather than removed, so that two can be told apart.
_OUR_KEY = re.compile(rf"\b((?:{'|'.join(PREFIXES.values())})_[\w-]{{4}})[\w-]+", re.ASCII)
_PASSWORD_IN_URL = re.compile(r"(\w://[^\s:/@]*):[^\s/@]+@")
_BEARER = re.compile(r"\b((?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE | re.ASCII)
_SECRET_FIELDS = frozenset(
    {
        "api_key",
        "app_key",
        "application_key",
        "authorization",
        "cookie",
        "dd_api_key",
        "dd_application_key",
        "key",
        "password",
        "secret",
        "set_cookie",
        "token",
    }
)
_HIDDEN = "***"
# Both tell at `info` what only their own developers look for.
_TALKATIVE = ("alembic", "uvicorn")


def configure(form: str, level: str, stream: TextIO | None = None) -> None:
    """Send every log line to `stream`, by default standard error. May be called again.

    `form` is `console`, `json`, or `auto` for the first on a terminal and the second elsewhere;
    `level` is the least important level that is shown.
    """
    stream = sys.stderr if stream is None else stream
    is_console = form == "console" or (form == "auto" and stream.isatty())
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(is_console=is_console, colors=stream.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING if level == "info" else level.upper())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def without_credentials(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide keys, passwords and tokens wherever a line holds them."""
    return {name: _HIDDEN if _is_secret(name) else _cleaned(value) for name, value in event.items()}


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def _formatter(*, is_console: bool, colors: bool) -> logging.Formatter:
    closing: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    # An exception becomes text before credentials are sought, because its message may hold one.
    if is_console:
        plain = structlog.dev.ConsoleRenderer(
            colors=colors, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
        )
        closing += [structlog.processors.format_exc_info, without_credentials, plain]
    else:
        json = structlog.processors.JSONRenderer(serializer=_as_json)
        closing += [structlog.processors.format_exc_info, without_credentials, json]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=_SHARED, processors=closing)


def _as_json(event: Any, **_options: Any) -> str:
    return msgspec.json.encode(event, enc_hook=str).decode()


def _is_secret(name: str) -> bool:
    return name.lower().replace("-", "_") in _SECRET_FIELDS


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            cut = _OUR_KEY.sub(rf"\1{_HIDDEN}", value)
            return _BEARER.sub(rf"\1{_HIDDEN}", _PASSWORD_IN_URL.sub(rf"\1:{_HIDDEN}@", cut))
        case MutableMapping():
            return {
                name: _HIDDEN if _is_secret(str(name)) else _cleaned(part) for name, part in value.items()
            }
        case list() | tuple():
            return [_cleaned(part) for part in value]
    return value
