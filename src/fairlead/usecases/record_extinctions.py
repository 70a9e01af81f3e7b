"""Record that commits removed the last references to flags."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.code_references import CodeRepositoryKey, Extinction
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.store import code_repositories
from fairlead.store.engine import Transaction


class ExtinctionsOf(Struct, frozen=True, kw_only=True):
    """Extinctions on one branch."""

    org_id: OrgId
    repository: CodeRepositoryKey
    branch: str
    extinctions: tuple[Extinction, ...]


def record_extinctions(transaction: Transaction, told: Sequence[ExtinctionsOf]) -> list[FairleadError | None]:
    """Record what was told of each branch; the same again changes nothing."""
    return [_record(transaction, one) for one in told]


def _record(transaction: Transaction, told: ExtinctionsOf) -> FairleadError | None:
    if code_repositories.claim(transaction, told.org_id, told.repository) is None:
        return NotFound(f'there is no repository "{told.repository}"')
    if code_repositories.branch(transaction, told.org_id, told.repository, told.branch) is None:
        return NotFound(f'there is no branch "{told.branch}" in the repository "{told.repository}"')
    code_repositories.put_extinctions(transaction, told.extinctions)
    return None
