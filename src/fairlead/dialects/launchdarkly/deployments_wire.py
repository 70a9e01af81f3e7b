"""Shapes of deployment events, deployments and pull requests.

Source: `ld-openapi.json` of `launchdarkly/ldcli`, version 2.0. Integers alone where the document says so:
the Python client refuses a float, `0.0` included.
"""

from typing import Any, Literal

from msgspec import Struct, field

from fairlead.dialects.launchdarkly.wire import PageLinks


class DeploymentEvent(Struct, rename="camel"):
    project_key: str
    environment_key: str
    application_key: str
    version: str
    event_type: Literal["started", "failed", "finished", "custom"]
    application_name: str | None = None
    application_kind: Literal["server", "browser", "mobile"] | None = None
    version_name: str | None = None
    event_time: int | str | None = None
    """Milliseconds since 1970; also in quotes, as the documentation's own examples have it."""
    event_metadata: Any = None
    """Any JSON: the deployment-events action passes on what its user gave, be it an array."""
    deployment_metadata: dict[str, Any] | None = None


class FlagReference(Struct, rename="camel"):
    project_key: str
    flag_key: str
    references_added: int
    references_removed: int


class FlagReferences(Struct, rename="camel"):
    total_count: int
    items: list[FlagReference]


class LeadTimeStages(Struct, rename="camel", omit_defaults=True):
    coding_duration_ms: int
    review_duration_ms: int | None = None
    wait_duration_ms: int | None = None
    deploy_duration_ms: int | None = None
    total_lead_time_ms: int | None = None


class PullRequestLeadTime(Struct, rename="camel", omit_defaults=True):
    coding_duration_ms: int
    review_duration_ms: int | None = None
    max_wait_duration_ms: int | None = None
    avg_wait_duration_ms: int | None = None
    max_deploy_duration_ms: int | None = None
    avg_deploy_duration_ms: int | None = None
    max_total_lead_time_ms: int | None = None
    avg_total_lead_time_ms: int | None = None


class Deployment(Struct, rename="camel", omit_defaults=True):
    id: str
    application_key: str
    application_version: str
    environment_key: str
    started_at: int
    status: str
    kind: str
    active: bool
    archived: bool
    number_of_contributors: int
    number_of_pull_requests: int
    lines_added: int
    lines_deleted: int
    lead_time: int
    ended_at: int | None = None
    duration_ms: int | None = None
    metadata: dict[str, Any] | None = None
    pull_requests: "PullRequests | None" = None
    flag_references: FlagReferences | None = None
    lead_time_stages: LeadTimeStages | None = None


class Deployments(Struct, rename="camel", omit_defaults=True):
    total_count: int
    items: list[Deployment]
    links: PageLinks | None = field(default=None, name="_links")


class PullRequest(Struct, rename="camel", omit_defaults=True):
    id: str
    external_id: str
    title: str
    status: str
    author: str
    create_time: int
    base_commit_key: str
    head_commit_key: str
    files_changed: int
    lines_added: int
    lines_deleted: int
    url: str
    merge_time: int | None = None
    merge_commit_key: str | None = None
    deployments: Deployments | None = None
    flag_references: FlagReferences | None = None
    lead_time: PullRequestLeadTime | None = None


class PullRequests(Struct, rename="camel", omit_defaults=True):
    total_count: int
    items: list[PullRequest]
    links: PageLinks | None = field(default=None, name="_links")
