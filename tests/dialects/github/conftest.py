"""GitHub, with a hook on a server of its own on each engine."""

from collections.abc import Iterator

import pytest

from fairlead.domain.access import OrgId
from fairlead.domain.hooks import Vendor
from fairlead.store.ledger import Ledger
from tests.hosts import Host, a_hook
from tests.servers import served


@pytest.fixture
def github(database: str, ledger: Ledger, org_id: OrgId) -> Iterator[Host]:
    """GitHub, which knows one hook of the default organisation."""
    with served(database) as running:
        yield Host(running.http, ledger, a_hook(ledger, Vendor.GITHUB, org_id))
