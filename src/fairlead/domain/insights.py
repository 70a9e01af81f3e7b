"""What is in a deployment: attempts and deployments as lists show them, with their way and what came.

Lead time of one deployment is that of its first commit, from its making to the deployment's end, cut
where its pull request was opened and merged and where the deployment started. Without a pull request
everything before the start is waiting. Source: LaunchDarkly's documentation of lead time; that it is the
first commit which counts fits its text "from first commit to deployment end". Not here: averages over
many (`metrics`).
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.attempts import AttemptKind, AttemptStatus
from fairlead.domain.changes import PullRequestState
from fairlead.domain.deployments import DeploymentType

_PULL_REQUESTS = UUID("b7a1f0c2-3c7e-5d1f-8a4e-2f6f5a0c9d44")
_REPOSITORIES = UUID("f1c7a8be-0a37-5c53-9b0b-8d0f1f5b6a12")

KINDS = {
    DeploymentType.STANDARD: AttemptKind.DEPLOYMENT,
    DeploymentType.ROLLBACK: AttemptKind.ROLLBACK,
    DeploymentType.ROLLFORWARD: AttemptKind.ROLLFORWARD,
}
"""What a deployment is in lists of attempts, unless somebody or its series says otherwise."""

DEPLOYED = "deployed"
STATUSES = (*(state.value for state in PullRequestState), DEPLOYED)
"""Of a pull request in lists: where it stands, or that it reached an environment."""


class LeadStages(Struct, frozen=True, kw_only=True):
    """The way of a first commit, in nanoseconds; the four add up to the whole."""

    coding_ns: int
    review_ns: int | None
    """None without a pull request."""
    wait_ns: int
    deploy_ns: int

    @property
    def total_ns(self) -> int:
        """From the first commit to the end."""
        return self.coding_ns + (self.review_ns or 0) + self.wait_ns + self.deploy_ns


class Contents(Struct, frozen=True, kw_only=True):
    """What a deployment brought."""

    pull_requests: int = 0
    contributors: int = 0
    """Authors of the measured commits, by their email address."""
    lines_added: int = 0
    lines_deleted: int = 0
    stages: LeadStages | None = None


NOTHING: Final = Contents()


class Listed(Struct, frozen=True, kw_only=True):
    """An attempt, finished or not, or a deployment that was told as a whole."""

    id: str
    uuid: str
    application: str
    version: str
    env: str
    status: AttemptStatus
    kind: AttemptKind
    started_at: int
    ended_at: int | None
    archived: bool = False
    metadata: Mapping[str, Any] = {}
    repository_id: str = ""
    commit_sha: str = ""
    lead_time_ns: int | None = None
    """Of its first commit; None where there is none to measure."""
    contents: Contents = NOTHING

    @property
    def at(self) -> int:
        """What it is listed by: its end, or its start while it runs."""
        return self.started_at if self.ended_at is None else self.ended_at


class Territory(Struct, frozen=True, kw_only=True):
    """What part of an organisation a question is about. Empty texts and lists mean all."""

    org_id: OrgId
    project_key: str = ""
    env: str = ""
    applications: tuple[str, ...] = ()


Cursor = tuple[int, str]
"""Where a page begins or ends: by what an attempt is listed, and its id."""


class InsightGroup(Struct, frozen=True, kw_only=True):
    """Part of an organisation whose scores somebody looks at together."""

    org_id: OrgId
    key: str
    name: str
    project_key: str
    env: str
    applications: tuple[str, ...] | None
    """None means all of them."""
    created_at: int


class ListPage(Struct, frozen=True, kw_only=True):
    """Which attempts are asked for; newest first."""

    territory: Territory
    from_at: int
    """Inclusive, compared with the end, or the start of what runs."""
    until_at: int
    """Inclusive."""
    kind: AttemptKind | None = None
    status: AttemptStatus | None = None
    after: Cursor | None = None
    """The last of the page before."""
    before: Cursor | None = None
    """The first of the page after. Of the two at most one."""
    limit: int


class PullKey(Struct, frozen=True, order=True):
    """Names a pull request of an organisation."""

    repository_id: str
    number: int

    def uuid(self, org_id: OrgId) -> str:
        """Return the UUID that stands for it."""
        return str(uuid5(_PULL_REQUESTS, f"{org_id}/{self.repository_id}#{self.number}"))


class Pull(Struct, frozen=True, kw_only=True):
    """A pull request as lists show it. Texts are empty and numbers 0 where nobody told."""

    key: PullKey
    title: str
    state: PullRequestState
    author: str
    url: str
    opened_at: int
    merged_at: int | None
    base_sha: str
    head_sha: str
    merge_sha: str
    files_changed: int
    lines_added: int
    lines_deleted: int


class PullDeployed(Struct, frozen=True, kw_only=True):
    """A pull request that reached an environment."""

    key: PullKey
    deployment_id: str
    started_at: int
    finished_at: int
    lead_time_ns: int
    """Of its first commit."""


class PullsAsked(Struct, frozen=True, kw_only=True):
    """Which pull requests are asked for."""

    territory: Territory
    from_at: int
    """Inclusive, compared with the merge, or the opening of what is not merged."""
    until_at: int
    status: str = ""
    """One of `STATUSES`, or empty: `deployed` is what reached the environment, or any where none is named."""
    text: str = ""
    """Part of a title or an author, in whatever case."""
    by_lead_time: bool = False
    """Whether in order of lead time, otherwise of the merge or opening."""
    descending: bool = True


class PullPlace(Struct, frozen=True, kw_only=True):
    """Where a pull request stands in a list, told by what the list is ordered by."""

    key: PullKey
    at: int
    """Its merge, or its opening while it is not merged."""
    lead_time_ns: int | None = None
    """None where the list is in another order, or it has none."""


class PullLead(Struct, frozen=True, kw_only=True):
    """How long a pull request took on its way to an environment, over all deployments that brought it."""

    coding_ns: int
    review_ns: int | None
    waits_ns: tuple[int, ...]
    deploys_ns: tuple[int, ...]
    totals_ns: tuple[int, ...]


def repository_uuid(org_id: OrgId, repository_id: str) -> str:
    """Return the UUID that stands for a repository."""
    return str(uuid5(_REPOSITORIES, f"{org_id}/{repository_id}"))


def lead_stages(
    first_at: int, opened_at: int | None, merged_at: int | None, started_at: int, finished_at: int
) -> LeadStages:
    """Return the way of a first commit; each part begins where the one before ended, whatever clocks say.

    `opened_at` and `merged_at` are None without a pull request.
    """
    start = _between(first_at, started_at, finished_at)
    if opened_at is None:
        coding, review, waiting_since = 0, None, first_at
    else:
        opened = _between(first_at, opened_at, start)
        waiting_since = start if merged_at is None else _between(opened, merged_at, start)
        coding, review = opened - first_at, waiting_since - opened
    return LeadStages(
        coding_ns=coding,
        review_ns=review,
        wait_ns=start - waiting_since,
        deploy_ns=finished_at - start,
    )


def pull_lead(pull: Pull, reached: list[PullDeployed]) -> PullLead | None:
    """Return how long a pull request took; None while it has reached nothing."""
    if not reached:
        return None
    ways = [
        lead_stages(
            one.finished_at - one.lead_time_ns,
            pull.opened_at,
            pull.merged_at,
            one.started_at,
            one.finished_at,
        )
        for one in reached
    ]
    # What was deployed first shows when it was coded and reviewed.
    first = ways[min(range(len(reached)), key=lambda place: reached[place].finished_at)]
    return PullLead(
        coding_ns=first.coding_ns,
        review_ns=first.review_ns,
        waits_ns=tuple(one.wait_ns for one in ways),
        deploys_ns=tuple(one.deploy_ns for one in ways),
        totals_ns=tuple(one.total_ns for one in ways),
    )


def _between(least: int, at: int, most: int) -> int:
    return max(least, min(at, most))
