"""Logging belongs to a whole process: a test that sets it up puts it back as it was."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import structlog


@contextmanager
def as_before() -> Iterator[None]:
    """Undo at the end what `fairlead.logs.configure` did inside."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    for name in ("uvicorn", "alembic"):
        logging.getLogger(name).setLevel(logging.NOTSET)
