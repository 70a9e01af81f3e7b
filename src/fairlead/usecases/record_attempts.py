"""Record events of attempts, as many as arrive together, and what they add up to.

All that follows is written in the same transaction: whoever asks next sees it. A finished attempt is
recorded as a deployment, like one that was told as a whole. Not here: how events add up
(`domain.attempts`).
"""

from collections.abc import Iterable, Sequence
from functools import reduce

import msgspec

from fairlead.domain.access import OrgId
from fairlead.domain.attempts import (
    Attempt,
    AttemptEvent,
    AttemptStatus,
    Series,
    attempts_of,
    corrected,
)
from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.errors import FairleadError, Rejected
from fairlead.domain.instants import NS_PER_MS, NS_PER_S
from fairlead.domain.versions import sha_prefix
from fairlead.store import attempts, places, territories, work
from fairlead.store.attempts import NO_COMMIT, Kept
from fairlead.store.engine import Transaction
from fairlead.store.holding import hold_facts
from fairlead.store.territories import Application
from fairlead.store.work import Item, Kind
from fairlead.usecases.delete_deployments import DeploymentNamed, withdraw_deployment
from fairlead.usecases.match_versions import Repositories, commit_of, repositories_of
from fairlead.usecases.record_deployments import record_deployments

SOURCE = "launchdarkly"
_SOON_NS = 5 * NS_PER_S
_encode = msgspec.json.Encoder().encode


def record_attempts(transaction: Transaction, told: Sequence[AttemptEvent]) -> list[FairleadError | None]:
    """Record each event; `Rejected` where its project or environment is not known."""
    refusals = _refusals(transaction, told)
    kept = [event for event, refusal in zip(told, refusals, strict=True) if refusal is None]
    if kept:
        series = {event.series.id: event.series for event in kept}
        hold_series(transaction, series.values())
        attempts.add_events(transaction, kept)
        territories.note_applications(transaction, map(_application, kept))
        now = max(one.received_at for one in kept)
        settle(transaction, [series[id] for id in sorted(series)], now)
        _ask_to_match(transaction, series.values(), now)
    return refusals


def hold_series(transaction: Transaction, series: Iterable[Series]) -> None:
    """See to it that nobody else changes any of these series until the transaction ends."""
    hold_facts(transaction, "series", ((one.org_id, one.id) for one in series))


def _ask_to_match(transaction: Transaction, series: Iterable[Series], now: int) -> None:
    """Ask to look again for commits that may be arriving just now, in a transaction that is not seen yet."""
    waiting = (one for one in series if sha_prefix(one.version) and attempts.is_nameless(transaction, one))
    items = [Item(one.org_id, Kind.MATCH_SERIES, one.id) for one in waiting]
    if items:
        work.ask(transaction, items, due_at=now + _SOON_NS)


def settle(transaction: Transaction, series: Sequence[Series], now: int, *, anew: bool = False) -> None:
    """Work out what the events of each series, which is held, add up to; `anew` even where that is kept."""
    repositories: dict[OrgId, Repositories] = {}
    for one in series:
        if one.org_id not in repositories:
            repositories[one.org_id] = repositories_of(transaction, one.org_id)
        _settle(transaction, one, repositories[one.org_id], now, anew=anew)


def _settle(
    transaction: Transaction, series: Series, repositories: Repositories, now: int, *, anew: bool
) -> None:
    known = {kept.id: kept for kept in attempts.of_series(transaction, series)}
    events = attempts.events_of(transaction, series)
    made = attempts_of(series, events)
    said = attempts.corrections_of(transaction, series.org_id, [one.id for one in made])
    commit = commit_of(transaction, series, repositories) or NO_COMMIT
    if commit[0]:
        pair = (commit[0], series.project_key)
        places.associate(transaction, series.org_id, [pair], now, by_hand=False)
    standing = {
        one.id: Kept(attempt=reduce(corrected, said.get(one.id, ()), one), id=one.id, commit=commit)
        for one in made
        if not any(correction.deleted for correction in said.get(one.id, ()))
    }
    changed = [kept for id, kept in standing.items() if anew or known.get(id) != kept]
    attempts.put(transaction, changed)
    attempts.remove(transaction, series.org_id, sorted(known.keys() - standing.keys()))
    _record(transaction, changed, events)
    _withdraw(transaction, known, standing, now)


def _record(transaction: Transaction, changed: Sequence[Kept], events: Sequence[AttemptEvent]) -> None:
    """Record the deployments that finished attempts are."""
    finished = [kept for kept in changed if kept.attempt.status is AttemptStatus.FINISHED]
    received_at = max((event.received_at for event in events), default=0)
    facts = [_deployment(kept, _events_in(kept.attempt, events), received_at) for kept in finished]
    if facts:
        record_deployments(transaction, facts)


def _withdraw(transaction: Transaction, known: dict[str, Kept], standing: dict[str, Kept], now: int) -> None:
    """Delete the deployments of attempts that did not finish after all, or are not there any more."""
    is_finished = {id: kept.attempt.status is AttemptStatus.FINISHED for id, kept in standing.items()}
    for id, kept in known.items():
        if kept.attempt.status is AttemptStatus.FINISHED and not is_finished.get(id, False):
            org_id = kept.attempt.series.org_id
            withdraw_deployment(transaction, DeploymentNamed(org_id=org_id, id=id, at=now))


def _refusals(transaction: Transaction, told: Sequence[AttemptEvent]) -> list[FairleadError | None]:
    """Return for each event why it is refused; projects and environments are looked up once."""
    projects: dict[OrgId, set[str]] = {}
    environments: dict[tuple[OrgId, str], set[str]] = {}
    refusals: list[FairleadError | None] = []
    for event in told:
        org_id, project = event.series.org_id, event.series.project_key
        if org_id not in projects:
            projects[org_id] = set(territories.project_names(transaction, org_id))
        if project not in projects[org_id]:
            refusals.append(_unknown("projectKey", "project", project))
            continue
        if (org_id, project) not in environments:
            environments[org_id, project] = territories.environment_keys(transaction, org_id, project)
        is_known = event.series.env in environments[org_id, project]
        refusals.append(None if is_known else _unknown("environmentKey", "environment", event.series.env))
    return refusals


def _unknown(field: str, what: str, key: str) -> Rejected:
    return Rejected(f'attribute "{field}" names an unknown {what}: {key[:200]}', field=field)


def _application(event: AttemptEvent) -> Application:
    key = event.series.application
    return Application(
        org_id=event.series.org_id,
        key=key,
        name=event.application_name or key,
        kind=event.application_kind or "server",
        created_at=event.received_at,
    )


def _events_in(attempt: Attempt, events: Sequence[AttemptEvent]) -> list[AttemptEvent]:
    until = attempt.started_at if attempt.ended_at is None else attempt.ended_at
    mine = (one for one in events if attempt.started_at <= one.at <= until)
    return sorted(mine, key=lambda one: one.place)


def _deployment(kept: Kept, events: Sequence[AttemptEvent], received_at: int) -> Deployment:
    attempt, series = kept.attempt, kept.attempt.series
    assert attempt.ended_at is not None  # noqa: S101 — it is finished.
    repository_id, commit_sha = kept.commit
    return Deployment(
        org_id=series.org_id,
        id=DeploymentId(attempt.id),
        named_by_caller=True,
        service=series.application,
        env=series.env,
        version=series.version,
        repository_id=repository_id,
        commit_sha=commit_sha,
        started_at=attempt.started_at,
        finished_at=attempt.ended_at,
        source=SOURCE,
        received_at=received_at,
        project=series.project_key,
        fact=_encode(_fact(attempt, events)).decode(),
    )


def _fact(attempt: Attempt, events: Sequence[AttemptEvent]) -> dict[str, object]:
    """Return what was received, in the words of whoever told it."""
    series = attempt.series
    return {
        "projectKey": series.project_key,
        "environmentKey": series.env,
        "applicationKey": series.application,
        "version": series.version,
        "versionName": attempt.version_name,
        "deploymentMetadata": attempt.metadata,
        "events": [
            {
                "eventType": event.type.value,
                "eventTime": event.at // NS_PER_MS,
                "eventMetadata": msgspec.Raw(event.event_metadata.encode() or b"null"),
            }
            for event in events
        ],
    }
