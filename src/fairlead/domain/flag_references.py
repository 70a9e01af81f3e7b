"""Flag references of pull requests and deployments: which flags they added to the code or took out.

The unit is a hunk, as the scanner counts them: some lines of a file that name a flag. The scanner
tells what a commit holds, not what it changed; so what changed is the difference between two scans.
Several sources may tell of one flag, and of each flag the first that knows it is believed. Not here:
where scans, commits and pull requests come from.
"""

from collections.abc import Iterable, Mapping

from msgspec import Struct

Flag = tuple[str, str]
"""The keys of a project and of a flag in it."""
Counts = Mapping[Flag, int]
"""How often each flag is named in one scan."""


class FlagChange(Struct, frozen=True, kw_only=True):
    """How many references to one flag came and went."""

    project_key: str
    flag_key: str
    added: int
    removed: int


Changes = Mapping[Flag, FlagChange]


def change(flag: Flag, added: int, removed: int) -> FlagChange:
    """Return that so many references to `flag` came and went."""
    return FlagChange(project_key=flag[0], flag_key=flag[1], added=added, removed=removed)


def difference(before: Counts, after: Counts) -> Changes:
    """Return what changed from one scan to another; a flag named as often as before is left out."""
    changes: dict[Flag, FlagChange] = {}
    for flag in {*before, *after}:
        more = after.get(flag, 0) - before.get(flag, 0)
        if more:
            changes[flag] = change(flag, max(more, 0), max(-more, 0))
    return changes


def total(told: Iterable[Changes]) -> Changes:
    """Return the sum of changes that happened one after another."""
    sums: dict[Flag, FlagChange] = {}
    for changes in told:
        for flag, one in changes.items():
            known = sums.get(flag)
            added, removed = (known.added, known.removed) if known else (0, 0)
            sums[flag] = change(flag, added + one.added, removed + one.removed)
    return sums


def believed(sources: Iterable[Changes]) -> Changes:
    """Return for each flag what the first of `sources` says that knows it."""
    found: dict[Flag, FlagChange] = {}
    for changes in sources:
        for flag, one in changes.items():
            found.setdefault(flag, one)
    return found


def in_order(changes: Changes) -> tuple[FlagChange, ...]:
    """Return changes by project and flag."""
    return tuple(changes[flag] for flag in sorted(changes))
