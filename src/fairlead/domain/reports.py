"""Reports: what one event of a Git host tells, and how reports add up to one pull request.

Events are lost, repeated and overtaken. So every fact carries the host's clock of the report that
told it, and of two the later one stands: whatever order reports arrive in, and however often, they
add up to the same. Not here: which event tells what (`dialects`), and where the sum is kept.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple, Self

import msgspec
from msgspec import UNSET, Struct, UnsetType, field
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Approval, CommitsOf, PullRequest, PullRequestState, RepositoryId
from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.flag_changes import FlagReport
from fairlead.domain.signals import Incident, Signal

EVERYBODY = ""
"""Stands for the reviewer where a host withdraws the approvals of all of them."""
_NEVER = 0


class Opinion(StrEnum):
    """What a review says, from the weakest to the strongest of two at the same instant."""

    COMMENTED = "commented"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    WITHDRAWN = "withdrawn"
    """The reviewer, or somebody in their place, took it back."""


_STRENGTH = {opinion: strength for strength, opinion in enumerate(Opinion)}
_UNDOING = frozenset({Opinion.CHANGES_REQUESTED, Opinion.WITHDRAWN})


class Review(NamedTuple):
    """What somebody thought of a pull request at an instant."""

    reviewer: str
    at: int
    opinion: Opinion


class PullRequestReport(Struct, frozen=True, kw_only=True):
    """What one event tells of a pull request. What it does not tell is unset.

    The fields with names of `PullRequest` mean the same there.
    """

    org_id: OrgId
    repository_id: RepositoryId
    number: int
    updated_at: int
    """The host's clock: when the pull request was last changed before this was told."""
    opened_at: int
    title: str
    url: str | UnsetType = UNSET
    author: str | UnsetType = UNSET
    state: PullRequestState | UnsetType = UNSET
    base_branch: str | UnsetType = UNSET
    head_branch: str | UnsetType = UNSET
    labels: tuple[str, ...] | UnsetType = UNSET
    closed_at: int | UnsetType | None = UNSET
    """None tells that it is open."""
    merged_at: int | UnsetType = UNSET
    base_sha: str | UnsetType = UNSET
    head_sha: str | UnsetType = UNSET
    merge_sha: str | UnsetType = UNSET
    commits: int | UnsetType = UNSET
    lines_added: int | UnsetType = UNSET
    lines_deleted: int | UnsetType = UNSET
    files_changed: int | UnsetType = UNSET
    is_draft: bool = False
    marked_ready: bool = False
    """Whether this is the report of its being marked ready for review, at `updated_at`."""
    reviews: tuple[Review, ...] = ()


class DeploymentStart(Struct, frozen=True, kw_only=True):
    """The start of a deployment that a host tells apart from its end."""

    org_id: OrgId
    id: DeploymentId
    started_at: int


Fact = PullRequestReport | CommitsOf | Deployment | DeploymentStart | FlagReport | Signal | Incident
"""What an event that is delivered can tell."""


class Dated(NamedTuple):
    """A fact, and the clock of the report that told it; 0 for what nobody told."""

    told_at: int
    value: Any


_UNTOLD: dict[str, Any] = {
    "opened_at": 0,
    "title": "",
    "url": "",
    "author": "",
    "state": PullRequestState.OPEN,
    "base_branch": "",
    "head_branch": "",
    "labels": (),
    "closed_at": None,
    "merged_at": None,
    "base_sha": "",
    "head_sha": "",
    "merge_sha": "",
    "commits": None,
    "lines_added": None,
    "lines_deleted": None,
    "files_changed": None,
}
"""Every fact that may be told anew, with what stands for it until somebody told."""
FACTS = tuple(_UNTOLD)
_RANK = {PullRequestState.OPEN: 0, PullRequestState.CLOSED: 1, PullRequestState.MERGED: 2}


class Account(Struct, frozen=True, kw_only=True):
    """All that reports told of one pull request so far, its reviews apart."""

    org_id: OrgId
    repository_id: RepositoryId
    number: int
    facts: Mapping[str, Dated] = field(
        default_factory=lambda: {name: Dated(_NEVER, value) for name, value in _UNTOLD.items()}
    )
    """One entry for each of `FACTS`."""
    drafted_at: int | None = None
    """When it was last known to be a draft."""
    marked_ready_at: int | None = None
    """When it was last marked ready for review."""

    @classmethod
    def of(cls, report: PullRequestReport) -> Self:
        """Return what one report tells."""
        empty = cls(org_id=report.org_id, repository_id=report.repository_id, number=report.number)
        return empty.with_report(report)

    @property
    def updated_at(self) -> int:
        """The latest clock of all reports."""
        return max(fact.told_at for fact in self.facts.values())

    @property
    def ready_at(self) -> int | None:
        """When it was last marked ready; its opening if it never was a draft; None while a draft."""
        if self.drafted_at is None:
            opened_at: int = self.facts["opened_at"].value
            return opened_at if self.marked_ready_at is None else self.marked_ready_at
        if self.marked_ready_at is None or self.marked_ready_at < self.drafted_at:
            return None
        return self.marked_ready_at

    def with_report(self, report: PullRequestReport) -> Self:
        """Return the account as it stands once `report` was told too."""
        told = {name: Dated(report.updated_at, getattr(report, name)) for name in FACTS}
        newer = {
            name: fact
            for name, fact in told.items()
            if fact.value is not UNSET and _outranks(name, fact, self.facts[name])
        }
        at = report.updated_at
        return replace(
            self,
            facts={**self.facts, **newer},
            drafted_at=_later(self.drafted_at, at) if report.is_draft else self.drafted_at,
            marked_ready_at=_later(self.marked_ready_at, at) if report.marked_ready else self.marked_ready_at,
        )

    def pull_request(self, reviews: Iterable[Review]) -> PullRequest:
        """Return the pull request that the account and its reviews add up to."""
        return PullRequest(
            org_id=self.org_id,
            repository_id=self.repository_id,
            number=self.number,
            ready_at=self.ready_at,
            approvals=standing_approvals(reviews),
            updated_at=self.updated_at,
            **{name: fact.value for name, fact in self.facts.items()},
        )


def stronger(one: Review, other: Review) -> Review:
    """Return which of two reviews by one reviewer at one instant stands."""
    return max(one, other, key=lambda review: _STRENGTH[review.opinion])


def standing_approvals(reviews: Iterable[Review]) -> tuple[Approval, ...]:
    """Return the approvals that nobody took back, in order of time.

    A reviewer takes an approval back by withdrawing it or by requesting changes later; what was
    withdrawn for everybody is gone for each. A later approval counts again.
    """
    given = sorted(reviews, key=lambda review: (review.at, review.reviewer))
    undone = {review.reviewer: review.at for review in given if review.opinion in _UNDOING}
    everybody = undone.get(EVERYBODY, _NEVER)
    return tuple(
        Approval(reviewer=review.reviewer, at=review.at)
        for review in given
        if review.opinion is Opinion.APPROVED
        and review.at > max(everybody, undone.get(review.reviewer, _NEVER))
    )


def _outranks(name: str, mine: Dated, other: Dated) -> bool:
    """Tell whether `mine` stands against `other`: it was told later, or is final.

    A merge is final. Clocks of hosts tick in seconds, so two reports of one tick are common; then
    what is further on or says more stands, so that their order does not matter.
    """
    if name == "state":
        merged = PullRequestState.MERGED
        return _state_rank(mine, merged) > _state_rank(other, merged)
    return (mine.told_at, *_weight(mine.value)) > (other.told_at, *_weight(other.value))


def _state_rank(fact: Dated, final: PullRequestState) -> tuple[bool, int, int]:
    return fact.value is final, fact.told_at, _RANK[fact.value]


def _weight(value: Any) -> tuple[int, bytes]:
    encoded = msgspec.json.encode(value)
    return len(encoded), encoded


def _later(one: int | None, other: int) -> int:
    return other if one is None else max(one, other)
