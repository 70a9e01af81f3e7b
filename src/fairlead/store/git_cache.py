"""The cache of git data: for each repository the commits and trees that were uploaded, in packs.

It serves to read the packs that come next, which hold only what is new: nothing else reads it,
and its loss costs no fact, only one larger upload. Its promise: a commit that is in the cache has
all of its trees there, and was recorded in the database before it came in. So whether a commit
may be called known can be told from the cache, the database, and whether anything that was asked
for is missing below it (`domain.gaps`); no list of complete uploads has to be kept. An upload
that broke off half-way never comes in, and a commit from a webhook is not in the cache at all.

Below `git/<digest of the database's address>/` in the data directory, so that what was sent to one
database never gets into another:

    arriving/                   packs that are being received
    repositories/<digest>/      one repository of one organisation
        about.json              which one it is
        lock                    held by whoever changes the rest
        inbox/                  packs received and not looked into
        quarantine/<head>/      an upload being looked into
        cache.git/              the cache itself, a bare repository

Names are digests, or hexadecimal digits that were checked; none is what a caller sent. Several
servers may share the folder. Not here: commits as facts (`store.commits`).
"""

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import RepositoryId, Sha
from fairlead.domain.errors import Unavailable
from fairlead.domain.instants import NS_PER_S
from fairlead.store.disk import sync_folder
from fairlead.store.git import Bounds, Git, GitFailed, Leash
from fairlead.store.git_inbox import SHA1_DIGITS, Arrival, arriving, kept_safe
from fairlead.store.git_objects import read_parents
from fairlead.store.git_quarantine import Quarantine

MOST_PACKS = 40
"""More than that are put together into one."""

_BOUNDS = Bounds(memory_bytes=2 << 30, cpu_s=300, file_bytes=8 << 30, wall_s=600.0)
_SEARCH_BOUNDS = Bounds(memory_bytes=1 << 30, cpu_s=10, file_bytes=1 << 20, wall_s=10.0)
_ABOUT = "about.json"
_FOLDER_DIGITS = 16
_BETWEEN_TRIES_S = 0.02
# datadog-ci gives up on an upload after a minute or two.
_ABANDONED_NS = 3600 * NS_PER_S


class About(msgspec.Struct, frozen=True):
    """Which repository a folder is for."""

    org_id: int
    repository_id: str
    object_format: str


class CachedRepository(Struct, frozen=True, kw_only=True):
    """One repository's folder, which may not exist yet."""

    directory: Path
    about: About
    leash: Leash

    @property
    def org_id(self) -> OrgId:
        """The organisation it belongs to."""
        return OrgId(self.about.org_id)

    @property
    def repository_id(self) -> RepositoryId:
        """The repository it is for."""
        return RepositoryId(self.about.repository_id)

    @property
    def inbox(self) -> Path:
        """Where packs wait to be looked into."""
        return self.directory / "inbox"

    @property
    def about_file(self) -> Path:
        """Where it says which repository this is."""
        return self.directory / _ABOUT

    def stored(self, shas: Iterable[Sha]) -> dict[Sha, tuple[Sha, ...]]:
        """Return those of `shas` that are in the cache, with their parents.

        Raises:
            Unavailable: git cannot be run.
        """
        if not (self._cache / "HEAD").exists():
            return {}
        try:
            return read_parents(self._git(_SEARCH_BOUNDS), shas)
        except GitFailed:
            # A cache that cannot be read knows nothing; the next upload brings it all again.
            return {}

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Wait until nobody else changes this folder, and keep everybody else out.

        Raises:
            Unavailable: the folder cannot be written, or the server is stopping.
        """
        with kept_safe():
            descriptor = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not _is_locked(descriptor):
                if self.leash.is_pulled(within_s=_BETWEEN_TRIES_S):
                    raise Unavailable("the server is stopping")
            yield
        finally:
            os.close(descriptor)

    def quarantines(self, now: int) -> Iterator[Quarantine]:
        """Yield the uploads that have something to look into; only under the lock.

        A pack that comes in meanwhile is still among them. Uploads that nobody has added to for an
        hour are removed.

        Raises:
            Unavailable: git cannot be run, or the folder cannot be written.
        """
        with kept_safe():
            self._make(self._cache)
            self._quarantined.mkdir(exist_ok=True)
            waiting = [self._quarantine(path) for path in sorted(self._quarantined.iterdir())]
            for quarantine in waiting:
                if now - quarantine.changed_at > _ABANDONED_NS:
                    quarantine.discard()
            yield from self._filled([one for one in waiting if one.directory.exists()])
            while self._has_mail:
                yield from self._filled([])

    def tidy(self) -> None:
        """Put many small packs together into one; only under the lock.

        Raises:
            GitFailed: git could not do it; the packs are as they were.
            Unavailable: git cannot be run.
        """
        if len(list((self._cache / "objects" / "pack").glob("*.pack"))) <= MOST_PACKS:
            return
        git = self._git(_BOUNDS)
        git.run("multi-pack-index", "write")
        git.run("multi-pack-index", "repack", "--batch-size=0")
        git.run("multi-pack-index", "expire")

    @property
    def is_waiting(self) -> bool:
        """Whether something was received that nobody has finished with."""
        return self._has_mail or any(self._quarantined.glob("*"))

    @property
    def _has_mail(self) -> bool:
        return any(self.inbox.glob("*.pack"))

    @property
    def _cache(self) -> Path:
        return self.directory / "cache.git"

    @property
    def _quarantined(self) -> Path:
        return self.directory / "quarantine"

    def _filled(self, waiting: Iterable[Quarantine]) -> list[Quarantine]:
        """Return the uploads that `waiting` and the packs in the inbox are of, with those moved in."""
        found = {one.directory.name: one for one in waiting}
        for pack in sorted(self.inbox.glob("*.pack")):
            head = pack.name.split(".")[0]
            if head not in found:
                found[head] = self._quarantine(self._quarantined / head)
                self._make(found[head].directory)
            found[head].take(pack)
        return list(found.values())

    def _quarantine(self, directory: Path) -> Quarantine:
        return Quarantine(directory=directory, cache=self._cache, leash=self.leash)

    def _git(self, bounds: Bounds) -> Git:
        return Git(directory=self._cache, bounds=bounds, leash=self.leash)

    def _make(self, repository: Path) -> None:
        """Make an empty bare repository, wholly or not at all."""
        if repository.exists():
            return
        draft = self.directory / "draft.git"
        shutil.rmtree(draft, ignore_errors=True)
        init = "init", "--bare", "--quiet", "--template=", f"--object-format={self.about.object_format}"
        Git(directory=draft, bounds=_BOUNDS, leash=self.leash).run(*init)
        draft.rename(repository)


class GitCache:
    """The cache of all repositories."""

    def __init__(self, root: Path) -> None:
        """Use the folder `root`, see `git_folder`; it is made when something is to be kept."""
        self._root = root
        self.leash = Leash()

    def repository(self, org_id: OrgId, repository_id: RepositoryId, sha: Sha) -> CachedRepository:
        """Return the folder of a repository whose objects have names like `sha`."""
        object_format = "sha1" if len(sha) == SHA1_DIGITS else "sha256"
        about = About(org_id, repository_id, object_format)
        digest = hashlib.sha256(msgspec.json.encode(about)).hexdigest()
        return CachedRepository(directory=self._repositories / digest, about=about, leash=self.leash)

    def waiting(self) -> Iterator[CachedRepository]:
        """Yield the repositories for which something was received that nobody has finished with.

        Raises:
            Unavailable: the cache cannot be read.
        """
        with kept_safe():
            for path in sorted(self._repositories.glob(f"*/{_ABOUT}")):
                about = msgspec.json.decode(path.read_bytes(), type=About)
                repository = CachedRepository(directory=path.parent, about=about, leash=self.leash)
                if repository.is_waiting:
                    yield repository

    @contextmanager
    def arrival(self, largest: int, now: int) -> Iterator[Arrival]:
        """Open a file for a pack of at most `largest` bytes; it is gone unless accepted.

        Raises:
            Unavailable: it cannot be made.
        """
        with arriving(self._root / "arriving", largest, now) as arrival:
            yield arrival

    def accept(self, arrival: Arrival, repository: CachedRepository, head: Sha) -> str:
        """Move a whole pack into the inbox of `repository` and return its name; it is safe by then.

        Raises:
            Rejected: it is no pack, holds too many objects, or its checksum is wrong.
            Unavailable: it cannot be written.
        """
        name = f"{head}.{arrival.checksum(head)}.pack"
        with kept_safe():
            if not (repository.inbox.exists() and repository.about_file.exists()):
                self._make(repository)
        arrival.move(repository.inbox / name)
        return name

    @property
    def _repositories(self) -> Path:
        return self._root / "repositories"

    def _make(self, repository: CachedRepository) -> None:
        repository.inbox.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Several uploads may be the first at once, in this process and in others.
        draft = repository.directory / f"about.{secrets.token_hex(8)}.draft"
        draft.write_bytes(msgspec.json.encode(repository.about))
        draft.rename(repository.about_file)
        for folder in (repository.directory, self._repositories, self._root):
            sync_folder(folder)


def git_folder(data: Path, database: str) -> Path:
    """Return where git data is kept, in the data directory, for the database of that address."""
    return data / "git" / hashlib.sha256(database.encode()).hexdigest()[:_FOLDER_DIGITS]


def _is_locked(descriptor: int) -> bool:
    """Lock a file unless somebody else has; say whether it is ours now."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
