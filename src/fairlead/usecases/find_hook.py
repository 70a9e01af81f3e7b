"""Find the hook that a delivery was sent to."""

from fairlead.domain.access import OrgId
from fairlead.domain.hooks import Hook, HookId
from fairlead.store import hooks
from fairlead.store.engine import Transaction


def find_hook(transaction: Transaction, org_id: OrgId, hook_id: HookId) -> Hook | None:
    """Return the hook of that id in an organisation, or None."""
    return hooks.get_hook(transaction, org_id, hook_id)
