"""From what a deployment brought to Datadog's shapes of it.

Not here: the deployment itself (`translate.py`).
"""

from msgspec import UNSET, UnsetType

from fairlead.dialects.datadog.changes_wire import (
    AveragedMetrics,
    CommitAuthor,
    CommitSeen,
    PullRequestSeen,
)
from fairlead.dialects.datadog.times import TimeStyle, to_wire
from fairlead.domain.changes import Commit, PullRequest
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.links import STAGES, DeploymentLead, LinkedCommit

_TIME_TO_DEPLOY = STAGES.index("time_to_deploy")


def seconds(ns: int | None) -> int | UnsetType:
    """Return a span for an answer, which leaves out what is absent.

    Whole, because the clients that know these fields declare integers, and refuse a deployment, or
    in Rust the whole list, for a single `600.0`.
    """
    return UNSET if ns is None else (ns + NS_PER_S // 2) // NS_PER_S


def averaged_metrics(lead: DeploymentLead) -> AveragedMetrics | UnsetType:
    """Return the averages over the commits of a deployment, if there are any."""
    stages = {name: seconds(ns) for name, ns in zip(STAGES, lead.stages_ns, strict=True)}
    averages = AveragedMetrics(change_lead_time=seconds(lead.average_ns), **stages)
    return UNSET if averages == AveragedMetrics() else averages


def commit_seen(link: LinkedCommit, commit: Commit, style: TimeStyle) -> CommitSeen:
    """Return a commit that a deployment brought."""
    lead = link.lead
    return CommitSeen(
        sha=commit.sha,
        timestamp=to_wire(commit.authored_at, style),
        author=CommitAuthor(commit.author.email),
        message=commit.subject,
        change_lead_time=seconds(None if lead is None else lead.lead_time_ns),
        time_to_deploy=seconds(None if lead is None else lead.stages_ns[_TIME_TO_DEPLOY]),
    )


def pull_request_seen(one: PullRequest, style: TimeStyle) -> PullRequestSeen:
    """Return a pull request whose commits a deployment brought."""
    return PullRequestSeen(
        number=one.number,
        title=one.title,
        created_at=to_wire(one.opened_at, style),
        merged_at=UNSET if one.merged_at is None else to_wire(one.merged_at, style),
        html_url=one.url or UNSET,
    )
