"""One server on each engine for all tools, and a hook of an organisation of its own for each test."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from fairlead.domain.hooks import Vendor
from fairlead.store.ledger import Ledger
from fairlead.usecases.create_organisation import create_organisations, new_organisation
from tests.alerting_tools import Tool
from tests.conftest import ENGINES, database_for_a_session
from tests.factories import NOON
from tests.hosts import a_hook
from tests.servers import Served, served

ToolMaker = Callable[[Vendor], Tool]


@pytest.fixture(scope="session", params=ENGINES)
def alerting_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a database that is up to date, for every test of one engine."""
    yield from database_for_a_session(request, tmp_path_factory, "alerting")


@pytest.fixture(scope="session")
def alerting_server(alerting_database: str) -> Iterator[tuple[Served, Ledger]]:
    """A server, and its database as the tests have it open."""
    ledger = Ledger(alerting_database)
    with served(alerting_database) as running:
        yield running, ledger
    ledger.close()


@pytest.fixture
def tool(alerting_server: tuple[Served, Ledger]) -> ToolMaker:
    """Make a tool of a vendor."""
    running, ledger = alerting_server
    home = new_organisation(f"org-{uuid4().hex}", "", NOON)
    ledger.write(create_organisations, home)
    return lambda vendor: Tool(running.http, ledger, a_hook(ledger, vendor, home.org_id))
