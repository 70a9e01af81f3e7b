"""Between Datadog's git metadata upload and Fairlead's nouns.

Not here: packs and what is known of them.
"""

from collections.abc import Collection

from fairlead.dialects.datadog.git_wire import (
    CommitId,
    FileListEvent,
    PushedSha,
    SearchCommitsRequest,
    SearchCommitsResponse,
)
from fairlead.domain.changes import RepositoryId, Sha, require_sha
from fairlead.domain.errors import Rejected
from fairlead.domain.repositories import repository_id

MOST_ASKED = 10_000
"""`datadog-ci` asks for 1000 commits at most."""
FILE_LIST = "repository"


def repository_of(url: str) -> RepositoryId:
    """Return the repository that a URL names.

    Raises:
        Rejected: it names none.
    """
    return RepositoryId(repository_id(url))


def asked_commits(request: SearchCommitsRequest) -> list[Sha]:
    """Return which commits a search is about, each once.

    Raises:
        Rejected: there is none, they are too many, or one is no full SHA.
    """
    if not 1 <= len(request.data) <= MOST_ASKED:
        raise Rejected(f'attribute "data" must hold 1 to {MOST_ASKED} commits', field="data")
    return list(dict.fromkeys(require_sha(one.id, "id") for one in request.data))


def known_commits(known: Collection[Sha]) -> SearchCommitsResponse:
    """Say which commits need not be sent."""
    return SearchCommitsResponse([CommitId(sha) for sha in sorted(known)])


def head_of(pushed: PushedSha) -> Sha:
    """Return the head that a pack was made for.

    Raises:
        Rejected: it is no full SHA.
    """
    return require_sha(pushed.data.id, "id")


def check_file_list(event: FileListEvent) -> None:
    """Check that a file list is one, and says of which commit.

    Raises:
        Rejected: it is a source map or something else that nothing is made of here, or names no commit.
    """
    if event.type != FILE_LIST:
        raise Rejected(f'got type "{event.type[:100]}" expected one of "{FILE_LIST}"', field="type")
    repository_of(event.git_repository_url)
    require_sha(event.git_commit_sha, "git_commit_sha")
