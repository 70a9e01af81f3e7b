"""Quarantine: where the packs of one upload are looked into before anything relies on them.

An upload is one head and the packs sent for it, of which the first may hold all commits and the
others nothing but trees. Its packs wait here, in a repository of their own that sees the cache
beside it, until every tree of every commit is there; only then do its commits become facts and
its packs part of the cache. Each pack is looked into once, however many come: a note says which
trees are still missing. What is hostile or broken is refused, and the folder goes with all
that is in it. Not here: which upload comes when (`git_cache.py`), and what becomes of its commits.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from fairlead.domain.ancestry import parents_first
from fairlead.domain.changes import Commit, Sha
from fairlead.domain.errors import Rejected
from fairlead.store.disk import sync_folder
from fairlead.store.git import Bounds, Git, GitFailed, Leash
from fairlead.store.git_inbox import MOST_OBJECTS
from fairlead.store.git_log import read_commits
from fairlead.store.git_objects import (
    Object,
    read_all_objects,
    read_missing,
    read_objects,
    read_pack,
    read_parents,
)

LARGEST_OBJECT_BYTES = 32 << 20
"""Unpacked. A folder of half a million files fits."""
KINDS = frozenset({"commit", "tree"})

_FIELD = "packfile"
_NOTE = "examined.json"
_A_FEW = 100
_BOUNDS = Bounds(memory_bytes=1 << 30, cpu_s=60, file_bytes=128 << 20, wall_s=180.0)
# Whoever reads commits writes them down between one and the next.
_LOG_BOUNDS = Bounds(memory_bytes=1 << 30, cpu_s=120, file_bytes=1 << 20, wall_s=900.0)
# What old versions of git, and other programs, have written into histories that live on.
_OLD_HABITS = ("zeroPaddedFilemode", "badTimezone", "missingSpaceBeforeDate", "nullSha1")
_NOT_HERE = ("gitmodulesMissing", "gitattributesMissing")
_TOLERANT = [part for habit in (*_OLD_HABITS, *_NOT_HERE) for part in ("-c", f"fsck.{habit}=ignore")]

Parents = Mapping[Sha, tuple[Sha, ...]]


class Addition(Struct, frozen=True, kw_only=True):
    """What a complete upload adds to a repository."""

    comparable: Parents
    """Commits whose parents are all there, parents before children."""
    boundary: Parents
    """Commits of which a parent is not there: as a rule it is older than what was sent."""
    shallow: frozenset[Sha]
    """All commits of the repository of which a parent is not there, from now on."""


class _Note(msgspec.Struct, frozen=True):
    """How far an upload was looked into."""

    packs: tuple[str, ...]
    """Names of those that were found harmless, and whose commits and trees were followed."""
    has_commits: bool
    missing: tuple[Sha, ...]
    """Trees that these lead to and that are to come."""

    @property
    def is_complete(self) -> bool:
        """Whether there is a commit, and nothing that it leads to is missing."""
        return self.has_commits and not self.missing


class Quarantine(Struct, kw_only=True):
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
        """Look into the packs that came since; return what all add, or None while something is to come.

        Raises:
            Rejected: a pack is broken or hostile, or holds more than commits and trees.
            Unavailable: git cannot be run.
        """
        before = self._read_note()
        new = [pack for pack in sorted(self._packs.glob("*.pack")) if pack.name not in before.packs]
        kinds = {one.sha: one.kind for pack in new for one in self._check(pack)}
        try:
            note = self._followed(before, kinds, [pack.name for pack in new])
            self._write_note(note)
            return self._whole(was_in_parts=before.has_commits) if note.is_complete else None
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

    def _check(self, pack: Path) -> list[Object]:
        """Index a pack, look at every object in it and return them.

        Raises:
            Rejected: it is broken or hostile, or holds more than commits and trees.
        """
        index = pack.with_suffix(".idx")
        # One that is there says nothing: a crash may have come before the last of the checks.
        index.unlink(missing_ok=True)
        try:
            self._git.run("index-pack", "--fsck-objects", str(pack))
        except GitFailed as error:
            if not any(habit in str(error) for habit in _OLD_HABITS):
                raise _refused("is broken") from error
            self._index_tolerantly(pack)
        found = list(read_pack(self._git, index.read_bytes()))
        for one in found:
            if one.kind not in KINDS:
                raise _refused(f"holds a {one.kind}; only commits and trees are taken")
            if one.size > LARGEST_OBJECT_BYTES:
                raise _refused(f"holds an object of more than {LARGEST_OBJECT_BYTES} bytes")
        return found

    def _index_tolerantly(self, pack: Path) -> None:
        """Index a pack that git would refuse for what is merely old; whatever else is wrong still counts."""
        try:
            self._git.run("index-pack", str(pack))
            self._git.run(*_TOLERANT, "fsck", "--strict", "--no-dangling", "--no-progress")
        except GitFailed as error:
            raise _refused("is broken") from error

    def _followed(self, before: _Note, kinds: Mapping[Sha, str], packs: Iterable[str]) -> _Note:
        """Return the note after packs with objects of these kinds, from which all that is new was followed.

        Raises:
            Rejected: what is missing is more than an upload can hold.
            GitFailed: something on the way cannot be read, or is no tree.
        """
        commits = [sha for sha, kind in kinds.items() if kind == "commit"]
        arrived = [sha for sha in before.missing if sha in kinds]
        if any(kinds[sha] != "tree" for sha in arrived):
            raise GitFailed("what is to be a tree is none")
        missing = self._missing([*commits, *arrived], before.missing)
        # What is in the cache will not be sent: another upload may have brought it there meanwhile.
        if missing and not self._lacks(islice(missing, _A_FEW)):
            missing.difference_update(one.sha for one in read_objects(self._together, missing))
        return _Note((*before.packs, *packs), before.has_commits or bool(commits), tuple(missing))

    def _lacks(self, shas: Iterable[Sha]) -> bool:
        """Say whether one of these trees is not there."""
        wanted = list(shas)
        return len(list(read_objects(self._together, wanted))) < len(wanted)

    def _missing(self, roots: Sequence[Sha], before: Iterable[Sha] = ()) -> set[Sha]:
        """Return the trees that are still to come: those of `before`, and what `roots` lead to.

        Raises:
            Rejected: they are more than an upload can hold.
        """
        missing = set(before).difference(roots)
        for sha in read_missing(self._together, roots) if roots else ():
            missing.add(sha)
            if len(missing) > MOST_OBJECTS:
                raise _refused(f"leaves out more than {MOST_OBJECTS} trees")
        return missing

    def _whole(self, *, was_in_parts: bool) -> Addition | None:
        """Return what the upload adds, None if something of it is gone."""
        shas = [one.sha for one in read_all_objects(self._git) if one.kind == "commit"]
        # Once more from the beginning: what was seen in the cache then may have been lost with it.
        if was_in_parts and self._missing(shas):
            self._note.unlink(missing_ok=True)
            return None
        return self._addition(read_parents(self._git, shas))

    @property
    def _note(self) -> Path:
        return self.directory / _NOTE

    def _read_note(self) -> _Note:
        try:
            return msgspec.json.decode(self._note.read_bytes(), type=_Note)
        except (OSError, msgspec.MsgspecError):
            # None yet, or half a one: everything is looked into again.
            return _Note((), False, ())  # noqa: FBT003 — as its fields stand above.

    def _write_note(self, note: _Note) -> None:
        draft = self._note.with_suffix(".draft")
        draft.write_bytes(msgspec.json.encode(note))
        draft.rename(self._note)

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
