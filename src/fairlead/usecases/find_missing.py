"""Find what is missing: which metric of which service lacks what, and how many facts that concerns.

Only what somebody can mend is missing. A first deployment has no lead time, and a rollback brings no
commit: that is as it should be. Not here: what to do about it (`cli.doctor`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Reason, RepositoryId
from fairlead.domain.measured import Unmeasured
from fairlead.metrics.figures import Figures
from fairlead.search.parse import parse
from fairlead.store import pull_requests
from fairlead.store.engine import Transaction
from fairlead.usecases.measure_delivery import Question, measure_delivery


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
_PATIENCE_NS = 14 * 86_400 * 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Where to look."""

    org_id: OrgId
    from_at: int
    until_at: int


def find_missing(transaction: Transaction, looked: Looked) -> list[Gap]:
    """Return what is missing in a window, by service, the gaps that concern most facts first."""
    found = [
        *_of_lead_times(transaction, looked),
        *_of_services(transaction, looked),
        *_of_failures(transaction, looked),
    ]
    return sorted(found, key=lambda gap: (gap.service, -gap.facts, gap.metric, gap.missing))


def _of_lead_times(transaction: Transaction, looked: Looked) -> Iterator[Gap]:
    """Yield why deployments have no lead time; histories are those of repositories."""
    for values, figures in _figures(transaction, looked, ("service", "repository")):
        for code in _OF_COVERAGE:
            count = figures.coverage.excluded.get(code.value, 0)
            if count:
                yield _gap(values, LEAD_TIME, code, (count, figures.deployments))
        lead, repository = figures.change_lead_time, RepositoryId(values[1] or "")
        if lead is not None and not pull_requests.are_known(transaction, looked.org_id, repository):
            yield _gap(values, STAGES, Missing.NO_PULL_REQUESTS, (lead.deployments, lead.deployments))


def _of_services(transaction: Transaction, looked: Looked) -> Iterator[Gap]:
    for values, figures in _figures(transaction, looked, ("service",)):
        failed = 0 if figures.change_failure_rate is None else figures.change_failure_rate.counted
        recovered = 0 if figures.recovery_time is None else figures.recovery_time.count
        if failed > recovered:
            yield _gap(values, RECOVERY, Missing.NO_REMEDIATION, (failed - recovered, failed))
    for values, figures in _figures(transaction, looked, ("service",), "-version:* -commit_sha:*"):
        if figures.deployments:
            count = figures.deployments
            yield _gap(values, FAILURES, Missing.NO_VERSION, (count, count))


def _of_failures(transaction: Transaction, looked: Looked) -> Iterator[Gap]:
    """Yield failures that nobody ended."""
    settled = Looked(org_id=looked.org_id, from_at=looked.from_at, until_at=looked.until_at - _PATIENCE_NS)
    if settled.until_at <= settled.from_at:
        return
    for values, figures in _figures(transaction, settled, ("service",)):
        ended = 0 if figures.time_to_restore is None else figures.time_to_restore.count
        if figures.failures > ended:
            yield _gap(values, RESTORE, Missing.NEVER_ENDED, (figures.failures - ended, figures.failures))


def _figures(
    transaction: Transaction, looked: Looked, keys: tuple[str, ...], query: str = ""
) -> Iterator[tuple[tuple[str | None, ...], Figures]]:
    question = Question(
        org_id=looked.org_id,
        from_at=looked.from_at,
        until_at=looked.until_at,
        where=parse(query),
        group_by=keys,
    )
    for group in measure_delivery(transaction, question).groups:
        yield group.values, group.summary


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
