"""The shapes of what a deployment brought, in Datadog's DORA Metrics API.

Its specification lacks them; its newer clients and its live answers have them. Spans are whole seconds.
An absent attribute is left out rather than null.
"""

from msgspec import UNSET, Struct, UnsetType


class AveragedMetrics(Struct, omit_defaults=True):
    """Seconds, each the average over the commits that have it."""

    change_lead_time: int | UnsetType = UNSET
    time_to_pr_ready: int | UnsetType = UNSET
    review_time: int | UnsetType = UNSET
    merge_time: int | UnsetType = UNSET
    time_to_deploy: int | UnsetType = UNSET
    deploy_time: int | UnsetType = UNSET


class CommitAuthor(Struct):
    email: str


class CommitSeen(Struct, omit_defaults=True):
    sha: str
    timestamp: str | int
    author: CommitAuthor
    message: str
    change_lead_time: int | UnsetType = UNSET
    time_to_deploy: int | UnsetType = UNSET


class PullRequestSeen(Struct, omit_defaults=True):
    number: int
    title: str
    created_at: str | int
    merged_at: str | int | UnsetType = UNSET
    html_url: str | UnsetType = UNSET
