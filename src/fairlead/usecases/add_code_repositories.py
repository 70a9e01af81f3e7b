"""Make repositories known whose branches will be scanned."""

from collections.abc import Sequence

from fairlead.domain.code_references import CodeRepository
from fairlead.domain.errors import Conflict, FairleadError
from fairlead.store import code_repositories
from fairlead.store.engine import Transaction


def add_code_repositories(
    transaction: Transaction, told: Sequence[CodeRepository]
) -> list[CodeRepository | FairleadError]:
    """Keep each repository and return it, or `Conflict` where there is one of that name."""
    return [
        one
        if code_repositories.add(transaction, one)
        else Conflict(f'there is a repository "{one.name}" already')
        for one in told
    ]
