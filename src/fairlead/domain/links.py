"""Links: which commits a deployment brought, and how long each of them took.

Derived from deployments, commits and pull requests, never told. Not here: working them out
(`metrics.lead_time`, `usecases.link_deployments`).
"""

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Exclusion, Reason, Sha

STAGES = ("time_to_pr_ready", "review_time", "merge_time", "time_to_deploy", "deploy_time")
"""The stages of change lead time, in their order on the way to production."""
UNCOUNTED = frozenset(
    {
        Reason.NO_GIT,
        Reason.COMMIT_UNKNOWN,
        Reason.FIRST_DEPLOYMENT,
        Reason.GAP_OVER_60_DAYS,
        Reason.PREVIOUS_COMMIT_UNKNOWN,
    }
)
"""Reasons for which there is nothing to compare with. With the others no commit was left to measure."""


class Lead(Struct, frozen=True, kw_only=True):
    """How long one commit took, in nanoseconds."""

    lead_time_ns: int | None
    """None where the commit claims to be younger than its deployment's end."""
    stages_ns: tuple[int | None, ...]
    """In the order of `STAGES`. Where a commit is older than both the ready mark and the approval
    they add up to the lead time; otherwise some are absent or reach back before the commit."""


class DeploymentLead(Struct, frozen=True, kw_only=True):
    """How long the commits of one deployment took, in nanoseconds; None where none has the value."""

    average_ns: int | None = None
    shortest_ns: int | None = None
    longest_ns: int | None = None
    stages_ns: tuple[int | None, ...] = (None,) * len(STAGES)
    """Averages, in the order of `STAGES`, each over the commits that have that stage."""


class Deployed(Struct, frozen=True, kw_only=True):
    """A deployment as far as its place among others matters."""

    org_id: OrgId
    id: str
    service: str
    env: str
    repository_id: str
    commit_sha: Sha
    """Empty without git."""
    started_at: int
    finished_at: int
    version: str = ""

    @property
    def key(self) -> tuple[OrgId, str]:
        """What it is stored under."""
        return self.org_id, self.id


class LinkedCommit(Struct, frozen=True, kw_only=True):
    """A commit that came with a deployment."""

    sha: Sha
    exclusion: Exclusion | None
    """Why it is not measured; None where it is."""
    pull_request: int | None
    lead: Lead | None
    """None exactly where it is not measured."""


class Brought(Struct, frozen=True, kw_only=True):
    """What the measured commits of a deployment come to. Numbers are 0 where nobody told."""

    contributors: int = 0
    """Their authors, by email address."""
    lines_added: int = 0
    """Of the pull requests they belong to, as is the next."""
    lines_deleted: int = 0
    opened_at: int | None = None
    """When the pull request of the first of them was opened; None without one."""
    merged_at: int | None = None
    """When that was merged."""


class Link(Struct, frozen=True, kw_only=True):
    """What a deployment brought, worked out anew."""

    deployment: Deployed
    reason: Reason | None
    lead: DeploymentLead = DeploymentLead()
    commits: tuple[LinkedCommit, ...] = ()
    """Newest first."""
    brought: Brought = Brought()

    @property
    def number_of_commits(self) -> int | None:
        """How many commits are measured; None where nobody can tell what came."""
        if self.reason in UNCOUNTED:
            return None
        return sum(commit.exclusion is None for commit in self.commits)

    @property
    def number_of_pull_requests(self) -> int | None:
        """How many pull requests the measured commits belong to; None where nobody can tell."""
        if self.reason in UNCOUNTED:
            return None
        return len({one.pull_request for one in self.commits if one.exclusion is None} - {None})


class LinkSummary(Struct, frozen=True, kw_only=True):
    """What is kept on a deployment itself about the commits it brought."""

    reason: Reason | None = None
    number_of_commits: int | None = None
    """Measured commits; None where it cannot be told (`reason`), or was not worked out yet."""
    number_of_pull_requests: int | None = None
    lead: DeploymentLead = DeploymentLead()
    brought: Brought = Brought()
