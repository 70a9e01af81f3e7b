"""The shapes of Datadog's git metadata upload, as `datadog-ci` 5.25.0 sends and reads them.

Source: the program's own requests. Not here: packs, which are git's.
"""

from msgspec import Struct


class CommitId(Struct):
    id: str
    type: str = "commit"


class RepositoryMeta(Struct):
    repository_url: str


class SearchCommitsRequest(Struct):
    meta: RepositoryMeta
    data: list[CommitId]


class SearchCommitsResponse(Struct):
    data: list[CommitId]


class PushedSha(Struct):
    data: CommitId
    meta: RepositoryMeta


class FileListEvent(Struct):
    type: str
    git_repository_url: str
    git_commit_sha: str
