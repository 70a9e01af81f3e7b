"""Histories: ancestry read from the database, in a handful of statements a walk.

A walk asks for one commit's parents after another; here they are fetched by the window, because
the parents of a commit are most often numbered right below it. Windows double in size while a
walks go on where others ended, so that twice as far costs one statement more, not twice as many.
Not here: the walk itself (`domain.ancestry`) and how commits get their numbers (`store.commits`).
"""

import sys
from bisect import bisect
from collections.abc import Collection, Iterable, Mapping
from typing import cast

import msgspec

from fairlead.domain.access import OrgId
from fairlead.domain.ancestry import Step, difference
from fairlead.domain.changes import Commit, RepositoryId, Sha
from fairlead.store import commits, spoken
from fairlead.store.engine import Transaction

_decode_parents = msgspec.json.Decoder(tuple[str, ...]).decode

_FIRST_WINDOW = 256
_WIDEST_WINDOW = 32_768
_MOST_PATHS_KEPT = 20_000
_SHAS_A_STATEMENT = 2000
_BELOW_ALL = -(2**63)


class History:
    """The commits of one repository as far as they were looked at.

    May serve several walks: what one has read another need not, the less so if the newest begins. It
    sees the repository as it was when each part was first read.
    """

    def __init__(self, transaction: Transaction, org_id: OrgId, repository_id: RepositoryId) -> None:
        self._transaction = transaction
        self._org_id = org_id
        self._repository_id = repository_id
        self._steps: dict[Sha, Step] = {}
        self._absent: set[Sha] = set()
        self._paths: dict[Sha, tuple[str, ...] | None] = {}
        # Numbers from which was read downwards; in order.
        self._tops: list[int] = [_BELOW_ALL]
        self._window = _FIRST_WINDOW
        self._lowest = _BELOW_ALL
        """The last number of the last window."""

    def difference(self, new: Sha, old: Iterable[Sha], most: int) -> list[Step]:
        """Return at most `most` commits that `new` reaches and none of `old` does, newest first."""
        return difference(self.lookup, new, old, most)

    def lookup(self, shas: Iterable[Sha]) -> Mapping[Sha, Step]:
        """Return the stored ones among `shas`, as far as their order goes."""
        # A walk asks once for each commit, mostly for a single parent that was read already.
        found: dict[Sha, Step] = {}
        missing: list[Sha] = []
        for sha in shas:
            step = self._steps.get(sha)
            if step is not None:
                found[sha] = step
            elif sha not in self._absent:
                missing.append(sha)
        if missing:
            self._fetch(missing)
            found |= {sha: self._steps[sha] for sha in missing if sha in self._steps}
        return found

    def commits(self, shas: Iterable[Sha]) -> Mapping[Sha, Commit]:
        """Return the stored ones among `shas`, whole."""
        return commits.fetch(self._transaction, self._org_id, self._repository_id, shas)

    def paths(self, shas: Collection[Sha]) -> Mapping[Sha, tuple[str, ...] | None]:
        """Return what each of the stored commits `shas` changed; None where nobody told."""
        missing = [sha for sha in shas if sha not in self._paths]
        known = {sha: self._paths[sha] for sha in shas if sha in self._paths}
        if missing:
            found = commits.paths(self._transaction, self._org_id, self._repository_id, missing)
            if len(self._paths) + len(found) > _MOST_PATHS_KEPT:
                self._paths.clear()
            self._paths.update(found)
            known.update(found)
        return known

    def _fetch(self, shas: list[Sha]) -> None:
        found: list[Step] = []
        for start in range(0, len(shas), _SHAS_A_STATEMENT):
            part = shas[start : start + _SHAS_A_STATEMENT]
            found += self._read(_NAMED, spoken.listed(part))
        self._absent.update(set(shas) - {step.sha for step in found})
        if found:
            # What lies below the highest of them is what the walk will come to next.
            self._read_below(max(step.ordinal for step in found))

    def _read_below(self, top: int) -> None:
        place = bisect(self._tops, top)
        # What was read from there need not be read again.
        end = self._tops[place - 1]
        goes_on = self._lowest - self._window <= top < self._lowest
        window = min(self._window * 2, _WIDEST_WINDOW) if goes_on else _FIRST_WINDOW
        read = self._read(_BELOW, top, end, window)
        self._tops.insert(place, top)
        # What only filled a gap says nothing of where walks go on.
        if len(read) == window or end == _BELOW_ALL:
            self._window, self._lowest = window, read[-1].ordinal if read else top

    def _read(self, statement: str, *asked: str | int) -> list[Step]:
        rows = spoken.rows(self._transaction, statement, (self._org_id, self._repository_id, *asked))
        steps = [
            # Few people write many commits: each address is kept once.
            Step(Sha(sha), ordinal, _parents(parents), at, sys.intern(author))
            for sha, ordinal, parents, at, author in map(tuple, rows)
        ]
        self._steps.update((step.sha, step) for step in steps)
        return steps


_STEP = "SELECT sha, ordinal, parents, authored_at, lower(author_email)"
_STEPS = f"{_STEP} FROM commits WHERE org_id = ? AND repository_id = ?"
_NAMED = f"{_STEPS} AND sha {spoken.ONE_OF}"
_BELOW = f"{_STEPS} AND ordinal < ? AND ordinal > ? ORDER BY ordinal DESC LIMIT ?"


def _parents(text: str) -> tuple[Sha, ...]:
    return cast("tuple[Sha, ...]", _decode_parents(text))
