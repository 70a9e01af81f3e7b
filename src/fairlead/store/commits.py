"""Commits: every statement that keeps or fetches them.

Commits arrive in any order and more than once: a shallow clone now and its past later, a push
that a Git host told of without parents and the same commits from a pack with them. Not here: how
they are numbered (`numbering.py`), walks (`history.py`), and reading git itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Commit, CommitsOf, Person, RepositoryId, Sha, added_up
from fairlead.domain.errors import Rejected
from fairlead.store import spoken
from fairlead.store.bulk import BulkInsert
from fairlead.store.changed_paths import packed, unpacked
from fairlead.store.engine import Transaction
from fairlead.store.numbering import Circular, Graph, Known, Placed, place
from fairlead.store.tables import commits, missing_parents

_rows = BulkInsert(commits, [column.name for column in commits.columns], replaces=True)
_missing = BulkInsert(missing_parents, [column.name for column in missing_parents.columns], replaces=False)
_decode_parents = msgspec.json.Decoder(tuple[str, ...]).decode

_SHAS_A_STATEMENT = 2000
_SOME = f"FROM commits WHERE org_id = ? AND repository_id = ? AND sha {spoken.ONE_OF}"
_OF_MISSING = f"FROM missing_parents WHERE org_id = ? AND repository_id = ? AND parent_sha {spoken.ONE_OF}"


class Stored(msgspec.Struct, frozen=True):
    """What came of recording commits."""

    better: list[Sha]
    """Those that are new, or better known than before."""
    relearned: list[Sha]
    """Those of them that were stored before."""
    disturbed: frozenset[Sha] | None
    """Commits stored before that have other ancestors now, or ancestors that are others; None: there
    may be any number of them."""


def put(transaction: Transaction, told: CommitsOf) -> Stored:
    """Record commits of a repository, which must be held alone.

    Two lots at once would be given the same numbers, and miss each other's parents. A commit that
    is told again changes nothing, unless its parents or paths were not known exactly before.

    Raises:
        Rejected: the commits would make one its own ancestor.
    """
    by_sha: dict[Sha, Commit] = {}
    for commit in told.commits:
        twice = by_sha.get(commit.sha)
        by_sha[commit.sha] = commit if twice is None else added_up(twice, commit)
    near = by_sha.keys() | {parent for commit in by_sha.values() for parent in commit.parents}
    there = _known(transaction, told, near)
    before = _stored(transaction, told, there, by_sha)
    better = {sha: commit for sha, commit in by_sha.items() if sha not in there}
    known_more = {sha: added_up(stored, by_sha[sha]) for sha, stored in before.items()}
    better |= {sha: commit for sha, commit in known_more.items() if commit != before[sha]}
    surroundings = _Surroundings(there, before, _late(transaction, told, better, there))
    placed = _placed(transaction, told, better, surroundings)
    relearned = [sha for sha in better if sha in there]
    ordinals = placed.ordinals
    _rows.run(transaction, [_to_row(told, better[sha], ordinals[sha]) for sha in relearned])
    new = ((better[sha], ordinal) for sha, ordinal in ordinals.items() if sha not in there)
    _rows.run_new(transaction, [_to_row(told, commit, ordinal) for commit, ordinal in new])
    _note_missing_parents(transaction, told, better, there)
    return Stored(list(better), relearned, placed.disturbed)


def known(
    transaction: Transaction, org_id: OrgId, repository_id: RepositoryId, shas: Iterable[Sha]
) -> set[Sha]:
    """Return which of `shas` are stored."""
    return {Sha(row.sha) for row in _asked(transaction, "SELECT sha", org_id, repository_id, shas)}


def fetch(
    transaction: Transaction, org_id: OrgId, repository_id: RepositoryId, shas: Iterable[Sha]
) -> dict[Sha, Commit]:
    """Return the stored ones among `shas`, whole."""
    found = _asked(transaction, _WHOLE, org_id, repository_id, shas)
    return {Sha(row.sha): _from_row(row) for row in found}


def paths(
    transaction: Transaction, org_id: OrgId, repository_id: RepositoryId, shas: Iterable[Sha]
) -> dict[Sha, tuple[str, ...] | None]:
    """Return what the stored ones among `shas` changed; None where nobody told."""
    found = _asked(transaction, "SELECT sha, paths", org_id, repository_id, shas)
    return {Sha(sha): unpacked(kept) for sha, kept in found}


class _Surroundings(Struct, frozen=True):
    """What was there before some commits came."""

    known: dict[Sha, Known]
    before: dict[Sha, Commit]
    """Those that may be known better now, as they were."""
    late: set[Sha]

    def graph_with(self, better: Mapping[Sha, Commit]) -> Graph:
        """Return what is to be numbered now that commits are as in `better`."""
        changed = {
            sha for sha, commit in better.items() if sha in self.before and _differs(self.before[sha], commit)
        }
        return Graph(better, self.known, self.late, changed)


def _differs(before: Commit, commit: Commit) -> bool:
    """Tell whether what is known better now may matter to commits that descend from it."""
    touches_others = before.paths is not None and before.paths != commit.paths
    return touches_others or replace(before, paths=commit.paths, parents_exact=commit.parents_exact) != commit


def _known(transaction: Transaction, told: CommitsOf, shas: Iterable[Sha]) -> dict[Sha, Known]:
    found = _asked(transaction, _ROUGHLY, told.org_id, told.repository_id, shas)
    return {
        Sha(sha): Known(ordinal, _parents(parents), bool(exact), bool(has_paths))
        for sha, ordinal, parents, exact, has_paths in found
    }


def _stored(
    transaction: Transaction, told: CommitsOf, known: Mapping[Sha, Known], by_sha: Mapping[Sha, Commit]
) -> dict[Sha, Commit]:
    """Return the stored commits that another report may add something to."""
    again = [sha for sha, commit in by_sha.items() if sha in known and _may_add(known[sha], commit)]
    return fetch(transaction, told.org_id, told.repository_id, again)


def _may_add(known: Known, commit: Commit) -> bool:
    return not known.parents_exact or (commit.paths is not None and not known.has_paths)


def _placed(
    transaction: Transaction, told: CommitsOf, better: dict[Sha, Commit], surroundings: _Surroundings
) -> Placed:
    """Number the commits of `better`, to which are added those that have to give way for it.

    Raises:
        Rejected: git itself would have made a commit its own ancestor.
    """
    while True:
        try:
            return place(transaction, told, surroundings.graph_with(better))
        except Circular as error:
            strangers = sorted(error.members - better.keys())
            stored = fetch(transaction, told.org_id, told.repository_id, strangers)
            surroundings.before.update(stored)
            surroundings.known.update(_known(transaction, told, strangers))
            members = {sha: better.get(sha) or stored[sha] for sha in error.members}
            guesses = {sha: one for sha, one in members.items() if one.parents and not one.parents_exact}
            if not guesses:
                detail = 'attribute "parents" makes a commit its own ancestor'
                raise Rejected(detail, field="parents") from error
            # A guess contradicts what git tells, or another guess: it gives way.
            better.update({sha: replace(one, parents=()) for sha, one in guesses.items()})


def _late(
    transaction: Transaction, told: CommitsOf, better: Mapping[Sha, Commit], known: Mapping[Sha, Known]
) -> set[Sha]:
    """Return stored commits that have one of the new ones as a parent, which was missing until now."""
    new = [sha for sha in better if sha not in known]
    waiting: dict[Sha, set[Sha]] = {}
    for part in _parts(new):
        mine = told.org_id, told.repository_id, spoken.listed(part)
        found: list[Any] = [*spoken.rows(transaction, f"SELECT child_sha, parent_sha {_OF_MISSING}", mine)]
        for child, parent in found:
            waiting.setdefault(Sha(child), set()).add(Sha(parent))
        if found:
            spoken.tell(transaction, f"DELETE {_OF_MISSING}", mine)
    stored = _known(transaction, told, waiting)
    # A guess that git corrected meanwhile waits for nobody.
    parents = {sha: better[sha].parents if sha in better else stored[sha].parents for sha in waiting}
    return {sha for sha, missing in waiting.items() if not missing.isdisjoint(parents[sha])}


def _note_missing_parents(
    transaction: Transaction, told: CommitsOf, better: Mapping[Sha, Commit], known: Mapping[Sha, Known]
) -> None:
    rows = {
        (told.org_id, told.repository_id, parent, sha)
        for sha, commit in better.items()
        for parent in commit.parents
        if parent not in better and parent not in known
    }
    _missing.run(transaction, sorted(rows))


def _asked(
    transaction: Transaction, wanted: str, org_id: OrgId, repository_id: RepositoryId, shas: Iterable[Sha]
) -> Iterable[Any]:
    """Yield what is `wanted` of those of `shas` that are stored."""
    for part in _parts(list(shas)):
        yield from spoken.rows(transaction, f"{wanted} {_SOME}", (org_id, repository_id, spoken.listed(part)))


_WHOLE = f"SELECT {', '.join(column.name for column in commits.columns)}"
_ROUGHLY = "SELECT sha, ordinal, parents, parents_exact, paths IS NOT NULL"


def _parts(shas: Sequence[Sha]) -> Iterable[Sequence[Sha]]:
    return (shas[start : start + _SHAS_A_STATEMENT] for start in range(0, len(shas), _SHAS_A_STATEMENT))


def _parents(text: str) -> tuple[Sha, ...]:
    return cast("tuple[Sha, ...]", _decode_parents(text))


def _to_row(told: CommitsOf, commit: Commit, ordinal: int) -> tuple[object, ...]:
    return (
        told.org_id,
        told.repository_id,
        commit.sha,
        ordinal,
        msgspec.json.encode(commit.parents).decode(),
        commit.parents_exact,
        commit.author.name,
        commit.author.email,
        commit.authored_at,
        commit.committer.name,
        commit.committer.email,
        commit.committed_at,
        commit.subject,
        packed(commit.paths),
    )


def _from_row(row: Any) -> Commit:
    return Commit(
        sha=Sha(row.sha),
        parents=_parents(row.parents),
        parents_exact=bool(row.parents_exact),
        author=Person(row.author_name, row.author_email),
        authored_at=row.authored_at,
        committer=Person(row.committer_name, row.committer_email),
        committed_at=row.committed_at,
        subject=row.subject,
        paths=unpacked(row.paths),
    )
