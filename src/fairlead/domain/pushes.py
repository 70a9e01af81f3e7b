"""Pushes: from the list of commits that a Git host tells to commits with parents.

Hosts tell no parents. They follow from the order of the list, the oldest first, and are marked as
not exact: the same commits from git itself replace them. Not here: what a vendor calls its fields.
"""

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import (
    FARTHEST_AT,
    LONGEST_SUBJECT,
    Commit,
    CommitsOf,
    Person,
    RepositoryId,
    Sha,
)

# What git, GitHub and GitLab write when nobody writes a message for a merge.
_MERGE = re.compile(r"Merge (?:pull request|merge request|remote-tracking branch|branch(?:es)?|tag|commit) ")
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n")


class PushedCommit(Struct, frozen=True, kw_only=True):
    """One commit as a host lists it. Texts may hold anything."""

    sha: Sha
    message: str
    at: int
    """Hosts tell one time; it stands for the author's and the committer's."""
    author: Person
    committer: Person
    paths: tuple[str, ...] | None
    """None where the host does not tell them."""
    is_new: bool = True
    """False where the host knows the commit from an earlier push, to another branch."""


class Push(Struct, frozen=True, kw_only=True):
    """Commits that came onto a branch together."""

    org_id: OrgId
    repository_id: RepositoryId
    before: Sha | None
    """The branch's last commit before; None for a new branch and for history that was rewritten."""
    commits: Sequence[PushedCommit]
    """The oldest first."""
    is_whole: bool = True
    """False where the host left out commits between `before` and the first of `commits`."""


def commits_of(push: Push) -> CommitsOf:
    """Return the commits of a push, each with the parents that its place suggests.

    Each commit follows the one listed before it, the first the branch as it was. One whose message
    reads like a merge follows both. The beginning is a boundary where commits were left out, and so
    is that of another branch which a merge brings in.
    """
    told = tuple(_chained(push))
    boundary = frozenset(commit.sha for commit in told if not commit.parents)
    return CommitsOf(org_id=push.org_id, repository_id=push.repository_id, commits=told, boundary=boundary)


def plain(text: str, longest: int = LONGEST_SUBJECT) -> str:
    """Return `text` as it may be kept: cut, and without NUL, which PostgreSQL does not take."""
    return text.replace("\x00", "")[:longest]


def subject_of(message: str) -> str:
    """Return the first paragraph of a message in one line, cut as subjects are."""
    first = _PARAGRAPH_END.split(message.strip(), maxsplit=1)[0]
    return plain(" ".join(first.split()))


def _chained(push: Push) -> Iterator[Commit]:
    trunk = tip = push.before
    previous = push.before if push.is_whole else None
    for place, one in enumerate(push.commits):
        parents: tuple[Sha | None, ...] = (previous,)
        if _reads_like_a_merge(one):
            # Where all of it is new, nothing tells the branch's own commits from those merged in.
            parents = (trunk if tip == previous else tip, previous)
            trunk = one.sha
        elif not one.is_new and _begins_another_branch(push.commits, place):
            parents = ()
        if one.is_new:
            tip = one.sha
        previous = one.sha
        yield _commit(one, parents)


def _begins_another_branch(commits: Sequence[PushedCommit], place: int) -> bool:
    """Tell whether a run of known commits starts here that ends in a merge."""
    if place and not commits[place - 1].is_new:
        return False
    after = next((one for one in commits[place:] if one.is_new), None)
    return after is not None and _reads_like_a_merge(after)


def _reads_like_a_merge(one: PushedCommit) -> bool:
    return _MERGE.match(one.message) is not None


def _commit(one: PushedCommit, parents: Sequence[Sha | None]) -> Commit:
    at = max(-FARTHEST_AT, min(one.at, FARTHEST_AT))
    return Commit(
        sha=one.sha,
        parents=tuple(dict.fromkeys(sha for sha in parents if sha is not None and sha != one.sha)),
        parents_exact=False,
        author=_person(one.author),
        authored_at=at,
        committer=_person(one.committer),
        committed_at=at,
        subject=subject_of(one.message),
        paths=None if one.paths is None else _paths(one.paths),
    )


def _paths(told: Sequence[str]) -> tuple[str, ...]:
    """Return paths as they may be kept, each once."""
    return tuple(dict.fromkeys(plain(path, len(path)) for path in told))


def _person(told: Person) -> Person:
    return Person(plain(told.name), plain(told.email))
