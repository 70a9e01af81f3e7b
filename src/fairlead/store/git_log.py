"""Commits as `git log` tells them: its stream, read into nouns as it comes.

Merges are not compared with anything: they bring no change of their own. A commit whose parents
the repository does not have cannot be compared either; both come with `paths` None. Not here: how
git is started (`git.py`) and which commits are asked for.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, cast

from msgspec import Struct, field

from fairlead.domain.changes import FARTHEST_AT, LONGEST_SUBJECT, Commit, Person, Sha
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.texts import LONGEST_TEXT
from fairlead.store.git import Git, GitFailed

MOST_PATHS = 100_000
"""A commit that changes more is told without paths."""
MOST_PATH_CHARACTERS = 1 << 28
"""A commit that changes more than that is no work of people, but folders that hold each other."""

# Each record opens with an empty text, which no path can be, and every text ends with NUL: nothing
# that a commit holds can be taken for the end of one, because git stores no NUL in any of these.
_FORMAT = "%x00%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%s"
_FIELDS = 10
_CHUNK = 1 << 18
_LOG = (
    "log",
    "-z",
    "--stdin",
    "--encoding=UTF-8",
    f"--format={_FORMAT}",
    "--diff-merges=off",
    "--ignore-submodules=none",
    "--no-color",
    "--no-decorate",
    "--no-ext-diff",
    "--no-notes",
    "--no-relative",
    "--no-renames",
)

Parents = Mapping[Sha, tuple[Sha, ...]]


def read_commits(
    git: Git, revisions: Iterable[str], *options: str, has_paths: bool = True, boundary: Parents | None = None
) -> Iterator[Commit]:
    """Yield the commits that `revisions` and `options` name, as `git log` orders them.

    `boundary` gives the parents of the commits at the end of a shallow history, which git itself
    takes for commits without any.

    Raises:
        GitFailed: git failed, went out of bounds, or told of a commit beyond reason.
        Unavailable: git cannot be started.
    """
    stdin = "".join(f"{revision}\n" for revision in revisions).encode()
    reader = _Reader(git, boundary or {}, has_paths=has_paths)
    shown = "--name-only" if has_paths else "--no-patch"
    held: list[str] = []
    with git.reading(*_LOG, shown, *options, stdin=stdin) as stdout:
        for record in _records(_chunks(stdout)):
            if held:
                yield reader.commit(held)
            held = record
    # Had git broken off, the last record might be half a one.
    if held:
        yield reader.commit(held)


def _chunks(stdout: IO[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    while chunk := stdout.read(_CHUNK):
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)


def _records(chunks: Iterable[str]) -> Iterator[list[str]]:
    """Yield the texts of each record: the empty one, nine fields, the paths."""
    waiting: list[str] = []
    searched = dropped = 0
    rest = ""
    for chunk in chunks:
        texts = (rest + chunk).split("\0")
        rest = texts.pop()
        waiting += texts
        start = 0
        while (end := _end(waiting, start, searched)) is not None:
            yield waiting[start:end]
            start, dropped = end, 0
        waiting = waiting[start:]
        if len(waiting) > _FIELDS + MOST_PATHS:
            # One text more than is read stays, so that the reader sees that there were more.
            dropped += sum(map(len, waiting[_FIELDS + MOST_PATHS :]))
            del waiting[_FIELDS + MOST_PATHS + 1 :]
        if dropped + len(rest) > MOST_PATH_CHARACTERS:
            raise GitFailed("a commit changes more paths than there can be")
        searched = len(waiting)
    if len(waiting) >= _FIELDS:
        yield waiting


def _end(texts: list[str], start: int, searched: int) -> int | None:
    """Return where the record that begins at `start` ends, or None if that has yet to come."""
    try:
        return texts.index("", max(start + _FIELDS, searched))
    except ValueError:
        return None


_DATE = re.compile(rb"^(author|committer) .*> *(-?\d+)", re.MULTILINE)


class _Reader(Struct):
    """Makes nouns of records."""

    git: Git
    boundary: Parents
    has_paths: bool
    _people: dict[tuple[str, str], Person] = field(default_factory=dict)

    def commit(self, record: list[str]) -> Commit:
        _, name, ancestry, author, author_email, authored, committer, email, committed, subject = record[
            :_FIELDS
        ]
        # Called for every commit of a history: what costs a call of its own is left out where it may be.
        sha = cast("Sha", name)
        parents = self.boundary.get(sha)
        is_comparable = self.has_paths and parents is None
        if parents is None:
            parents = cast("tuple[Sha, ...]", tuple(ancestry.split()))
        if not (authored and committed):
            authored, committed = self._dates(sha)
        return Commit(
            sha=sha,
            parents=parents,
            author=self._people.get((author, author_email)) or self._person(author, author_email),
            authored_at=_instant(authored),
            committer=self._people.get((committer, email)) or self._person(committer, email),
            committed_at=_instant(committed),
            subject=subject[:LONGEST_SUBJECT],
            paths=_paths(record) if is_comparable and len(parents) < 2 else None,  # noqa: PLR2004 — a merge.
        )

    def _person(self, name: str, email: str) -> Person:
        person = self._people[name, email] = Person(name[:LONGEST_TEXT], email[:LONGEST_TEXT])
        return person

    def _dates(self, sha: Sha) -> tuple[str, str]:
        """Return both dates as they stand in a commit whose dates `git log` cannot read."""
        head = self.git.run("cat-file", "commit", sha).partition(b"\n\n")[0]
        found = {role: date.decode() for role, date in _DATE.findall(head)}
        return found.get(b"author", "0"), found.get(b"committer", "0")


def _paths(record: list[str]) -> tuple[str, ...] | None:
    if len(record) > _FIELDS + MOST_PATHS:
        return None
    if len(record) > _FIELDS:
        # A newline parts the paths from the subject, and belongs to neither.
        record[_FIELDS] = record[_FIELDS][1:]
    return tuple(record[_FIELDS:])


def _instant(seconds: str) -> int:
    at = int(seconds) * NS_PER_S
    if -FARTHEST_AT <= at <= FARTHEST_AT:
        return at
    return FARTHEST_AT if at > 0 else -FARTHEST_AT
