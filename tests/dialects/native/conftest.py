"""A server on each engine that does no work: tests that share it do it themselves, when they want it done."""

from collections.abc import Iterator

import pytest

from fairlead.store.ledger import Ledger
from tests.conftest import ENGINES, database_for_a_session
from tests.servers import Served, served


@pytest.fixture(scope="session", params=ENGINES)
def quiet_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database that nobody works on."""
    yield from database_for_a_session(request, tmp_path_factory, "quiet")


@pytest.fixture(scope="session")
def quiet_server(
    quiet_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, Ledger]]:
    """A server without a worker, and its database as the tests have it open."""
    ledger = Ledger(quiet_database)
    with served(quiet_database, data_dir=str(tmp_path_factory.mktemp("data")), no_worker=True) as running:
        yield running, ledger
    ledger.close()
