"""Gaps in a history: which commits may be called known without hiding one that is missing.

Whoever sends history leaves out everything that a known commit reaches. So a commit below which
something is missing must not be called known, or what is missing would never be sent. Not here:
what is stored of a commit (`store`).
"""

from collections.abc import Collection, Mapping

from fairlead.domain.changes import Sha


def without_gaps(asked: Collection[Sha], stored: Mapping[Sha, tuple[Sha, ...]]) -> set[Sha]:
    """Return those of `asked` from which only stored ones of `asked` are reached.

    `stored` gives the parents of those that are stored. A parent that was not asked for is none
    of the sender's concern: it lies beyond the span of time that the sender looks at.
    """
    wanted = set(asked)
    children: dict[Sha, list[Sha]] = {}
    for sha in wanted & stored.keys():
        for parent in stored[sha]:
            children.setdefault(parent, []).append(sha)
    above_gaps = list(wanted - stored.keys())
    known = wanted - set(above_gaps)
    while above_gaps:
        for child in children.get(above_gaps.pop(), ()):
            if child in known:
                known.remove(child)
                above_gaps.append(child)
    return known
