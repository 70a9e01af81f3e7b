"""Find which commits a sender need not send again."""

from collections.abc import Collection

from fairlead.domain.changes import Sha
from fairlead.domain.gaps import without_gaps
from fairlead.store import commits
from fairlead.store.engine import Transaction
from fairlead.store.git_cache import CachedRepository


def find_known_commits(
    transaction: Transaction, repository: CachedRepository, asked: Collection[Sha]
) -> set[Sha]:
    """Return those of `asked` that are recorded, with all their trees in the cache and nothing missing below.

    Raises:
        Unavailable: git cannot be run.
    """
    cached = repository.stored(asked)
    recorded = commits.known(transaction, repository.org_id, repository.repository_id, cached)
    return without_gaps(asked, {sha: cached[sha] for sha in cached if sha in recorded})
