"""Git's objects, asked for by name: what is there, of which kind and size, with which parents.

Not here: what commits say (`git_log.py`).
"""

from collections.abc import Iterable, Iterator
from typing import IO

from msgspec import Struct

from fairlead.domain.changes import Sha
from fairlead.store.git import Git

_PARENT = b"parent "


class Object(Struct, frozen=True):
    """An object that is there."""

    sha: Sha
    kind: str
    """`commit`, `tree`, `blob` or `tag`."""
    size: int
    """Bytes when unpacked."""


def read_objects(git: Git, shas: Iterable[Sha]) -> Iterator[Object]:
    """Yield those of `shas` that are there.

    Raises:
        GitFailed: one of them is there and cannot be read.
    """
    with git.reading("cat-file", "--batch-check", "--buffer", stdin=_lines(shas)) as stdout:
        yield from _objects(stdout)


def read_all_objects(git: Git) -> Iterator[Object]:
    """Yield all objects that are there, in whatever order is fastest.

    Raises:
        GitFailed: one of them cannot be read.
    """
    everything = "--batch-all-objects", "--unordered"
    with git.reading("cat-file", "--batch-check", "--buffer", *everything) as stdout:
        yield from _objects(stdout)


def read_pack(git: Git, index: bytes) -> Iterator[Object]:
    """Yield the objects of one pack that is there, whose index is handed in.

    Raises:
        GitFailed: one of them cannot be read.
    """
    with git.reading("show-index", stdin=index) as stdout:
        # Each line: where it stands in the pack, its name, its checksum.
        shas = [Sha(line.split()[1].decode()) for line in stdout]
    yield from read_objects(git, shas)


def read_parents(git: Git, shas: Iterable[Sha]) -> dict[Sha, tuple[Sha, ...]]:
    """Return the parents of those of `shas` that are commits and there, as the commits name them.

    Raises:
        GitFailed: one of them is there and cannot be read.
    """
    found: dict[Sha, tuple[Sha, ...]] = {}
    with git.reading("cat-file", "--batch", "--buffer", stdin=_lines(shas)) as stdout:
        while line := stdout.readline():
            one = _object(line)
            if one is None:
                continue
            body = stdout.read(one.size + 1)
            if one.kind == "commit":
                found[one.sha] = _parents(body)
    return found


def read_missing(git: Git, roots: Iterable[Sha]) -> Iterator[Sha]:
    """Yield the trees that are not there and that `roots`, commits and trees that are, lead to.

    Each commit leads to its own tree alone, whatever its parents.

    Raises:
        GitFailed: something on the way cannot be read, or is no tree.
    """
    walk = "--objects", "--filter=blob:none", "--no-walk=unsorted", "--missing=print", "--quiet", "--stdin"
    with git.reading("rev-list", *walk, stdin=_lines(roots), strictly=True) as stdout:
        yield from (Sha(line[1:].decode().rstrip()) for line in stdout if line.startswith(b"?"))


def _lines(shas: Iterable[Sha]) -> bytes:
    return "".join(f"{sha}\n" for sha in shas).encode()


def _objects(stdout: IO[bytes]) -> Iterator[Object]:
    return (found for line in stdout if (found := _object(line)) is not None)


def _object(line: bytes) -> Object | None:
    """Read `<name> <kind> <size>`; `<name> missing` is none."""
    match line.split():
        case [sha, kind, size]:
            return Object(Sha(sha.decode()), kind.decode(), int(size))
    return None


def _parents(commit: bytes) -> tuple[Sha, ...]:
    """Return the parents that the head of a commit names: lines right after that of its tree."""
    lines = commit.partition(b"\n\n")[0].split(b"\n")[1:]
    found = []
    for line in lines:
        if not line.startswith(_PARENT):
            break
        found.append(Sha(line.removeprefix(_PARENT).decode()))
    return tuple(found)
