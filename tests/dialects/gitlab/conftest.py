"""GitLab, with a hook of an organisation of its own for each test."""

import pytest

from fairlead.domain.access import OrgId
from fairlead.domain.hooks import Vendor
from fairlead.store.ledger import Ledger
from tests.hosts import Host, a_hook
from tests.servers import Served


@pytest.fixture
def gitlab(hosts_server: tuple[Served, Ledger], new_org_id: OrgId) -> Host:
    """GitLab, which knows one hook of a new organisation."""
    running, ledger = hosts_server
    return Host(running.http, ledger, a_hook(ledger, Vendor.GITLAB, new_org_id))
