"""Opening a database: the two engines, and how a transaction begins on each.

Everything that SQLite needs to serve many readers beside one writer is here. Not here: who
writes when (`writer.py`) and the tables.
"""

import sqlite3
import time
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, FromClause, create_engine, event, make_url
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import ArgumentError, DBAPIError, InvalidatePoolError, NoSuchModuleError
from sqlalchemy.pool import ConnectionPoolEntry

from fairlead.domain.errors import Rejected, Unavailable
from fairlead.store.write_ahead_log import WriteAheadLog

if TYPE_CHECKING:
    import psycopg

Transaction = Connection
"""One open transaction. Rooms further out pass it on; only `store` looks inside."""

SQLITE = "sqlite"
POSTGRESQL = "postgresql"
RESTED_S = 1.0
"""A connection that was given back longer ago may have ended meanwhile."""
_RESTS_SINCE = "rests_since"
_BUSY_MS = 10_000
_BETWEEN_TRIES_S = 0.01
_CACHE_KIB = 32_768
# A thousand row counts of a multi-row insert and the reads beside them; each is a few kB.
_SQLITE_STATEMENTS_KEPT = 512
# 16 MB of log before it is folded into the file. Batch after batch touches the same pages, and each
# is folded in once, however often it was written: at SQLite's own 4 MB that would be work for little.
_LOG_PAGES = 4000
_MOST_REMEMBERED = 10_000


def open_engine(url: str, *, connections: int = 8) -> Engine:
    """Return an engine for an SQLAlchemy URL of SQLite or PostgreSQL; nothing is opened yet.

    Raises:
        Rejected: the URL cannot be read, or names another database product.
    """
    try:
        target = make_url(url)
        if target.get_backend_name() == SQLITE:
            return _sqlite(url)
        if target.get_backend_name() == POSTGRESQL:
            return _postgresql(target.set(drivername="postgresql+psycopg"), connections)
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise Rejected(_UNREADABLE, field="database") from error
    raise Rejected(_UNREADABLE, field="database")


_UNREADABLE = "--database must be sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"


def _postgresql(target: URL, connections: int) -> Engine:
    engine = create_engine(
        target,
        pool_size=connections,
        max_overflow=connections,
        # Whoever waited for a lock has to see what its holder did, whatever a server makes usual.
        isolation_level="READ COMMITTED",
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: "psycopg.Connection[Any]", _record: Any) -> None:
        # A plan that was made for any values compares each row with each of 500 keys, one after the
        # other, where one made for these values looks them up. Planning costs a fraction of that.
        connection.execute("SET plan_cache_mode = force_custom_plan")
        connection.commit()

    _look_after_rest(engine)
    return engine


def _look_after_rest(engine: Engine) -> None:
    """See that a connection is still there before it is used again, if it has rested.

    One deployment is followed up in some twenty transactions, one right after the other: to ask the
    server before each of them would be a sixth of all that is asked of it.
    """

    @event.listens_for(engine, "checkin")
    def _note(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info[_RESTS_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _look(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        since = record.info.get(_RESTS_SINCE)
        if since is None or time.monotonic() - since < RESTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            # Whatever ended this one ended the others too; all are made anew.
            raise InvalidatePoolError from error


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, connect_args={"cached_statements": _SQLITE_STATEMENTS_KEPT, "timeout": _BUSY_MS / 1000}
    )

    engine.dialect.statement_compiler = _HintingCompiler

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver would otherwise begin transactions by itself, and never before a SELECT.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        _use_wal(connection)
        for pragma in (
            "synchronous=FULL",
            f"cache_size=-{_CACHE_KIB}",
            f"wal_autocheckpoint={_LOG_PAGES}",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        # Straight to the driver: SQLAlchemy's own way costs several times what there is to do.
        connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


class _HintingCompiler(SQLiteCompiler):
    """Writes the hint of a table behind it, as SQLite's INDEXED BY wants it; SQLAlchemy drops it there."""

    def get_from_hint_text(self, table: FromClause, text: str | None) -> str | None:  # noqa: ARG002 — as overridden.
        return text


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch the file to a write-ahead log, which stays with it.

    Where several connections open a new file at once all of them try, and SQLite refuses some
    without the patience it has everywhere else.
    """
    patience = time.monotonic() + _BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > patience:
                raise
            time.sleep(_BETWEEN_TRIES_S)


def engine_name(transaction: Transaction) -> str:
    """Return `sqlite` or `postgresql`."""
    return transaction.dialect.name


class Written:
    """What one connection has written and committed, so that it need not be written once more at once."""

    def __init__(self) -> None:
        self._committed: set[Hashable] = set()
        self._hoped_for: set[Hashable] = set()

    def __contains__(self, thing: Hashable) -> bool:
        return thing in self._committed

    def add(self, things: Iterable[Hashable]) -> None:
        """Remember `things`, which are written in the transaction that is open, once it is committed."""
        self._hoped_for.update(things)

    def confirm(self) -> None:
        """Note that the transaction is committed."""
        if len(self._committed) > _MOST_REMEMBERED:
            self._committed.clear()
        self._committed |= self._hoped_for
        self._hoped_for.clear()


def written_before(transaction: Transaction) -> Written:
    """Return what whoever writes has written before over the same connection.

    Nothing in a part of a transaction that may be undone apart, nor where nobody keeps a connection.
    """
    told = transaction.get_execution_options().get("written")
    return Written() if told is None or transaction.in_nested_transaction() else told


class WritingConnection:
    """A connection that is kept from one transaction that may write to the next.

    To take one from the pool and give it back costs a small transaction more than it does itself.
    """

    def __init__(self, engine: Engine, *, waits_for_disk: bool = True) -> None:
        """Connect when there is something to write.

        Where it does not wait for the disk, whoever writes syncs `log` before anybody is told of a commit.
        """
        self._engine = engine
        self._waits_for_disk = waits_for_disk
        self._connection: Connection | None = None
        self._written = Written()
        self._log: WriteAheadLog | None = None

    @property
    def log(self) -> WriteAheadLog | None:
        """What is to be synced after a commit; None where commits wait for the disk, if anybody does."""
        return self._log if self._connection is not None else None

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """Open a transaction; it is committed at the end unless something is raised.

        Raises:
            Unavailable: the database cannot be reached or stays locked by somebody else.
        """
        with _reached():
            if self._connection is None:
                self._connection = self._connected()
            try:
                with self._connection.begin():
                    yield self._connection
                self._written.confirm()
            except BaseException:
                # It may be broken; the pool finds out.
                self.release()
                raise

    def _connected(self) -> Connection:
        self._written = Written()
        connection = self._engine.connect().execution_options(writes=True, written=self._written)
        if not self._waits_for_disk:
            self._log = WriteAheadLog.taken_over(connection, self._log)
        return connection

    def release(self) -> None:
        """Give the connection back until there is something to write again."""
        if self._connection is not None:
            if self.log is not None and not self.log.is_given_back(self._connection):
                # Whoever took it from the pool would wait for no disk.
                self._connection.invalidate()
            self._connection.close()
            self._connection = None

    def close(self) -> None:
        """Give the connection back for good, and let go of the log."""
        self.release()
        if self._log is not None:
            self._log.close()


@contextmanager
def writing(engine: Engine) -> Iterator[Transaction]:
    """Open a single transaction that may write; it is committed at the end unless something is raised.

    Raises:
        Unavailable: the database cannot be reached or stays locked by somebody else.
    """
    connection = WritingConnection(engine)
    try:
        with connection.writing() as transaction:
            yield transaction
    finally:
        connection.release()


@contextmanager
def reading(engine: Engine) -> Iterator[Transaction]:
    """Open a transaction that only reads, and sees everything as it was when it first looked.

    Raises:
        Unavailable: the database cannot be reached.
    """
    # What a transaction sees on SQLite never changes anyway.
    level = {"isolation_level": "REPEATABLE READ"} if engine.name == POSTGRESQL else {}
    with _reached(), engine.connect().execution_options(**level) as connection, connection.begin():
        yield connection


def has_collided(error: BaseException) -> bool:
    """Tell whether a transaction was given up because it and another one waited for each other."""
    return type(getattr(error, "orig", error)).__name__ in {"DeadlockDetected", "SerializationFailure"}


@contextmanager
def _reached() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        # Statements that go to the driver itself (`bulk.py`) fail with the driver's own errors.
        is_broken = isinstance(error, DBAPIError) and error.connection_invalidated
        if is_broken or is_passing(getattr(error, "orig", error)):
            raise Unavailable from error
        raise


def is_passing(error: object) -> bool:
    """Tell whether the same statement may succeed later: locked, full, or not reachable."""
    if isinstance(error, sqlite3.OperationalError):
        return any(word in str(error) for word in ("locked", "busy", "disk", "unable to open", "readonly"))
    name = type(error).__name__
    return name in {"OperationalError", "ConnectionTimeout", "AdminShutdown", "CannotConnectNow", "DiskFull"}
