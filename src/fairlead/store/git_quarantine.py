"""Quarantine: where the packs of one upload are looked into before anything relies on them.

An upload is one head and the packs sent for it, of which the first may hold all commits and the
others nothing but trees. Its packs wait here, in a repository of their own that sees the cache
beside it, until every tree of every commit is there; only then do its commits become facts and
its packs part of the cache. What is hostile or broken is refused, and the folder goes with all
that is in it. Not here: which upload comes when (`git_cache.py`), and what becomes of its commits.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from fairlead.domain.ancestry import parents_first
from fairlead.domain.changes import Commit, Sha
from fairlead.domain.errors import Rejected
from fairlead.store.git import Bounds, Git, GitFailed, Leash
from fairlead.store.git_inbox import sync_folder
from fairlead.store.git_log import read_commits
from fairlead.store.git_objects import read_all_objects, read_objects, read_parents

LARGEST_OBJECT_BYTES = 32 << 20
"""Unpacked. A folder of half a million files fits."""
KINDS = frozenset({"commit", "tree"})

_FIELD = "packfile"
_CHECKED = ".checked"
_BOUNDS = Bounds(memory_bytes=1 << 30, cpu_s=60, file_bytes=128 << 20, wall_s=180.0)
# Whoever reads commits writes them down between one and the next.
_LOG_BOUNDS = Bounds(memory_bytes=1 << 30, cpu_s=120, file_bytes=1 << 20, wall_s=900.0)
# What old versions of git, and other programs, have written into histories that live on.
_OLD_HABITS = ("zeroPaddedFilemode", "badTimezone", "missingSpaceBeforeDate", "nullSha1")
_NOT_HERE = ("gitmodulesMissing", "gitattributesMissing")
_TOLERANT = [part for habit in (*_OLD_HABITS, *_NOT_HERE) for part in ("-c", f"fsck.{habit}=ignore")]

Parents = Mapping[Sha, tuple[Sha, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What a complete upload adds to a repository."""

    comparable: Parents
    """Commits whose parents are all there, parents before children."""
    boundary: Parents
    """Commits of which a parent is not there: as a rule it is older than what was sent."""
    shallow: frozenset[Sha]
    """All commits of the repository of which a parent is not there, from now on."""


@dataclass(slots=True, kw_only=True)
class Quarantine:
    """The packs of one upload."""

    directory: Path
    cache: Path
    """The repository that the upload is to become part of."""
    leash: Leash
    arrived: list[str] = field(default_factory=list)
    """Names, in the inbox, of the packs that have just come."""

    @property
    def changed_at(self) -> int:
        """When a pack was last added or looked into; 0 if there is no place for packs."""
        return self._packs.stat().st_mtime_ns if self._packs.exists() else 0

    def take(self, pack: Path) -> None:
        """Move a pack in from the inbox."""
        checksum = pack.name.split(".")[1]
        pack.rename(self._packs / f"pack-{checksum}.pack")
        self.arrived.append(pack.name)

    def examine(self) -> Addition | None:
        """Look into the packs; return what they add, or None while something of it is still to come.

        Raises:
            Rejected: a pack is broken or hostile, or holds more than commits and trees.
            Unavailable: git cannot be run.
        """
        for pack in self._packs.glob("*.pack"):
            # The index alone says nothing: a crash may have come before the last of the checks.
            checked = pack.with_suffix(_CHECKED)
            if not checked.exists():
                self._check(pack)
                checked.touch()
        try:
            commits = self._commits()
            return self._addition(commits) if commits and self._has_all_trees(commits) else None
        except GitFailed as error:
            raise _refused("cannot be read") from error

    def commits(self, addition: Addition) -> Iterator[Commit]:
        """Yield the commits of an addition.

        Raises:
            Rejected: they are beyond reason, such as folders that hold each other.
            Unavailable: git cannot be run.
        """
        together = replace(self._together, bounds=_LOG_BOUNDS)
        edge, rest = addition.boundary, addition.comparable
        try:
            if edge:
                yield from read_commits(together, edge, "--no-walk=unsorted", has_paths=False, boundary=edge)
            if rest:
                yield from read_commits(together, rest, "--no-walk=unsorted")
        except GitFailed as error:
            raise _refused("cannot be read") from error

    def join(self, addition: Addition) -> None:
        """Make the packs part of the cache. Harmless if that was broken off before."""
        packs = self.cache / "objects" / "pack"
        # An index makes its pack visible, so it comes last.
        for path in sorted(self._packs.glob("pack-*"), key=lambda path: path.suffix == ".idx"):
            if path.suffix == _CHECKED:
                continue
            with suppress(FileExistsError):
                os.link(path, packs / path.name)
        sync_folder(packs)
        write_shallow(self.cache, addition.shallow)
        self.discard()

    def discard(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def _packs(self) -> Path:
        return self.directory / "objects" / "pack"

    @property
    def _git(self) -> Git:
        """Git that sees these packs alone."""
        return Git(directory=self.directory, bounds=_BOUNDS, leash=self.leash)

    @property
    def _together(self) -> Git:
        """Git that sees these packs and the cache."""
        beside = self.cache / "objects"
        return Git(directory=self.directory, objects=beside, bounds=_BOUNDS, leash=self.leash)

    def _check(self, pack: Path) -> None:
        """Index a pack and look at every object in it.

        Raises:
            Rejected: it is broken or hostile, or holds more than commits and trees.
        """
        pack.with_suffix(".idx").unlink(missing_ok=True)
        try:
            self._git.run("index-pack", "--fsck-objects", str(pack))
        except GitFailed as error:
            if not any(habit in str(error) for habit in _OLD_HABITS):
                raise _refused("is broken") from error
            self._index_tolerantly(pack)
        for one in read_all_objects(self._git):
            if one.kind not in KINDS:
                raise _refused(f"holds a {one.kind}; only commits and trees are taken")
            if one.size > LARGEST_OBJECT_BYTES:
                raise _refused(f"holds an object of more than {LARGEST_OBJECT_BYTES} bytes")

    def _index_tolerantly(self, pack: Path) -> None:
        """Index a pack that git would refuse for what is merely old; whatever else is wrong still counts."""
        try:
            self._git.run("index-pack", str(pack))
            self._git.run(*_TOLERANT, "fsck", "--strict", "--no-dangling", "--no-progress")
        except GitFailed as error:
            raise _refused("is broken") from error

    def _commits(self) -> dict[Sha, tuple[Sha, ...]]:
        commits = [one.sha for one in read_all_objects(self._git) if one.kind == "commit"]
        return read_parents(self._git, commits)

    def _has_all_trees(self, commits: Parents) -> bool:
        walk = (
            "rev-list",
            "--objects",
            "--no-object-names",
            "--filter=blob:none",
            "--no-walk=unsorted",
            "--stdin",
        )
        try:
            self._together.run(*walk, stdin="".join(f"{sha}\n" for sha in commits).encode())
        except GitFailed as error:
            # A tree that is there and none is an error beside; one that is not there is all there is.
            if "fatal: bad tree object" in str(error) and "error:" not in str(error):
                return False
            raise
        return True

    def _addition(self, commits: Parents) -> Addition:
        """Sort the new commits, and those at the cache's boundary, by whether their parents are there."""
        together = self._together
        known = read_parents(together, read_shallow(self.cache)) | dict(commits)
        needed = {parent for parents in known.values() for parent in parents} - known.keys()
        there = known.keys() | {one.sha for one in read_objects(together, needed)}
        edge = {sha: parents for sha, parents in known.items() if not there.issuperset(parents)}
        inner = {sha: parents for sha, parents in known.items() if sha not in edge}
        return Addition(
            comparable={sha: inner[sha] for sha in parents_first(inner)},
            boundary={sha: parents for sha, parents in edge.items() if sha in commits},
            shallow=frozenset(edge),
        )


def read_shallow(repository: Path) -> list[Sha]:
    """Return the commits of a repository of which a parent is not there."""
    try:
        return [Sha(line) for line in (repository / "shallow").read_text("ascii").split()]
    except FileNotFoundError:
        return []


def write_shallow(repository: Path, shas: frozenset[Sha]) -> None:
    """Note the commits of a repository of which a parent is not there, where git looks for them."""
    target, draft = repository / "shallow", repository / "shallow.draft"
    if not shas:
        target.unlink(missing_ok=True)
        return
    with draft.open("w", encoding="ascii") as file:
        file.write("".join(f"{sha}\n" for sha in sorted(shas)))
        file.flush()
        os.fsync(file.fileno())
    draft.rename(target)


def _refused(why: str) -> Rejected:
    return Rejected(f'part "{_FIELD}" {why}', field=_FIELD)
