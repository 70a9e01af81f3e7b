"""From an explained deployment to its shape in Fairlead's own API."""

import msgspec

from fairlead.dialects.native import deployment_wire as wire
from fairlead.domain.changes import PullRequest
from fairlead.domain.deployments import KnownDeployment
from fairlead.domain.evaluations import Evaluation
from fairlead.domain.instants import NS_PER_S, to_rfc3339
from fairlead.domain.links import STAGES, Deployed
from fairlead.usecases.explain_deployment import ExplainedCommit, ExplainedDeployment


def explained(told: ExplainedDeployment) -> wire.DeploymentExplained:
    """Return a deployment with everything derived from it, and the fact as it was received."""
    fact, link = told.known.fact, told.known.link
    lead = link.lead
    stages = {name: wire.Average(_seconds(ns)) for name, ns in zip(STAGES, lead.stages_ns, strict=True)}
    return wire.DeploymentExplained(
        id=fact.id,
        service=fact.service,
        env=fact.env or None,
        team=fact.team or None,
        version=fact.version or None,
        repository_id=fact.repository_id or None,
        commit_sha=fact.commit_sha or None,
        started_at=to_rfc3339(fact.started_at),
        finished_at=to_rfc3339(fact.finished_at),
        source=fact.source,
        custom_tags=fact.tags,
        deployment_type=told.known.outcome.deployment_type.value,
        previous=None if told.previous is None else _previous(told.previous),
        change_lead_time=wire.ChangeLeadTime(
            average_s=_seconds(lead.average_ns),
            min_s=_seconds(lead.shortest_ns),
            max_s=_seconds(lead.longest_ns),
            reason=None if link.reason is None else link.reason.value,
        ),
        stages=stages,
        number_of_commits=link.number_of_commits,
        commits=[_commit(one) for one in told.commits if one.link.exclusion is None],
        excluded_commits=[
            wire.CommitExcluded(one.commit.sha, one.link.exclusion.value)
            for one in told.commits
            if one.link.exclusion is not None
        ],
        pull_requests=[_pull_request(one) for one in told.pull_requests],
        flag_references=[
            wire.FlagSeen(one.project_key, one.flag_key, one.added, one.removed)
            for one in told.flag_references
        ],
        gate_evaluations=[_gate_evaluation(one) for one in told.gate_evaluations],
        deployment_type_reason=told.judgement.type_reason or None,
        change_failure=_change_failure(told),
        failures=[
            wire.FailureSeen(
                one.failure.id, one.failure.name or None, to_rfc3339(one.failure.started_at), one.state.value
            )
            for one in told.failures
        ],
        remediation=_remediation(told.known),
        pending=told.pending,
        fact=msgspec.Raw(fact.fact.encode()),
    )


def _gate_evaluation(one: Evaluation) -> wire.GateEvaluationSeen:
    return wire.GateEvaluationSeen(
        id=one.id,
        gate_id=one.gate_id,
        identifier=one.identifier,
        status=one.status.value,
        dry_run=one.dry_run,
        started_at=to_rfc3339(one.started_at),
        finished_at=_instant(one.finished_at),
        rules=[
            wire.GateRuleSeen(rule.name, rule.status.value, rule.dry_run, rule.reason or None)
            for rule in one.rules
        ],
    )


def _previous(one: Deployed) -> wire.Previous:
    return wire.Previous(id=one.id, commit_sha=one.commit_sha, finished_at=to_rfc3339(one.finished_at))


def _commit(one: ExplainedCommit) -> wire.CommitSeen:
    commit, lead = one.commit, one.link.lead
    stages = (None,) * len(STAGES) if lead is None else lead.stages_ns
    return wire.CommitSeen(
        sha=commit.sha,
        authored_at=to_rfc3339(commit.authored_at),
        author=wire.Author(commit.author.name, commit.author.email),
        subject=commit.subject,
        lead_time_s=None if lead is None else _seconds(lead.lead_time_ns),
        stages={name: _seconds(ns) for name, ns in zip(STAGES, stages, strict=True)},
        pull_request=None if one.link.pull_request is None else str(one.link.pull_request),
    )


def _pull_request(one: PullRequest) -> wire.PullRequestSeen:
    return wire.PullRequestSeen(
        id=str(one.number),
        number=one.number,
        title=one.title,
        url=one.url,
        author=one.author,
        state=one.state.value,
        opened_at=to_rfc3339(one.opened_at),
        ready_at=_instant(one.ready_at),
        approved_at=_instant(one.last_approved_at),
        merged_at=_instant(one.merged_at),
        labels=one.labels,
    )


def _change_failure(told: ExplainedDeployment) -> wire.ChangeFailure:
    decided_by = told.judgement.decided_by
    return wire.ChangeFailure(
        value=told.known.outcome.change_failure,
        decided_by=None if decided_by is None else decided_by.value,
        reason=told.judgement.reason,
    )


def _remediation(known: KnownDeployment) -> wire.RemediationSeen | None:
    outcome = known.outcome
    if not outcome.remediation_id and outcome.remediation_type is None:
        return None
    return wire.RemediationSeen(
        id=outcome.remediation_id or None,
        type=None if outcome.remediation_type is None else outcome.remediation_type.value,
        recovery_time_s=_seconds(outcome.recovery_time_ns),
    )


def _seconds(ns: int | None) -> float | None:
    return None if ns is None else ns / NS_PER_S


def _instant(at: int | None) -> str | None:
    return None if at is None else to_rfc3339(at)
