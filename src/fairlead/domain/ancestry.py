"""Ancestry: the order of commits, and which of them one has that another has not.

Pure walks over parents; where the commits come from is handed in. Not here: where they are kept
(`store.commits`, `store.history`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

from msgspec import Struct

from fairlead.domain.changes import Sha
from fairlead.domain.errors import Rejected

Parents = Mapping[Sha, Sequence[Sha]]


def parents_first(parents: Parents) -> list[Sha]:
    """Return the commits of `parents` so that each comes after those of its parents that are there.

    Where nothing decides, any order may come; the same one for the same commits.

    Raises:
        Rejected: a commit is its own ancestor, which git cannot make.
    """
    if _is_in_order(parents):
        return list(parents)
    waiting = {sha: sum(parent in parents for parent in set(mine)) for sha, mine in parents.items()}
    children: dict[Sha, list[Sha]] = {}
    for sha, mine in parents.items():
        for parent in set(mine):
            if parent in parents:
                children.setdefault(parent, []).append(sha)
    ready = [sha for sha, count in waiting.items() if count == 0]
    ordered: list[Sha] = []
    while ready:
        sha = ready.pop()
        ordered.append(sha)
        for child in children.get(sha, ()):
            waiting[child] -= 1
            if waiting[child] == 0:
                ready.append(child)
    if len(ordered) < len(parents):
        detail = 'attribute "parents" makes a commit its own ancestor'
        raise Rejected(detail, field="parents")
    return ordered


def _is_in_order(parents: Parents) -> bool:
    """Say whether each commit already comes after its parents, as a history that is read does."""
    seen: set[Sha] = set()
    for sha, mine in parents.items():
        for parent in mine:
            if parent not in seen and parent in parents:
                return False
        seen.add(sha)
    return True


def circular(parents: Parents) -> set[Sha]:
    """Return the commits that are their own ancestors, and those between them."""
    left = {sha: {parent for parent in mine if parent in parents} for sha, mine in parents.items()}
    while True:
        # Whatever has no ancestors left, or no descendants, lies on no circle.
        followed = {parent for mine in left.values() for parent in mine}
        ends = {sha for sha, mine in left.items() if not mine or sha not in followed}
        if not ends:
            return set(left)
        left = {sha: mine - ends for sha, mine in left.items() if sha not in ends}


class Step(Struct):
    """A commit as a walk sees it."""

    sha: Sha
    ordinal: int
    """Greater than the ordinals of all its parents."""
    parents: tuple[Sha, ...]
    authored_at: int
    author: str = ""
    """The email address, in small letters."""

    @property
    def is_merge(self) -> bool:
        """Whether it has two or more parents, and so brings no change of its own."""
        return len(self.parents) > 1


Lookup = Callable[[Iterable[Sha]], Mapping[Sha, Step]]
"""Finds steps by SHA; what is not stored is left out."""

_FROM_NEW = 1
_FROM_OLD = 2


def difference(lookup: Lookup, new: Sha, old: Iterable[Sha], most: int) -> list[Step]:
    """Return what `new` reaches and none of `old` does, newest first: `git rev-list new --not old`.

    Commits that are not stored end the walk there, as at the edge of a shallow clone. No more than
    `most` are returned. Children are always seen before their parents, because the walk goes down
    by ordinal; it stops as soon as nothing left is reached from `new` alone.
    """
    marks: dict[Sha, int] = dict.fromkeys(old, _FROM_OLD)
    marks[new] = marks.get(new, 0) | _FROM_NEW
    found = lookup(marks)
    heap = [(-step.ordinal, sha) for sha, step in found.items()]
    heapify(heap)
    steps: dict[Sha, Step] = dict(found)
    unsettled = sum(marks[sha] == _FROM_NEW for sha in found)
    kept: list[Step] = []
    while unsettled and len(kept) < most:
        sha = heappop(heap)[1]
        step, mark = steps.pop(sha), marks.pop(sha)
        if mark == _FROM_NEW:
            unsettled -= 1
            kept.append(step)
        strangers = [parent for parent in step.parents if parent not in marks]
        for parent, found_step in lookup(strangers).items() if strangers else ():
            steps[parent] = found_step
            marks[parent] = mark
            unsettled += mark == _FROM_NEW
            heappush(heap, (-found_step.ordinal, parent))
        for parent in step.parents:
            if parent in steps and parent not in strangers and marks[parent] != marks[parent] | mark:
                unsettled -= marks[parent] == _FROM_NEW
                marks[parent] |= mark
    return kept
