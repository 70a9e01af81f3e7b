"""Find gates."""

from fairlead.domain.access import OrgId
from fairlead.domain.gates import Gate
from fairlead.store import gates
from fairlead.store.engine import Transaction
from fairlead.store.gates import GatesPage

__all__ = ["GatesPage", "find_gates"]


def find_gates(transaction: Transaction, org_id: OrgId, page: GatesPage) -> list[Gate]:
    """Return the gates of an organisation that `page` asks for."""
    return gates.find(transaction, org_id, page)
