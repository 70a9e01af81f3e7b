"""Failures: something broke in production, and later was whole again.

Not here: which deployment caused it, and how any vendor spells it (some say incident).
"""

from typing import NewType

from msgspec import Struct
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import require_instant

FailureId = NewType("FailureId", str)


class Failure(Struct, frozen=True, kw_only=True):
    """The fact. Texts are empty where the sender gave none."""

    org_id: OrgId
    id: FailureId
    named_by_caller: bool
    """True when `id` is the caller's own, False when it follows from the content."""
    started_at: int
    finished_at: int | None = None
    """None while it is still open. Never earlier than `started_at`."""
    services: tuple[str, ...] = ()
    """In the order sent, each once. `services` and `team` are never both empty."""
    team: str = ""
    env: str = ""
    version: str = ""
    name: str = ""
    severity: str = ""
    repository_id: str = ""
    repository_url: str = ""
    """The address as it was spelled, without credentials."""
    commit_sha: str = ""
    tags: tuple[str, ...] = ()
    source: str = "api"
    received_at: int = 0
    fact: str = "{}"

    def __post_init__(self) -> None:
        require_instant(self.started_at, "started_at")
        if not self.services and not self.team:
            detail = 'attribute "services" or "team" is required'
            raise Rejected(detail, field="services")
        if self.finished_at is None:
            return
        require_instant(self.finished_at, "finished_at")
        if self.finished_at < self.started_at:
            detail = 'attribute "finished_at" is earlier than "started_at"'
            raise Rejected(detail, field="finished_at")

    @property
    def duration_ns(self) -> int | None:
        """From start to end; None while it is open."""
        return None if self.finished_at is None else self.finished_at - self.started_at


def same_failure_key(failure: Failure) -> tuple[str, tuple[str, ...], str, int]:
    """Return what two parts of one failure have in common.

    Source: Datadog's documentation matches a start and its end by environment, services and
    start; the team stands in where no service is named.
    """
    services = tuple(sorted(failure.services))
    return failure.env, services, "" if services else failure.team, failure.started_at


def told_again(earlier: Failure, later: Failure) -> Failure:
    """Return the failure as it stands after `later` was told about the one in `earlier`.

    Two parts, one open and one ended, become one: what `later` says wins, where it is silent
    `earlier` stands, and a start sent again after the end does not open the failure anew. Two of
    a kind are a correction: `later` replaces `earlier`. Either way the id is that of `later`.
    """
    of_a_kind = (earlier.finished_at is None) == (later.finished_at is None)
    if of_a_kind or earlier.started_at != later.started_at:
        return later
    texts = ("team", "env", "version", "name", "severity", "repository_id", "repository_url", "commit_sha")
    return replace(
        later,
        finished_at=earlier.finished_at if later.finished_at is None else later.finished_at,
        services=later.services or earlier.services,
        tags=later.tags or earlier.tags,
        **{text: getattr(later, text) or getattr(earlier, text) for text in texts},
    )
