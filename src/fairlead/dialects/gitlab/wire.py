"""The shapes of GitLab's webhooks, as far as Fairlead reads them.

Fields that are not named here are tolerated, whatever they hold. Not here: what any of it means
(`translate.py`).
"""

from typing import Any

from msgspec import Struct


class Kind(Struct):
    """What every body begins with; system hooks tell pushes by `event_name` alone."""

    object_kind: str = ""
    event_name: str = ""


class Project(Struct):
    web_url: str


class User(Struct):
    id: int | None = None
    username: str = ""


class CommitAuthor(Struct):
    name: str | None = None
    email: str | None = None


class LastCommit(Struct):
    id: str


class Label(Struct):
    title: str


class MergeRequestAttributes(Struct):
    iid: int
    title: str
    state: str
    created_at: str
    updated_at: str
    source_branch: str
    target_branch: str
    url: str = ""
    action: str = ""
    """Absent where a pipeline or a job made GitLab tell."""
    actioned_at: str | None = None
    """Since GitLab 18; `updated_at` may be older than an approval that is told."""
    author_id: int | None = None
    draft: bool | None = None
    work_in_progress: bool | None = None
    """What `draft` was called until GitLab 13."""
    last_commit: LastCommit | None = None
    merge_commit_sha: str | None = None
    squash_commit_sha: str | None = None
    merged_at: str | None = None
    system: bool = False
    system_action: str = ""


class MergeRequestEvent(Struct):
    object_attributes: MergeRequestAttributes
    project: Project
    user: User | None = None
    labels: list[Label] | None = None
    changes: dict[str, Any] | None = None
    """By field, mostly `{"previous": …, "current": …}`."""


class PushedCommit(Struct):
    id: str
    message: str
    timestamp: str
    author: CommitAuthor
    added: list[str] | None = None
    removed: list[str] | None = None
    modified: list[str] | None = None


class TagPushEvent(Struct):
    ref: str
    project: Project
    checkout_sha: str | None = None
    """The commit that the tag names; null where the tag was deleted."""


class PushEvent(Struct):
    ref: str
    before: str
    commits: list[PushedCommit]
    project: Project
    total_commits_count: int | None = None


class DeploymentEvent(Struct):
    status: str
    deployment_id: int
    environment: str
    project: Project
    status_changed_at: str
    ref: str | None = None
    commit_url: str | None = None
    """The only place with the whole SHA."""


class Build(Struct):
    id: int
    name: str
    status: str
    started_at: str | None = None
    finished_at: str | None = None


class PipelineAttributes(Struct):
    id: int
    sha: str
    status: str
    created_at: str
    name: str | None = None
    ref: str | None = None
    finished_at: str | None = None


class PipelineEvent(Struct):
    object_attributes: PipelineAttributes
    project: Project
    builds: list[Build] | None = None
