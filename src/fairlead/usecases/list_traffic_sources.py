"""List where counts of requests come from."""

from fairlead.domain.access import OrgId
from fairlead.domain.traffic_sources import KeptSource
from fairlead.store import traffic_sources
from fairlead.store.engine import Transaction


def list_traffic_sources(transaction: Transaction, org_id: OrgId) -> list[KeptSource]:
    """Return the sources of an organisation, by name."""
    return traffic_sources.every(transaction, org_id)
