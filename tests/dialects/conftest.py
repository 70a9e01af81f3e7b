"""Servers on each engine that tests of the dialects share, with organisations of their own for each test."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from fairlead.domain.access import OrgId
from fairlead.store.ledger import Ledger
from fairlead.usecases.create_organisation import create_organisations, new_organisation
from tests.casts import Cast, a_cast
from tests.conftest import ENGINES, database_for_a_session
from tests.factories import NOON
from tests.servers import Served, served


@pytest.fixture(scope="session", params=ENGINES)
def shared_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a database that is up to date, for every test of one engine."""
    yield from database_for_a_session(request, tmp_path_factory, "served")


@pytest.fixture(scope="session")
def shared_ledger(shared_database: str) -> Iterator[Ledger]:
    """The shared database, opened by the tests themselves."""
    ledger = Ledger(shared_database)
    yield ledger
    ledger.close()


@pytest.fixture(scope="session")
def shared_server(shared_database: str) -> Iterator[Served]:
    """A server as it is without any setting."""
    with served(shared_database) as running:
        yield running


@pytest.fixture
def cast(shared_server: Served, shared_ledger: Ledger) -> Cast:
    """Two new organisations on the shared server, and everybody who calls."""
    return a_cast(shared_server.http, shared_ledger)


@pytest.fixture(scope="session", params=ENGINES)
def hosts_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database that only tests of Git hosts tell anything."""
    yield from database_for_a_session(request, tmp_path_factory, "hosts")


@pytest.fixture(scope="session")
def hosts_server(hosts_database: str) -> Iterator[tuple[Served, Ledger]]:
    """A server that Git hosts deliver to, and its database as the tests have it open."""
    ledger = Ledger(hosts_database)
    with served(hosts_database) as running:
        yield running, ledger
    ledger.close()


@pytest.fixture
def new_org_id(hosts_server: tuple[Served, Ledger]) -> OrgId:
    """An organisation that no Git host has told anything yet."""
    home = new_organisation(f"org-{uuid4().hex}", "", NOON)
    hosts_server[1].write(create_organisations, home)
    return home.org_id
