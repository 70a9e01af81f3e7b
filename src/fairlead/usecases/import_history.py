"""Import the history of a clone on this machine, as far as it is not recorded yet.

Not here: uploads, and how a clone is read (`store`).
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Commit, CommitsOf, RepositoryId, Sha
from fairlead.store import commits
from fairlead.store.git_clone import Clone
from fairlead.store.git_imports import Imported, ImportNote
from fairlead.store.ledger import Ledger
from fairlead.usecases.record_commits import record_commits

COMMITS_AT_ONCE = 2000
_LOTS_AHEAD = 3
"""Read and not yet written: git goes on telling while the database waits for its disk."""


class Import(Struct, frozen=True, kw_only=True):
    """What is to be imported, and as what."""

    org_id: OrgId
    repository_id: RepositoryId
    clone: Clone
    tips: Collection[Sha]
    """Where history is to be read from."""
    note: ImportNote
    """How far that was done before."""


def import_history(ledger: Ledger, wanted: Import, report: Callable[[int, int], None]) -> int:
    """Record what `wanted` adds; return how many commits were read.

    `report` is told how many were recorded so far and how many there are. What is broken off is
    done by the next import, and recording a commit twice is harmless.

    Raises:
        FairleadError: the clone is damaged.
        Unavailable: the database or git is not to be had.
    """
    clone = wanted.clone
    before = _still_true(ledger, wanted)
    lots = _lots(wanted, clone.commits(wanted.tips, before.tips))
    with ThreadPoolExecutor(1, thread_name_prefix="fairlead-count") as beside:
        # Git goes through the history once to count it and once to tell it, at the same time.
        total = beside.submit(clone.count, wanted.tips, before.tips)
        done = _record(ledger, lots, lambda recorded: report(recorded, total.result()))
    _record_tags(ledger, wanted)
    older = clone.not_below(before.tips, wanted.tips)
    wanted.note.write(Imported((*wanted.tips, *older), _boundary(clone)))
    return done


def _record_tags(ledger: Ledger, wanted: Import) -> None:
    tags = tuple(sorted(wanted.clone.tags().items()))
    for start in range(0, len(tags), COMMITS_AT_ONCE):
        part = tags[start : start + COMMITS_AT_ONCE]
        told = CommitsOf(org_id=wanted.org_id, repository_id=wanted.repository_id, tags=part)
        ledger.write(record_commits, told)


def _still_true(ledger: Ledger, wanted: Import) -> Imported:
    """Return what was imported before, or nothing if the clone or the database is another one now."""
    before, nothing = wanted.note.read(), Imported((), _boundary(wanted.clone))
    if before.boundary != nothing.boundary or not wanted.clone.has(before.tips):
        return nothing
    recorded = ledger.read(commits.known, wanted.org_id, wanted.repository_id, before.tips)
    return before if recorded == set(before.tips) else nothing


def _boundary(clone: Clone) -> tuple[Sha, ...]:
    return tuple(sorted(clone.boundary))


def _record(ledger: Ledger, lots: Iterable[CommitsOf], report: Callable[[int], None]) -> int:
    """Write lots while the next ones are being read."""
    recorded = 0
    under_way: deque[tuple[int, Future[object]]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="fairlead-import") as writer:
        for lot in lots:
            under_way.append((len(lot.commits), writer.submit(ledger.write, record_commits, lot)))
            if len(under_way) > _LOTS_AHEAD:
                recorded += _finished(under_way)
                report(recorded)
        while under_way:
            recorded += _finished(under_way)
            report(recorded)
    return recorded


def _finished(under_way: deque[tuple[int, Future[object]]]) -> int:
    """Wait for the first of the lots on their way, and return how many commits it has."""
    size, writing = under_way.popleft()
    writing.result()
    return size


def _lots(wanted: Import, found: Iterator[Commit]) -> Iterator[CommitsOf]:
    while lot := tuple(islice(found, COMMITS_AT_ONCE)):
        yield CommitsOf(
            org_id=wanted.org_id,
            repository_id=wanted.repository_id,
            commits=lot,
            boundary=frozenset(commit.sha for commit in lot if commit.sha in wanted.clone.boundary),
        )
