"""A server on each engine that tests of the dialects share, and a cast of their own for each."""

from collections.abc import Iterator

import pytest

from fairlead.store.ledger import Ledger
from tests.casts import Cast, a_cast
from tests.conftest import ENGINES, database_for_a_session
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
