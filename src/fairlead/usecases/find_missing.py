"""Find what is missing: which metric of which service lacks what, and how many facts that concerns.

Only what somebody can mend is missing. A first deployment has no lead time, and a rollback brings no
commit: that is as it should be. Not here: what to do about it (`cli.doctor`).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Reason, RepositoryId
from fairlead.domain.measured import Noun, Unmeasured
from fairlead.metrics.gap_counts import DeploymentCounts, deployment_counts, failure_counts
from fairlead.metrics.groups import Values
from fairlead.search.parse import parse
from fairlead.search.tree import Everything, Node
from fairlead.store import pull_requests
from fairlead.store.engine import Transaction
from fairlead.usecases.measure_delivery import Question, facts_asked_about, remembering


class Missing(StrEnum):
    """What is missing; most of them are reason codes of the coverage."""

    NO_GIT = Reason.NO_GIT.value
    COMMIT_UNKNOWN = Reason.COMMIT_UNKNOWN.value
    PREVIOUS_COMMIT_UNKNOWN = Reason.PREVIOUS_COMMIT_UNKNOWN.value
    NO_COMMIT_IN_PATHS = Reason.NO_COMMIT_IN_PATHS.value
    PENDING = Unmeasured.PENDING.value
    COMMITS_AFTER_DEPLOYMENT = Unmeasured.COMMITS_AFTER_DEPLOYMENT.value
    NO_PULL_REQUESTS = "no_pull_requests"
    """Nobody told of any in its repository, so lead times have no stages of review."""
    NO_REMEDIATION = "no_remediation"
    """Deployments failed, and nobody knows what repaired them."""
    NO_VERSION = "no_version"
    """Without a version and a commit no rollback can be seen."""
    NEVER_ENDED = "never_ended"
    """Failures that began more than two weeks ago are still open."""


LEAD_TIME = "change lead time"
STAGES = "stages"
FAILURES = "change failure rate"
RECOVERY = "recovery time"
RESTORE = "time to restore"
_OF_COVERAGE = tuple(Missing)[:6]
_ALL = Everything()
_PATIENCE_NS = 14 * 86_400 * 10**9


class Gap(Struct, frozen=True, kw_only=True):
    """Something that one metric of one service lacks."""

    service: str
    """Empty for a failure of none."""
    repository_id: str
    """Empty where it has none, or where it does not matter."""
    metric: str
    missing: Missing
    facts: int
    """How many deployments, or failures, have no value for it."""
    of: int
    """How many the metric looked at."""


class Looked(Struct, frozen=True, kw_only=True):
    """Where to look."""

    org_id: OrgId
    from_at: int
    until_at: int


def find_missing(transaction: Transaction, looked: Looked) -> list[Gap]:
    """Return what is missing in a window, by service, the gaps that concern most facts first."""
    counted, gaps = remembering(
        transaction, _question(looked), "missing", lambda: _in_facts(transaction, looked), _size
    )
    found = [*_of_lead_times(transaction, looked, counted), *gaps]
    return sorted(found, key=lambda gap: (gap.service, -gap.facts, gap.metric, gap.missing))


def _in_facts(transaction: Transaction, looked: Looked) -> tuple["_Counted", Sequence[Gap]]:
    """Return what deployments and failures say by themselves, whatever is known beside them."""
    facts = facts_asked_about(transaction, _question(looked))
    counted = list(deployment_counts(facts, ("service", "repository")))
    gaps = [*_of_repairs(counted), *_of_versions(transaction, looked), *_of_failures(transaction, looked)]
    return counted, gaps


def _size(found: tuple["_Counted", Sequence[Gap]]) -> int:
    counted, gaps = found
    return len(counted) + len(gaps)


_Counted = Sequence[tuple[Values, DeploymentCounts]]


def _of_lead_times(transaction: Transaction, looked: Looked, counted: _Counted) -> Iterator[Gap]:
    """Yield why deployments have no lead time; histories are those of repositories."""
    for values, counts in counted:
        for code in _OF_COVERAGE:
            count = counts.coverage.excluded.get(code.value, 0)
            if count:
                yield _gap(values, LEAD_TIME, code, (count, counts.deployments))
        lead, repository = counts.coverage.with_lead_time, RepositoryId(values[1] or "")
        if lead and not pull_requests.are_known(transaction, looked.org_id, repository):
            yield _gap(values, STAGES, Missing.NO_PULL_REQUESTS, (lead, lead))


def _of_repairs(counted: _Counted) -> Iterator[Gap]:
    failed, repaired = Counter[str | None](), Counter[str | None]()
    for (service, _), counts in counted:
        failed[service] += counts.failed
        repaired[service] += counts.repaired
    for service, count in failed.items():
        if count > repaired[service]:
            yield _gap((service,), RECOVERY, Missing.NO_REMEDIATION, (count - repaired[service], count))


def _of_versions(transaction: Transaction, looked: Looked) -> Iterator[Gap]:
    facts = facts_asked_about(transaction, _question(looked, parse("-version:* -commit_sha:*")))
    for values, counts in deployment_counts(facts, ("service",)):
        yield _gap(values, FAILURES, Missing.NO_VERSION, (counts.deployments, counts.deployments))


def _of_failures(transaction: Transaction, looked: Looked) -> Iterator[Gap]:
    """Yield failures that nobody ended."""
    settled = Looked(org_id=looked.org_id, from_at=looked.from_at, until_at=looked.until_at - _PATIENCE_NS)
    if settled.until_at <= settled.from_at:
        return
    facts = facts_asked_about(transaction, _question(settled), Noun.FAILURES)
    for values, (count, ended) in failure_counts(facts, ("service",)):
        if count > ended:
            yield _gap(values, RESTORE, Missing.NEVER_ENDED, (count - ended, count))


def _question(looked: Looked, where: Node = _ALL) -> Question:
    return Question(org_id=looked.org_id, from_at=looked.from_at, until_at=looked.until_at, where=where)


def _gap(values: tuple[str | None, ...], metric: str, missing: Missing, counts: tuple[int, int]) -> Gap:
    service, repository, *_ = (*values, None)
    facts, of = counts
    return Gap(
        service=service or "",
        repository_id=repository or "",
        metric=metric,
        missing=missing,
        facts=facts,
        of=of,
    )
