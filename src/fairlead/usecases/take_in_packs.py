"""Take in the packs that were received for a repository: look into them, and record their commits.

An upload's commits are recorded once all its trees are there, and only then is it made part of
the cache; so whatever breaks off in between is done again, and nothing is called known that was
not recorded. Not here: how packs are received (`intake`), and what refuses them (`store`).
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from fairlead.domain.changes import Commit, CommitsOf
from fairlead.domain.errors import Rejected, Unavailable
from fairlead.store.git import GitFailed
from fairlead.store.git_cache import CachedRepository
from fairlead.store.git_inbox import kept_safe
from fairlead.store.git_quarantine import Addition, Quarantine
from fairlead.store.ledger import Ledger
from fairlead.usecases.record_commits import record_commits

COMMITS_AT_ONCE = 500


def take_in_packs(ledger: Ledger, repository: CachedRepository, now: int) -> dict[str, Rejected]:
    """Take in what waits; return why packs were refused, by their names in the inbox.

    Waits while somebody else does so for the same repository.

    Raises:
        Unavailable: the database, the disk or git is not to be had just now; everything waits on.
        Exception: what nobody foresaw, after everything else was done; an upload that is to blame
            waits on, and is removed when it has waited for an hour.
    """
    refused: dict[str, Rejected] = {}
    crashed: list[Exception] = []
    with repository.locked():
        for quarantine in repository.quarantines(now):
            try:
                _take_in(ledger, repository, quarantine)
            except Rejected as error:
                quarantine.discard()
                refused |= dict.fromkeys(quarantine.arrived, error)
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001 — whatever it was, other uploads must not share it.
                crashed.append(error)
        try:
            repository.tidy()
        except GitFailed as error:
            crashed.append(error)
    if crashed:
        raise crashed[0]
    return refused


def _take_in(ledger: Ledger, repository: CachedRepository, quarantine: Quarantine) -> None:
    with kept_safe():
        addition = quarantine.examine()
        if addition is not None:
            for lot in _lots(repository, addition, quarantine.commits(addition)):
                ledger.write(record_commits, lot)
            quarantine.join(addition)


def _lots(repository: CachedRepository, addition: Addition, commits: Iterable[Commit]) -> Iterator[CommitsOf]:
    left = iter(commits)
    while lot := tuple(islice(left, COMMITS_AT_ONCE)):
        yield CommitsOf(
            org_id=repository.org_id,
            repository_id=repository.repository_id,
            commits=lot,
            boundary=frozenset(commit.sha for commit in lot if commit.sha in addition.boundary),
        )
