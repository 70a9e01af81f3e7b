"""Packs on their way in: written down safely before anybody looks into them.

A pack grows as a file that only its sender's request holds; whole and safe on disk it is moved
into the inbox of its repository in one step. A file whose request has died is removed by whoever
comes next. Not here: what is in a pack (`git_quarantine.py`).
"""

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from fairlead.domain.changes import Sha
from fairlead.domain.errors import Rejected, TooLarge, Unavailable
from fairlead.domain.instants import NS_PER_S
from fairlead.store.disk import sync_folder

MOST_OBJECTS = 1_000_000
SHA1_DIGITS = 40
"""Hexadecimal digits in the names of a repository that goes by SHA-1; else it is SHA-256."""

_HEAD_BYTES = 12
_VERSIONS = (2, 3)
_CHUNK = 1 << 20
# A file is locked right after it is made; older than this and not locked means nobody's.
_ABANDONED_NS = 60 * NS_PER_S
_FIELD = "packfile"


class Arrival:
    """One pack while it comes in."""

    def __init__(self, path: Path, file: IO[bytes], largest: int) -> None:
        self._path = path
        self._file = file
        self._largest = largest
        self._size = 0

    def write(self, chunk: bytes) -> None:
        """Add to the pack.

        Raises:
            TooLarge: it is larger than packs may be.
            Unavailable: it cannot be written.
        """
        self._size += len(chunk)
        if self._size > self._largest:
            raise TooLarge(f"the packfile is larger than {self._largest} bytes")
        with kept_safe():
            self._file.write(chunk)

    def checksum(self, head: Sha) -> str:
        """Return the checksum that ends the pack, if it is right.

        Raises:
            Rejected: it is no pack, holds too many objects, or its checksum is wrong.
            Unavailable: it cannot be read.
        """
        with kept_safe():
            return _checksum(self._file, self._size, head).hex()

    def move(self, target: Path) -> None:
        """Move the pack to where others find it; it is safe by then.

        Raises:
            Unavailable: it cannot be written.
        """
        with kept_safe():
            self._file.flush()
            os.fsync(self._file.fileno())
            self._path.rename(target)
            sync_folder(target.parent)


@contextmanager
def arriving(folder: Path, largest: int, now: int) -> Iterator[Arrival]:
    """Open a file in `folder` for a pack of at most `largest` bytes; it is gone unless accepted.

    Raises:
        Unavailable: it cannot be made.
    """
    with kept_safe():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_abandoned(folder, now)
        descriptor, name = tempfile.mkstemp(".pack", dir=folder)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield Arrival(path, file, largest)
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def kept_safe() -> Iterator[None]:
    """Turn what a disk says into an error that a sender understands."""
    try:
        yield
    except OSError as error:
        raise Unavailable("the server cannot keep git data just now") from error


def _remove_abandoned(folder: Path, now: int) -> None:
    for path in folder.iterdir():
        # Any of these may be somebody else's to finish or to remove at this moment.
        with suppress(OSError), path.open("rb") as file:
            if now - path.stat().st_mtime_ns > _ABANDONED_NS:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()


def _checksum(file: IO[bytes], size: int, head: Sha) -> bytes:
    digest = hashlib.sha1(usedforsecurity=False) if len(head) == SHA1_DIGITS else hashlib.sha256()
    file.seek(0)
    opening = file.read(_HEAD_BYTES)
    left = size - digest.digest_size - len(opening)
    version, objects = int.from_bytes(opening[4:8], "big"), int.from_bytes(opening[8:12], "big")
    if left < 0 or opening[:4] != b"PACK" or version not in _VERSIONS:
        raise Rejected(f'part "{_FIELD}" is not a git pack', field=_FIELD)
    if objects > MOST_OBJECTS:
        raise Rejected(f'part "{_FIELD}" holds more than {MOST_OBJECTS} objects', field=_FIELD)
    digest.update(opening)
    while left:
        chunk = file.read(min(left, _CHUNK))
        digest.update(chunk)
        left -= len(chunk)
    checksum = file.read()
    if checksum != digest.digest():
        raise Rejected(f'part "{_FIELD}" is damaged: its checksum is wrong', field=_FIELD)
    return checksum
