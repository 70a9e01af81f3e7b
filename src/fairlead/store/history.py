"""Histories: ancestry read from the database, in a handful of statements a walk.

A walk asks for one commit's parents after another; here they are fetched by the window, because
the parents of a commit are most often numbered right below it. Windows double in size while a
walk goes on, so that one twice as long costs one statement more, not twice as many. Not here: the
walk itself (`domain.ancestry`) and how commits get their numbers (`store.commits`).
"""

from bisect import bisect
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
from sqlalchemy import Select, select

from fairlead.domain.access import OrgId
from fairlead.domain.ancestry import Step, difference
from fairlead.domain.changes import Commit, RepositoryId, Sha
from fairlead.store import commits
from fairlead.store.engine import Transaction
from fairlead.store.tables import commits as commits_table

_t = commits_table.c
_decode_parents = msgspec.json.Decoder(tuple[str, ...]).decode

_FIRST_WINDOW = 256
_WIDEST_WINDOW = 32_768
_MOST_PATHS_KEPT = 20_000
_SHAS_A_STATEMENT = 500
_BELOW_ALL = -(2**63)


class History:
    """The commits of one repository as far as they were looked at.

    May serve several walks: what one has read another need not. It sees the repository as it was
    when each part was first read.
    """

    def __init__(self, transaction: Transaction, org_id: OrgId, repository_id: RepositoryId) -> None:
        self._transaction = transaction
        self._org_id = org_id
        self._repository_id = repository_id
        self._mine = _t.org_id == org_id, _t.repository_id == repository_id
        self._steps: dict[Sha, Step] = {}
        self._absent: set[Sha] = set()
        self._paths: dict[Sha, tuple[str, ...] | None] = {}
        # Numbers from which was read downwards; in order.
        self._tops: list[int] = [_BELOW_ALL]
        self._window = _FIRST_WINDOW

    def difference(self, new: Sha, old: Iterable[Sha], most: int) -> list[Step]:
        """Return at most `most` commits that `new` reaches and none of `old` does, newest first."""
        self._window = _FIRST_WINDOW
        return difference(self.lookup, new, old, most)

    def lookup(self, shas: Iterable[Sha]) -> Mapping[Sha, Step]:
        """Return the stored ones among `shas`, as far as their order goes."""
        wanted = list(shas)
        missing = [sha for sha in wanted if sha not in self._steps and sha not in self._absent]
        if missing:
            self._fetch(missing)
        return {sha: self._steps[sha] for sha in wanted if sha in self._steps}

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
            found += self._read(_STEPS.where(*self._mine, _t.sha.in_(part)))
        self._absent.update(set(shas) - {step.sha for step in found})
        if found:
            # What lies below the highest of them is what the walk will come to next.
            self._read_below(max(step.ordinal for step in found))

    def _read_below(self, top: int) -> None:
        place = bisect(self._tops, top)
        # What was read from there need not be read again.
        between = _STEPS.where(*self._mine, _t.ordinal < top, _t.ordinal > self._tops[place - 1])
        self._read(between.order_by(_t.ordinal.desc()).limit(self._window))
        self._tops.insert(place, top)
        self._window = min(self._window * 2, _WIDEST_WINDOW)

    def _read(self, statement: Select[Any]) -> list[Step]:
        rows = self._transaction.execute(statement)
        steps = [Step(Sha(sha), ordinal, _parents(parents), at) for sha, ordinal, parents, at in rows]
        self._steps.update((step.sha, step) for step in steps)
        return steps


_STEPS = select(_t.sha, _t.ordinal, _t.parents, _t.authored_at)


def _parents(text: str) -> tuple[Sha, ...]:
    return tuple(Sha(sha) for sha in _decode_parents(text))
