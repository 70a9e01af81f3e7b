"""Events of the search tests as deployments and failures, stored, and what `match` expects of a page.

Not here: the events themselves (`search_examples`, `search_strategies`).
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Exclusion, Reason, Sha
from fairlead.domain.deployments import DeploymentType, Outcome, RemediationType, WholeDeployment
from fairlead.domain.failures import Failure
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.links import STAGES, Lead, Link, LinkedCommit, LinkSummary
from fairlead.domain.searchable import searchable_deployment, searchable_failure
from fairlead.search.match import matches
from fairlead.store import deployments, failures, finding, links, narrowing
from fairlead.store.engine import reading, writing
from fairlead.store.ledger import Ledger
from tests.factories import NOON, a_deployment, a_failure
from tests.search_examples import Event
from tests.search_strategies import COMMITS, PULL_REQUESTS

_organisations = itertools.count(1_000)


def a_new_organisation() -> OrgId:
    """Return an organisation that nothing is known about yet; it need not be on record."""
    return OrgId(next(_organisations))


@contextmanager
def every_way(tried_first: int, few: int) -> Iterator[None]:
    """Let a handful of rows take the ways that a million would: recent ones, few ones, many ones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finding, "TRIED_FIRST", tried_first)
        patch.setattr(finding, "TRIED_FOR_EACH", 0)
        patch.setattr(finding, "TRIED_FURTHER", 2)
        patch.setattr(narrowing, "FEW", few)
        patch.setattr(narrowing, "FEW_BY_INDEX", few)
        patch.setattr(narrowing, "FEW_TOGETHER", few)
        # How many are few stands in statements that are kept.
        finding.prepared.cache_clear()
        yield
    finding.prepared.cache_clear()


def deployment_of(event: Event, **changes: Any) -> WholeDeployment:
    """Return the deployment that an event tells of; one that says no duration took no time."""
    told: dict[str, Any] = dict(event)
    duration_ns = int(Decimal(told.get("duration", 0)) * NS_PER_S)
    started_at = told["started_at"].ns if "started_at" in told else NOON
    recovery_s, repaired_by = told.get("recovery_time_sec"), told.get("remediation.type")
    fact = a_deployment(
        **{name: told.get(name, "") for name in ("service", "env", "team", "version")},
        repository_id=told.get("git.repository_id", ""),
        commit_sha=told.get("git.commit_sha", ""),
        source=told.get("source", "api"),
        tags=tuple(told.get("tags", ())),
        started_at=started_at,
        finished_at=started_at + duration_ns,
        **changes,
    )
    outcome = Outcome(
        change_failure=told.get("change_failure"),
        deployment_type=DeploymentType(told.get("deployment_type", "standard")),
        remediation_type=None if repaired_by is None else RemediationType(repaired_by),
        recovery_time_ns=None if recovery_s is None else int(recovery_s) * NS_PER_S,
    )
    link = Link(deployment=fact.place, reason=None, commits=_commits_of(told)) if "commits" in told else None
    return WholeDeployment(
        fact=fact,
        outcome=outcome,
        link=_summary_of(link) if fact.commit_sha else LinkSummary(reason=Reason.NO_GIT),
        commits=() if link is None else link.commits,
    )


def _summary_of(link: Link | None) -> LinkSummary:
    if link is None:
        return LinkSummary()
    return LinkSummary(
        reason=link.reason,
        number_of_commits=link.number_of_commits,
        number_of_pull_requests=link.number_of_pull_requests,
    )


def _commits_of(told: Mapping[str, Any]) -> tuple[LinkedCommit, ...]:
    """Return the commits that an event tells, and left out each that others tell and this one does not."""
    nothing = Lead(lead_time_ns=None, stages_ns=(None,) * len(STAGES))
    pairs = itertools.zip_longest(told["commits"], told.get("pull_requests", ()))
    counted = [
        LinkedCommit(sha=Sha(sha), exclusion=None, pull_request=one, lead=nothing) for sha, one in pairs
    ]
    numbers = [number for number in PULL_REQUESTS if number not in told.get("pull_requests", ())]
    others = zip(
        itertools.cycle([*(sha for sha in COMMITS if sha not in told["commits"]), "f" * 40]), numbers
    )
    left_out = [
        LinkedCommit(sha=Sha(sha), exclusion=Exclusion.MERGE_COMMIT, pull_request=number, lead=None)
        for sha, number in others
    ]
    return (*counted, *left_out)


def failure_of(event: Event, **changes: Any) -> Failure:
    """Return a failure that has what an event tells; it is open where the event decided nothing."""
    told: dict[str, Any] = dict(event)
    started_at = told["started_at"].ns
    return a_failure(
        services=tuple(dict.fromkeys((told["service"], told["deployment_type"]))),
        **{name: told.get(name, "") for name in ("env", "team", "version")},
        name=told.get("version", ""),
        severity=told.get("env", ""),
        repository_id=told.get("git.repository_id", ""),
        commit_sha=told.get("git.commit_sha", ""),
        tags=tuple(told["tags"]),
        started_at=started_at,
        finished_at=told["finished_at"].ns if "change_failure" in told else None,
        **changes,
    )


def record_deployments(ledger: Ledger, known: Sequence[WholeDeployment]) -> None:
    """Store deployments with what became of them and what they brought."""
    with writing(ledger.engine) as transaction:
        deployments.put(transaction, [one.fact for one in known])
        for one in known:
            deployments.put_outcome(transaction, one.fact.org_id, one.fact.id, one.outcome)
        brought = ((one.fact.place, tuple(one.commits)) for one in known if one.commits)
        links.put(transaction, [Link(deployment=at, reason=None, commits=commits) for at, commits in brought])


def record_failures(ledger: Ledger, known: Sequence[Failure]) -> None:
    """Store failures."""
    with writing(ledger.engine) as transaction:
        for one in known:
            failures.put(transaction, one)


def found_deployments(ledger: Ledger, org_id: OrgId, page: deployments.Page) -> list[str]:
    """Return the ids of a page."""
    with reading(ledger.engine) as transaction:
        return [one.fact.id for one in deployments.find(transaction, org_id, page)]


def found_failures(ledger: Ledger, org_id: OrgId, page: failures.Page) -> list[str]:
    """Return the ids of a page."""
    with reading(ledger.engine) as transaction:
        return [one.id for one in failures.find(transaction, org_id, page)]


def expected_deployments(known: Sequence[WholeDeployment], page: deployments.Page) -> list[str]:
    """Return the ids that a page must have, told plainly."""
    kept = [
        one.fact
        for one in known
        if matches(page.where, searchable_deployment(one)) and _within(one.fact.finished_at, page)
    ]
    kept.sort(key=lambda fact: (getattr(fact, page.sort), fact.finished_at, fact.id), reverse=page.descending)
    return [fact.id for fact in kept[: page.limit]]


def expected_failures(known: Sequence[Failure], page: failures.Page) -> list[str]:
    """Return the ids that a page must have, told plainly."""
    kept = [
        one for one in known if matches(page.where, searchable_failure(one)) and _within(one.started_at, page)
    ]
    # What is still open ends last of all.
    kept.sort(
        key=lambda one: (
            (getattr(one, page.sort) is None, getattr(one, page.sort) or 0)
            if page.sort == "finished_at"
            else getattr(one, page.sort),
            one.started_at,
            one.id,
        ),
        reverse=page.descending,
    )
    return [one.id for one in kept[: page.limit]]


def _within(at: int, page: deployments.Page | failures.Page) -> bool:
    return (page.from_at is None or page.from_at <= at) and (page.until_at is None or at <= page.until_at)
