"""The file of a backup: rows of tables behind a head that says what they are, as one zstd stream.

It says nothing of an engine, so what was taken from SQLite can be put into PostgreSQL and the
other way round. A file that was cut off or changed is told apart from a whole one: what it
ends with is a digest of everything before. Not here: where rows
come from and where they go (`backup.py`).
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec
import zstandard

from fairlead.domain.errors import FairleadError, Rejected

_MARK = b"fairlead backup 1\n"
_LEVEL = 3
# A row is a few MB at most; a length beyond this is not one that we wrote.
_LARGEST_PART = 1 << 28
_SIZE_BYTES = 4


class Head(msgspec.Struct, tag="head", array_like=True, frozen=True):
    """What a backup begins with."""

    schema: str
    """The revision of the database that it was taken from."""
    made_at: int
    rows: int


class Part(msgspec.Struct, tag="part", array_like=True, frozen=True):
    """Rows of one table, which may have many parts."""

    table: str
    columns: list[str]
    rows: list[msgspec.Raw]


class End(msgspec.Struct, tag="end", array_like=True, frozen=True):
    """What a whole backup ends with."""

    digest: bytes
    """The SHA-256 of everything before."""


_reading = msgspec.msgpack.Decoder(Head | Part | End)
encode_row = msgspec.msgpack.Encoder().encode
decode_row = msgspec.msgpack.Decoder(list[Any]).decode


class BackupWriter:
    """Appends pieces to a backup."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()

    def write(self, piece: Head | Part | End) -> None:
        """Append `piece`."""
        told = msgspec.msgpack.encode(piece)
        self._digest.update(told)
        self._stream.write(len(told).to_bytes(_SIZE_BYTES))
        self._stream.write(told)

    def end(self) -> None:
        """Say that the backup is whole."""
        self.write(End(self._digest.digest()))


@contextmanager
def writing_backup(path: Path) -> Iterator[BackupWriter]:
    """Write a backup beside `path` and put it there when it is whole and on the disk.

    A backup that is there already stays until then. Nobody but the owner may read the new one:
    it holds the secrets of webhooks.

    Raises:
        Rejected: something else than a backup is at `path`.
        FairleadError: it cannot be written.
    """
    _refuse_to_overwrite(path)
    try:
        descriptor, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise FairleadError(f"cannot write to {path.parent}: {error.strerror}") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_MARK)
            squeezed = zstandard.ZstdCompressor(_LEVEL)
            with squeezed.stream_writer(file, closefd=False) as stream:
                yield BackupWriter(stream)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    except OSError as error:
        raise FairleadError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        Path(beside).unlink(missing_ok=True)


def _refuse_to_overwrite(path: Path) -> None:
    if path.is_dir() or (path.exists() and not _is_backup(path)):
        raise Rejected(f"{path} exists and is no backup; name another file", field="file")


def _is_backup(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_MARK)) == _MARK
    except OSError:
        return False


@contextmanager
def reading_backup(path: Path) -> Iterator[tuple[Head, Iterator[Part]]]:
    """Give the head of the backup at `path` and its parts, which end only if it is whole.

    Raises:
        Rejected: it is no backup, or is damaged; the parts raise it too.
        FairleadError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            if file.read(len(_MARK)) != _MARK:
                raise Rejected(f"{path} is no backup of Fairlead", field="file")
            with zstandard.ZstdDecompressor().stream_reader(file, closefd=False) as stream:
                pieces = _pieces(stream, path)
                head = next(pieces, None)
                if not isinstance(head, Head):
                    raise _damaged(path)
                yield head, _whole(pieces, path)
    except OSError as error:
        raise FairleadError(f"cannot read {path}: {error.strerror}") from error


def _whole(pieces: Iterator[Head | Part | End], path: Path) -> Iterator[Part]:
    """Yield the parts; that they end means that every one was there, as it was written."""
    for piece in pieces:
        if isinstance(piece, End):
            return
        if isinstance(piece, Head):
            break
        yield piece
    raise _damaged(path)


def _pieces(stream: IO[bytes], path: Path) -> Iterator[Head | Part | End]:
    """Yield what the file holds; an end only if its digest is that of everything before."""
    digest = hashlib.sha256()
    try:
        while size := stream.read(_SIZE_BYTES):
            length = int.from_bytes(size)
            told = stream.read(length) if length <= _LARGEST_PART else b""
            piece = _reading.decode(told)
            if isinstance(piece, End) and piece.digest != digest.digest():
                return
            digest.update(told)
            yield piece
    except (zstandard.ZstdError, msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> Rejected:
    return Rejected(f"{path} is damaged or was cut off; nothing is restored from it", field="file")
