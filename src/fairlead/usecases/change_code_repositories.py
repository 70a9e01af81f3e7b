"""Change what is known of scanned repositories: where their source is, which branch is the default."""

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.code_references import CodeRepository, CodeRepositoryKey
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.store import code_repositories
from fairlead.store.engine import Transaction


class CodeRepositoryChange(Struct, frozen=True, kw_only=True):
    """What one repository is to become."""

    org_id: OrgId
    key: CodeRepositoryKey
    changed: Callable[[CodeRepository], CodeRepository]
    """Raises a `FairleadError` where the change is not acceptable."""
    at: int


def change_code_repositories(
    transaction: Transaction, changes: Sequence[CodeRepositoryChange]
) -> list[CodeRepository | FairleadError]:
    """Change each repository and return it; what changes nothing leaves its version alone."""
    return [_change(transaction, one) for one in changes]


def _change(transaction: Transaction, wanted: CodeRepositoryChange) -> CodeRepository | FairleadError:
    known = code_repositories.claim(transaction, wanted.org_id, wanted.key)
    if known is None:
        return NotFound(f'there is no repository "{wanted.key}"')
    try:
        changed = wanted.changed(known)
    except FairleadError as refused:
        return refused
    if changed == known:
        return known
    kept = replace(changed, version=known.version + 1, updated_at=wanted.at)
    code_repositories.put(transaction, kept)
    return kept
