"""The shape of one deployment in Fairlead's own API, with everything derived from it.

Instants are RFC 3339, durations seconds. What has no value is null, so that a reader sees what
there could be.
"""

from typing import Any

from msgspec import Struct


class GateRuleSeen(Struct):
    name: str
    status: str
    dry_run: bool
    reason: str | None


class GateEvaluationSeen(Struct):
    id: str
    gate_id: str | None
    identifier: str
    status: str
    dry_run: bool
    started_at: str
    finished_at: str | None
    rules: list[GateRuleSeen]


class Previous(Struct):
    id: str
    commit_sha: str
    finished_at: str


class ChangeLeadTime(Struct):
    average_s: float | None
    min_s: float | None
    max_s: float | None
    reason: str | None


class Average(Struct):
    average_s: float | None


class Author(Struct):
    name: str
    email: str


class CommitSeen(Struct):
    sha: str
    authored_at: str
    author: Author
    subject: str
    lead_time_s: float | None
    stages: dict[str, float | None]
    pull_request: str | None


class CommitExcluded(Struct):
    sha: str
    reason: str


class PullRequestSeen(Struct):
    id: str
    number: int
    title: str
    url: str
    author: str
    state: str
    opened_at: str
    ready_at: str | None
    approved_at: str | None
    merged_at: str | None
    labels: tuple[str, ...]


class ChangeFailure(Struct):
    value: bool | None
    decided_by: str | None
    reason: str | None


class RemediationSeen(Struct):
    id: str | None
    type: str | None
    recovery_time_s: float | None


class FailureSeen(Struct):
    """A failure that the deployment may have caused."""

    id: str
    name: str | None
    started_at: str
    state: str
    """`caused`, `not_caused` or `undecided`."""


class FlagSeen(Struct):
    """References to a feature flag that came or went, in hunks of code."""

    project_key: str
    flag_key: str
    references_added: int
    references_removed: int


class DeploymentExplained(Struct):
    id: str
    service: str
    env: str | None
    team: str | None
    version: str | None
    repository_id: str | None
    commit_sha: str | None
    started_at: str
    finished_at: str
    source: str
    custom_tags: tuple[str, ...]
    deployment_type: str
    deployment_type_reason: str | None
    previous: Previous | None
    change_lead_time: ChangeLeadTime
    stages: dict[str, Average]
    number_of_commits: int | None
    commits: list[CommitSeen]
    excluded_commits: list[CommitExcluded]
    pull_requests: list[PullRequestSeen]
    flag_references: list[FlagSeen]
    gate_evaluations: list[GateEvaluationSeen]
    change_failure: ChangeFailure
    failures: list[FailureSeen]
    remediation: RemediationSeen | None
    pending: bool
    fact: Any
