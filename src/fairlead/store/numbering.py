"""Numbering: every commit of a repository has a number greater than those of its parents.

So a walk can go down by numbers. A commit that comes after its children is numbered below
everything, or its children, and what descends from them, are moved up. Not here: what else is
kept of commits (`commits.py`).
"""

from collections.abc import Mapping

import msgspec
from msgspec import Struct
from sqlalchemy import select

from fairlead.domain.ancestry import circular, parents_first
from fairlead.domain.changes import Commit, CommitsOf, Sha
from fairlead.domain.errors import Rejected
from fairlead.store.bulk import BulkUpdate
from fairlead.store.engine import Transaction
from fairlead.store.tables import commits

_t = commits.c
_moves = BulkUpdate(commits, ("ordinal",))
_decode_parents = msgspec.json.Decoder(tuple[str, ...]).decode

_Parents = dict[Sha, tuple[Sha, ...]]
_SHAS_A_STATEMENT = 500


class Circular(Exception):
    """Commits would be their own ancestors."""

    def __init__(self, members: set[Sha]) -> None:
        super().__init__(f"{len(members)} commits")
        self.members = members


class Known(msgspec.Struct, frozen=True):
    """What is stored of a commit, as far as another report of it matters."""

    ordinal: int
    parents: tuple[Sha, ...]
    parents_exact: bool
    has_paths: bool


class Graph(Struct, frozen=True):
    """Commits to be placed, and what surrounds them."""

    better: Mapping[Sha, Commit]
    """New commits, and stored ones as they are now."""
    known: Mapping[Sha, Known]
    """The stored ones among `better` and their parents, as they were before."""
    late: set[Sha]
    """Stored commits that were waiting for one of the new ones as a parent."""
    changed: set[Sha]
    """Stored commits that are others now to what descends from them: by their parents, above all."""

    @property
    def is_older_history(self) -> bool:
        """Whether the new commits are complete in themselves and only other commits follow them."""
        has_known_parent = any(
            parent in self.known
            for sha, commit in self.better.items()
            if sha not in self.known
            for parent in commit.parents
        )
        return bool(self.late) and not self.changed and not has_known_parent


class Placed(Struct, frozen=True):
    """What came of placing commits."""

    ordinals: Mapping[Sha, int]
    disturbed: frozenset[Sha] | None
    """The late and the changed commits and all that descend from them; None: there may be any number."""


def place(transaction: Transaction, told: CommitsOf, graph: Graph) -> Placed:
    """Number the commits of `graph`, moving stored ones up where that must be.

    Raises:
        Circular: a commit would be its own ancestor.
    """
    new = {sha: commit.parents for sha, commit in graph.better.items() if sha not in graph.known}
    kept = {sha: graph.known[sha].ordinal for sha in graph.better if sha in graph.known}
    low, high = _span(transaction, told)
    if graph.is_older_history:
        return Placed(kept | _numbered(new, low - len(new)), None)
    after = _after(transaction, told, graph) if graph.late or graph.changed else {}
    moving = _moving(after, graph)
    numbers = _numbered(new | moving, high + 1)
    mine = told.org_id, told.repository_id
    _moves.run(transaction, [(*mine, sha, numbers[sha]) for sha in sorted(moving)])
    ordinals = kept | {sha: numbers[sha] for sha in graph.better if sha in numbers}
    return Placed(ordinals, frozenset(after))


def _numbered(parents: _Parents, start: int) -> dict[Sha, int]:
    try:
        order = parents_first(parents)
    except Rejected as error:
        raise Circular(circular(parents)) from error
    return {sha: start + place for place, sha in enumerate(order)}


def _after(transaction: Transaction, told: CommitsOf, graph: Graph) -> _Parents:
    """Return late and changed commits and all that descend from them, by number, with their parents."""
    mine = _t.org_id == told.org_id, _t.repository_id == told.repository_id
    seeds = sorted(graph.late | graph.changed)
    lowest = min(
        ordinal
        for start in range(0, len(seeds), _SHAS_A_STATEMENT)
        for ordinal in transaction.execute(
            select(_t.ordinal).where(*mine, _t.sha.in_(seeds[start : start + _SHAS_A_STATEMENT]))
        ).scalars()
    )
    above = select(_t.sha, _t.parents).where(*mine, _t.ordinal >= lowest).order_by(_t.ordinal)
    parents = {Sha(sha): _parents(text) for sha, text in transaction.execute(above)}
    parents |= {sha: commit.parents for sha, commit in graph.better.items() if sha in parents}
    return _carried(parents, set(seeds))


def _moving(after: _Parents, graph: Graph) -> _Parents:
    """Return those of `after` whose numbers are too low now."""
    turned = {sha for sha in graph.changed if _is_below_a_parent(sha, graph)}
    return _carried(after, graph.late | turned)


def _is_below_a_parent(sha: Sha, graph: Graph) -> bool:
    """Say whether a stored commit has a parent that is numbered above it, or not yet."""
    known = graph.known
    return any(
        parent in graph.better if parent not in known else known[parent].ordinal >= known[sha].ordinal
        for parent in graph.better[sha].parents
    )


def _carried(parents: _Parents, seeds: set[Sha]) -> _Parents:
    """Return `seeds` and what descends from them, out of `parents`, which are in order of number."""
    found: _Parents = {}
    for sha, mine in parents.items():
        if sha in seeds or any(parent in found for parent in mine):
            found[sha] = mine
    return found


def _span(transaction: Transaction, told: CommitsOf) -> tuple[int, int]:
    """Return the lowest and the highest number of a repository, (0, -1) for one without commits."""
    mine = _t.org_id == told.org_id, _t.repository_id == told.repository_id
    low, high = (
        transaction.execute(select(_t.ordinal).where(*mine).order_by(order).limit(1)).scalar()
        for order in (_t.ordinal, _t.ordinal.desc())
    )
    return (0, -1) if low is None or high is None else (low, high)


def _parents(text: str) -> tuple[Sha, ...]:
    return tuple(Sha(sha) for sha in _decode_parents(text))
