"""GitHub, with a hook of an organisation of its own for each test."""

import pytest
from sqlalchemy import delete

from fairlead.domain.access import OrgId
from fairlead.domain.hooks import Vendor
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.store.tables import hook_deliveries
from tests.hosts import Host, a_hook
from tests.servers import Served


@pytest.fixture
def github(hosts_server: tuple[Served, Ledger], new_org_id: OrgId) -> Host:
    """GitHub, which knows one hook of a new organisation; nobody has delivered anything yet."""
    running, ledger = hosts_server
    with writing(ledger.engine) as transaction:
        transaction.execute(delete(hook_deliveries))
    return Host(running.http, ledger, a_hook(ledger, Vendor.GITHUB, new_org_id))
