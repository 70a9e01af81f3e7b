"""From commits in Fairlead's own API to commits.

Not here: the clock and the store.
"""

from urllib.parse import unquote

from fairlead.dialects.native.commit_wire import CommitsTold, CommitTold, Instant, PersonTold
from fairlead.domain.access import OrgId
from fairlead.domain.changes import (
    FARTHEST_AT,
    Commit,
    CommitsOf,
    Person,
    RepositoryId,
    Sha,
    require_sha,
)
from fairlead.domain.errors import NotFound, Rejected
from fairlead.domain.instants import NS_PER_MS, from_rfc3339
from fairlead.domain.pushes import subject_of
from fairlead.domain.repositories import repository_id
from fairlead.domain.texts import require_text

LONGEST_PATH = 4096
_START, _END = b"/api/fairlead/v1/repositories/", b"/commits"


def repository_in(raw_path: bytes) -> RepositoryId:
    """Return the repository that a request's path names, its slashes percent-encoded or not.

    Raises:
        NotFound: the path is not that of a repository's commits.
        Rejected: it names no repository.
    """
    path = raw_path.rstrip(b"/")
    if not path.endswith(_END):
        raise NotFound("there is nothing of that kind in a repository")
    return RepositoryId(repository_id(unquote(path.removeprefix(_START).removesuffix(_END)), "id"))


def commits_from(told: CommitsTold, org_id: OrgId, repository: RepositoryId) -> CommitsOf:
    """Return the commits that were told.

    Raises:
        Rejected: one of them is not acceptable; the message names the attribute.
    """
    commits = tuple(_commit(one) for one in told.commits)
    return CommitsOf(org_id=org_id, repository_id=repository, commits=commits)


def _commit(told: CommitTold) -> Commit:
    author = _person(told.author or PersonTold(), "author")
    authored_at = _instant(told.authored_at, "authored_at")
    committed_at = told.committed_at
    return Commit(
        sha=require_sha(told.sha, "sha"),
        parents=_parents(told),
        author=author,
        authored_at=authored_at,
        committer=author if told.committer is None else _person(told.committer, "committer"),
        committed_at=authored_at if committed_at is None else _instant(committed_at, "committed_at"),
        subject=subject_of(told.subject),
        paths=None if told.paths is None else _paths(told.paths),
    )


def _parents(told: CommitTold) -> tuple[Sha, ...]:
    parents = tuple(dict.fromkeys(require_sha(parent, "parents") for parent in told.parents))
    if told.sha.lower() in parents:
        raise Rejected('attribute "parents" makes a commit its own parent', field="parents")
    return parents


def _person(told: PersonTold, field: str) -> Person:
    return Person(require_text(told.name, f"{field}.name"), require_text(told.email, f"{field}.email"))


def _paths(told: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(require_text(path, "paths", longest=LONGEST_PATH) for path in told))


def _instant(told: Instant, field: str) -> int:
    """Return an instant; a commit may carry any clock's time."""
    if isinstance(told, int):
        return max(-FARTHEST_AT, min(told * NS_PER_MS, FARTHEST_AT))
    try:
        return max(-FARTHEST_AT, min(from_rfc3339(told), FARTHEST_AT))
    except ValueError as error:
        detail = f'attribute "{field}" must be an RFC 3339 date and time or milliseconds since 1970'
        raise Rejected(detail, field=field) from error
