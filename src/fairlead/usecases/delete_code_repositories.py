"""Forget scanned repositories, or single branches of them."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.code_references import CodeRepositoryKey
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.store import code_repositories
from fairlead.store.engine import Transaction


class BranchesNamed(Struct, frozen=True, kw_only=True):
    """Some branches of a repository."""

    org_id: OrgId
    key: CodeRepositoryKey
    names: tuple[str, ...] = ()


def delete_code_repositories(
    transaction: Transaction, named: Sequence[BranchesNamed]
) -> list[FairleadError | None]:
    """Forget each repository with all that was scanned of it; `NotFound` where there is none."""
    results: list[FairleadError | None] = []
    for one in named:
        refused = _missing(transaction, one)
        if refused is None:
            code_repositories.remove(transaction, one.org_id, one.key)
        results.append(refused)
    return results


def delete_code_branches(
    transaction: Transaction, named: Sequence[BranchesNamed]
) -> list[FairleadError | None]:
    """Forget the branches named; one that is not there is forgotten already."""
    results: list[FairleadError | None] = []
    for one in named:
        refused = _missing(transaction, one)
        if refused is None:
            code_repositories.remove_branches(transaction, one.org_id, one.key, one.names)
        results.append(refused)
    return results


def _missing(transaction: Transaction, one: BranchesNamed) -> FairleadError | None:
    known = code_repositories.claim(transaction, one.org_id, one.key)
    return NotFound(f'there is no repository "{one.key}"') if known is None else None
