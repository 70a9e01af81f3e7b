"""List the members of an organisation, and the organisations that have any."""

from fairlead.domain.access import Organisation, OrgId
from fairlead.domain.members import Member
from fairlead.store import members
from fairlead.store.engine import Transaction


def list_members(transaction: Transaction, org_id: OrgId) -> list[Member]:
    """Return an organisation's members by address."""
    return members.members_of(transaction, org_id)


def has_members(transaction: Transaction, org_id: OrgId) -> bool:
    """Tell whether anybody can sign in to an organisation."""
    return members.has_members(transaction, org_id)


def list_inhabited_organisations(transaction: Transaction) -> list[Organisation]:
    """Return the organisations that somebody can sign in to, by name; no organisation is shown another."""
    return members.organisations_with_members(transaction)
