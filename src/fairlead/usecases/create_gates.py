"""Create gates."""

from collections.abc import Sequence

from fairlead.domain.errors import Conflict
from fairlead.domain.gates import Gate
from fairlead.store import gates
from fairlead.store.engine import Transaction


def create_gates(transaction: Transaction, wanted: Sequence[Gate]) -> list[Gate | Conflict]:
    """Create each gate, or return `Conflict` where one guards the same under the same identifier."""
    return [_create(transaction, gate) for gate in wanted]


def _create(transaction: Transaction, gate: Gate) -> Gate | Conflict:
    try:
        gates.add(transaction, gate)
    except Conflict as error:
        return error
    return gate
