"""The shapes of GitHub's webhooks, as far as Fairlead reads them.

Fields that are not named here are tolerated, whatever they hold. Not here: what any of it means
(`translate.py`).
"""

from typing import Any

from msgspec import Struct


class User(Struct):
    login: str


class Repository(Struct):
    html_url: str
    name: str


class Branch(Struct):
    ref: str
    sha: str


class LabelOfPullRequest(Struct):
    name: str


class PullRequest(Struct):
    number: int
    state: str
    title: str
    created_at: str
    updated_at: str
    head: Branch
    base: Branch
    html_url: str = ""
    user: User | None = None
    """null where the account is gone."""
    draft: bool | None = None
    closed_at: str | None = None
    merged_at: str | None = None
    merge_commit_sha: str | None = None
    labels: list[LabelOfPullRequest] | None = None
    commits: int | None = None
    """This and the sizes are in `pull_request` events only."""
    additions: int | None = None
    deletions: int | None = None
    changed_files: int | None = None


class PullRequestEvent(Struct):
    action: str
    pull_request: PullRequest
    repository: Repository


class Review(Struct):
    state: str
    submitted_at: str | None = None
    user: User | None = None


class PullRequestReviewEvent(Struct):
    action: str
    review: Review
    pull_request: PullRequest
    repository: Repository


class Person(Struct):
    name: str | None = None
    email: str | None = None


class PushedCommit(Struct):
    id: str
    message: str
    timestamp: str
    author: Person
    committer: Person | None = None
    distinct: bool = True
    added: list[str] | None = None
    removed: list[str] | None = None
    modified: list[str] | None = None


class HeadCommit(Struct):
    id: str


class PushEvent(Struct):
    ref: str
    before: str
    after: str
    commits: list[PushedCommit]
    repository: Repository
    forced: bool = False
    head_commit: HeadCommit | None = None
    """The commit that a pushed tag names; `after` is the tag itself where it has a message."""


class Deployment(Struct):
    id: int
    sha: str
    environment: str
    created_at: str
    ref: str = ""
    task: str = ""
    payload: Any = None
    """Whatever the deployer put there: an object, a text that holds one, or nothing."""


class DeploymentStatus(Struct):
    state: str
    created_at: str
    environment: str | None = None


class DeploymentStatusEvent(Struct):
    deployment: Deployment
    deployment_status: DeploymentStatus
    repository: Repository


class WorkflowRun(Struct):
    id: int
    head_sha: str
    created_at: str
    updated_at: str
    name: str | None = None
    path: str | None = None
    head_branch: str | None = None
    conclusion: str | None = None
    run_attempt: int = 1
    run_started_at: str | None = None


class WorkflowRunEvent(Struct):
    action: str
    workflow_run: WorkflowRun
    repository: Repository
