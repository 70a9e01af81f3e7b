"""The shapes of commits in Fairlead's own API.

A commit is told as git has it. Fields that are not named here are tolerated.
"""

from typing import Annotated

from msgspec import Meta, Struct

MOST_COMMITS = 1000

Instant = str | int
"""RFC 3339, or milliseconds since 1970."""


class PersonTold(Struct):
    name: str = ""
    email: str = ""


class CommitTold(Struct):
    sha: str
    parents: list[str]
    """Full SHAs in git's order, whether or not those commits are known here; empty for a first commit."""
    authored_at: Instant
    author: PersonTold | None = None
    committed_at: Instant | None = None
    """When it was made or rewritten; by default `authored_at`."""
    committer: PersonTold | None = None
    """By default `author`."""
    subject: str = ""
    """The message or its first line; the first paragraph is kept."""
    paths: list[str] | None = None
    """Changed files, relative to the root, against the first parent; null where they are not known."""


class CommitsTold(Struct):
    commits: Annotated[list[CommitTold], Meta(max_length=MOST_COMMITS)]


class CommitsRecorded(Struct):
    received: int
    recorded: int
    """Those of them that are new, or better known than before."""
