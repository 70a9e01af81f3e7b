"""List the hooks of an organisation, with what was delivered to them so far."""

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.domain.hooks import DeliveryNote, Hook
from fairlead.store import access, hooks
from fairlead.store.engine import Transaction


def list_hooks(transaction: Transaction, org_id: OrgId) -> list[Hook]:
    """Return the hooks, the oldest first.

    Raises:
        NotFound: there is no such organisation.
    """
    if access.get_organisation(transaction, org_id) is None:
        raise NotFound("there is no such organisation")
    return hooks.hooks_of(transaction, org_id)


def list_hooks_with_deliveries(
    transaction: Transaction, org_id: OrgId, limit: int
) -> list[tuple[Hook, list[DeliveryNote]]]:
    """Return the hooks, each with what became of its last deliveries, the newest first."""
    found = hooks.hooks_of(transaction, org_id)
    return [(hook, hooks.latest_deliveries(transaction, org_id, hook.id, limit)) for hook in found]
