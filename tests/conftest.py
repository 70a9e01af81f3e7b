"""What tests of several rooms start from: databases, a ledger on each engine, two organisations."""

import gc
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, delete, event, literal_column
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from fairlead.domain.access import DEFAULT_ORGANISATION, OrgId, organisation_id
from fairlead.store import schema
from fairlead.store.engine import open_engine, writing
from fairlead.store.ledger import Ledger
from fairlead.store.tables import metadata, organisations
from tests.databases import PostgreSQL, a_postgresql
from tests.distribution import Distribution

ENGINES = ("sqlite", "postgresql")
_HURRIED = "hurried"


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print which operations official clients called, and what their answers parsed to."""
    reports = [one for kind in ("passed", "failed") for one in terminalreporter.stats.get(kind, ())]
    told = {value for one in reports for name, value in one.user_properties if name == "operation"}
    if told:
        terminalreporter.section("operations called through official clients")
        for operation, parsed in sorted(tuple(value) for value in told):
            terminalreporter.write_line(f"{operation:<70} {parsed}")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Distribution:
    """Hand tests out to processes so that what is long in coming is made once."""
    return Distribution(config, log)


def pytest_sessionstart() -> None:
    """Let nobody look for garbage while thousands of tests and all modules come: a fifth of that time."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Let nobody look for garbage in what they are: it stays."""
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def postgresql(request: pytest.FixtureRequest) -> Iterator[PostgreSQL]:
    """A real PostgreSQL, one for all processes of a test run."""
    worker = getattr(request.config, "workerinput", {"testrunuid": uuid4().hex})
    with a_postgresql(worker["testrunuid"][:12]) as server:
        yield server


@event.listens_for(Pool, "checkout")
def _hurry(connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
    """Wait for no disk in this process: what is lost when the machine stops is of no use, as on PostgreSQL.

    Servers that are processes of their own, which tests kill, write as they do in life.
    """
    if isinstance(connection, sqlite3.Connection) and _HURRIED not in record.info:
        connection.execute("PRAGMA synchronous=OFF")
        record.info[_HURRIED] = True


def database_for_a_session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, name: str
) -> Iterator[str]:
    """Yield the URL of a database that is up to date, on the engine that a fixture's parameter names.

    For fixtures of a session: what tests leave there stays until its end.
    """
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp(name) / "fairlead.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    database = f"{name}_{uuid4().hex}"
    yield server.create(database, template=request.getfixturevalue("postgresql_template"))
    server.drop(database)


@pytest.fixture(params=ENGINES)
def engine_kind(request: pytest.FixtureRequest) -> str:
    """Each of the two engines in turn."""
    return str(request.param)


@pytest.fixture
def empty_database(engine_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without a schema, on each engine."""
    if engine_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    name = f"empty_{uuid4().hex}"
    yield server.create(name)
    server.drop(name)


@pytest.fixture
def database(engine_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that is up to date and holds nothing but its first organisation."""
    if engine_kind == "sqlite":
        path = tmp_path / "fairlead.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    engine: Engine = request.getfixturevalue("postgresql_engine")
    yield engine.url.render_as_string(hide_password=False)
    _empty(engine)


@pytest.fixture
def ledger(database: str) -> Iterator[Ledger]:
    """An open ledger, up to date and empty, on each engine."""
    opened = Ledger(database)
    yield opened
    opened.close()


@pytest.fixture
def org_id() -> OrgId:
    """The organisation a test is about; every new database has it."""
    return organisation_id(DEFAULT_ORGANISATION)


@pytest.fixture
def other_org_id() -> OrgId:
    """An organisation that must never see anything of the other, nor be seen."""
    return organisation_id("elsewhere")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file to copy."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgreSQL, worker_id: str) -> Iterator[str]:
    """The name of a database to copy, up to date; nobody stays connected to it."""
    name = f"template_{worker_id}"
    _migrate(postgresql.create(name))
    yield name
    postgresql.drop(name)


@pytest.fixture(scope="session")
def postgresql_engine(postgresql: PostgreSQL, postgresql_template: str, worker_id: str) -> Iterator[Engine]:
    """This process's own database, up to date. Whoever writes to it has to empty it."""
    name = f"fairlead_{worker_id}"
    engine = open_engine(postgresql.create(name, template=postgresql_template), connections=1)
    yield engine
    engine.dispose()
    postgresql.drop(name)


def _migrate(url: str) -> None:
    engine = open_engine(url)
    schema.migrate(engine)
    # The last connection to leave a file of SQLite folds its log into it.
    engine.dispose()


def _empty(engine: Engine) -> None:
    """Leave nothing but the first organisation, as it was; faster than TRUNCATE where there is little."""
    others = organisations.c.name != literal_column(f"'{DEFAULT_ORGANISATION}'")
    statements = [str(delete(table)) for table in metadata.sorted_tables if table is not organisations]
    statements += [str(delete(organisations).where(others)), "UPDATE organisations SET rate_limit = ''"]
    with writing(engine) as transaction:
        transaction.exec_driver_sql("; ".join(statements))
