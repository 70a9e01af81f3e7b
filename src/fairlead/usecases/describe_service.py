"""Describe a service: what its catalogue entry says that deployments take from it."""

from fairlead.domain.access import OrgId
from fairlead.domain.catalog import Service
from fairlead.store import catalog
from fairlead.store.engine import Transaction


def describe_service(transaction: Transaction, org_id: OrgId, name: str) -> Service | None:
    """Return the service of that name, or None where the catalogue has none."""
    return catalog.services(transaction, org_id, [name]).get(name)
