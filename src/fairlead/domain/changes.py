"""Changes on their way to production: commits, and the pull requests that brought them.

Not here: histories and who is whose ancestor (`store.commits`), and how long a change took
(`metrics`).
"""

from enum import StrEnum
from typing import NewType

from msgspec import Struct, field
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected

RepositoryId = NewType("RepositoryId", str)
"""`host/owner/name`."""
Sha = NewType("Sha", str)
"""40 or 64 lower-case hexadecimal digits."""

LONGEST_SUBJECT = 1000
FARTHEST_AT = 2**63 - 1
"""A commit may carry any clock's time; what lies outside 64 bits of nanoseconds is moved to the end."""


class Person(Struct, frozen=True):
    """Whoever wrote or committed a change, as git has it. Both may be empty."""

    name: str
    email: str


class Commit(Struct, frozen=True, kw_only=True):
    """One commit. A struct because a history has hundreds of thousands of them."""

    sha: Sha
    parents: tuple[Sha, ...]
    """In git's order. A parent need not be known here."""
    parents_exact: bool = True
    """False where a Git host told of a push without parents and they follow from its order."""
    author: Person
    authored_at: int
    """Kept by rebases and amendments: when the change was made."""
    committer: Person
    committed_at: int
    subject: str
    """The first paragraph of the message in one line, cut to 1000 characters."""
    paths: tuple[str, ...] | None
    """Changed paths against the first parent, relative to the root; None where nobody told."""

    @property
    def is_merge(self) -> bool:
        """Whether it has two or more parents, and so brings no change of its own."""
        return len(self.parents) > 1


def added_up(one: Commit, other: Commit) -> Commit:
    """Return what two reports of the same commit come to; of equally good ones `one` stands.

    Parents that git tells are better than guessed ones, and a guess is better than none. Paths
    stay known once somebody told them.
    """
    best, rest = (other, one) if _rank(other) > _rank(one) else (one, other)
    return best if best.paths is not None else replace(best, paths=rest.paths)


def _rank(commit: Commit) -> int:
    return 2 if commit.parents_exact else int(bool(commit.parents))


class PullRequestState(StrEnum):
    """Where a pull request stands."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"
    """Closed without being merged."""


class Approval(Struct, frozen=True, kw_only=True):
    """One approving review."""

    reviewer: str
    at: int


class PullRequest(Struct, frozen=True, kw_only=True):
    """A pull request (GitLab: merge request) as it is known now. Texts are empty where unknown."""

    org_id: OrgId
    repository_id: RepositoryId
    number: int
    title: str
    url: str = ""
    author: str = ""
    state: PullRequestState = PullRequestState.OPEN
    base_branch: str = ""
    head_branch: str = ""
    labels: tuple[str, ...] = ()
    opened_at: int
    ready_at: int | None = None
    """When it was last marked ready for review; its opening if it never was a draft; None while a draft."""
    approvals: tuple[Approval, ...] = ()
    """In order of time, those withdrawn left out."""
    merged_at: int | None = None
    closed_at: int | None = None
    base_sha: str = ""
    head_sha: str = ""
    merge_sha: str = ""
    """The commit that the merge put on the base branch: a merge, a squash, or the last of a rebase."""
    commits: int | None = None
    """How many commits the Git host counts in it."""
    lines_added: int | None = None
    lines_deleted: int | None = None
    files_changed: int | None = None
    updated_at: int
    """The Git host's own clock: of two reports the one with the later value stands."""

    @property
    def landed_sha(self) -> Sha:
        """What its merge put on the base branch; the head where the Git host does not tell."""
        return Sha(self.merge_sha or self.head_sha)

    @property
    def last_approved_at(self) -> int | None:
        """The last approval, not counting those given after the merge; None without one."""
        merged_at = self.merged_at
        times = [one.at for one in self.approvals if merged_at is None or one.at <= merged_at]
        return max(times, default=None)


class Reason(StrEnum):
    """Why a deployment has no change lead time, or a commit is left out of it."""

    FIRST_DEPLOYMENT = "first_deployment"
    NO_GIT = "no_git"
    COMMIT_UNKNOWN = "commit_unknown"
    PREVIOUS_COMMIT_UNKNOWN = "previous_commit_unknown"
    GAP_OVER_60_DAYS = "gap_over_60_days"
    NO_NEW_COMMITS = "no_new_commits"
    ONLY_MERGE_COMMITS = "only_merge_commits"
    NO_COMMIT_IN_PATHS = "no_commit_in_paths"


class Exclusion(StrEnum):
    """Why a commit that came with a deployment is not measured."""

    MERGE_COMMIT = "merge_commit"
    OUTSIDE_PATHS = "outside_paths"
    SQUASHED = "squashed"
    """It is the squash of a pull request whose original commits are measured instead."""
    OVER_THE_CAP = "over_the_cap"


MOST_COMMITS = 5000
"""Commits measured in one deployment; beyond it the newest are kept."""
LONGEST_GAP_NS = 60 * 86_400 * 1_000_000_000


def require_sha(text: str, field_name: str) -> Sha:
    """Return `text` in lower case if it is a full SHA-1 or SHA-256.

    Raises:
        Rejected: it is not.
    """
    sha = text.lower()
    if len(sha) not in (40, 64) or not set(sha) <= set("0123456789abcdef"):
        detail = f'attribute "{field_name}" must be 40 or 64 hexadecimal digits'
        raise Rejected(detail, field=field_name)
    return Sha(sha)


class CommitsOf(Struct, frozen=True, kw_only=True):
    """Commits that were told of one repository, in no order that matters."""

    org_id: OrgId
    repository_id: RepositoryId
    commits: tuple[Commit, ...] = field(default=())
    boundary: frozenset[Sha] = frozenset()
    """Commits whose parents the sender did not have, as at the end of a shallow clone."""
    tags: tuple[tuple[str, Sha], ...] = ()
    """Tags of the repository, each with the commit that it names, which need not be among these."""
