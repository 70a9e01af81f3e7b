"""Between Datadog's shapes of gates and Fairlead's nouns, from the inside out."""

from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from fairlead.dialects.datadog import gates_wire as wire
from fairlead.dialects.datadog.gates_listing import Page
from fairlead.domain.authors import Author
from fairlead.domain.evaluations import Evaluation, MonitorEvidence, RuleEvaluation, Status
from fairlead.domain.gates import Gate, Rule, RuleOptions
from fairlead.domain.instants import NS_PER_S, to_rfc3339
from fairlead.domain.monitors import MonitorState

NIL = "00000000-0000-0000-0000-000000000000"
"""Stands for the gate where there is none: the one value that every client reads."""
STATE_WORDS = {
    MonitorState.OK: "OK",
    MonitorState.WARN: "WARN",
    MonitorState.ALERT: "ALERT",
    MonitorState.NO_DATA: "NO_DATA",
}


def gate_fetched(gate: Gate) -> wire.GateFetched:
    """Return a single gate."""
    return wire.GateFetched(_gate_object(gate))


def gates_fetched(found: Sequence[Gate], page: Page) -> wire.GatesFetched:
    """Return a page of gates; `found` may hold one more, which shows that there is a next page."""
    shown = found[: page.size]
    more = page.cursor_after((shown[-1].created_at, shown[-1].id)) if len(found) > page.size else UNSET
    seen = wire.GatesPageSeen(size=page.size, cursor=page.cursor or UNSET, next_cursor=more)
    return wire.GatesFetched([_gate_object(gate) for gate in shown], wire.GatesMeta(seen))


def rule_fetched(rule: Rule) -> wire.RuleFetched:
    """Return a single rule."""
    return wire.RuleFetched(wire.RuleObject(id=rule.id, type="deployment_rule", attributes=_rule_seen(rule)))


def rules_fetched(gate_id: str, rules: Sequence[Rule]) -> wire.RulesFetched:
    """Return the rules of a gate, as the one object that they are there."""
    seen = [_rule_seen(rule) for rule in rules]
    for one, rule in zip(seen, rules, strict=True):
        one.id = rule.id
    told = wire.RulesObject(id=gate_id, type="list_deployment_rules", attributes=wire.RulesSeen(seen))
    return wire.RulesFetched(told)


def triggered(evaluation: Evaluation) -> wire.TriggeredFetched:
    """Return what is told of an evaluation that was just asked for."""
    told = wire.Triggered(evaluation.id)
    return wire.TriggeredFetched(
        wire.TriggeredObject(evaluation.id, "deployment_gates_evaluation_response", told)
    )


def result_fetched(evaluation: Evaluation, address: str) -> wire.ResultFetched:
    """Return how an evaluation stands, to whoever waits for it."""
    rules = [
        wire.RuleResult(
            name=rule.name,
            status=rule.status.value,
            dry_run=rule.dry_run,
            reason=rule.reason or UNSET,
        )
        for rule in evaluation.rules
    ]
    result = wire.Result(
        dry_run=evaluation.dry_run,
        evaluation_id=evaluation.id,
        evaluation_url=f"{address}/gates/evaluations/{evaluation.id}",
        gate_id=evaluation.gate_id or NIL,
        gate_status=evaluation.told_status.value,
        rules=rules,
    )
    return wire.ResultFetched(
        wire.ResultObject(evaluation.id, "deployment_gates_evaluation_result_response", result)
    )


def evaluations_fetched(found: Sequence[Evaluation], page: Page) -> wire.EvaluationsFetched:
    """Return a page of evaluations; `found` may hold one more, which shows that there is a next page."""
    shown = found[: page.size]
    more = page.cursor_after((shown[-1].started_at, shown[-1].id, 0)) if len(found) > page.size else UNSET
    seen = wire.EvaluationsPageSeen(size=page.size, next_cursor=more)
    return wire.EvaluationsFetched([_evaluation_object(one) for one in shown], wire.EvaluationsMeta(seen))


def rule_evaluations_fetched(
    found: Sequence[tuple[Evaluation, RuleEvaluation]], page: Page, address: str
) -> wire.RuleEvaluationsFetched:
    """Return a page of evaluations of rules; `found` may hold one more."""
    shown = found[: page.size]
    more: str | Any = UNSET
    if len(found) > page.size:
        whole, last = shown[-1]
        more = page.cursor_after((whole.started_at, whole.id, last.position))
    seen = wire.EvaluationsPageSeen(size=page.size, next_cursor=more)
    objects = [
        wire.RuleEvaluationObject(rule.id, "deployment_gate_rule_evaluation", _seen(whole, rule, address))
        for whole, rule in shown
    ]
    return wire.RuleEvaluationsFetched(objects, wire.EvaluationsMeta(seen))


def _gate_object(gate: Gate) -> wire.GateObject:
    seen = wire.GateSeen(
        service=gate.service,
        env=gate.env,
        identifier=gate.identifier,
        dry_run=gate.dry_run,
        created_at=to_rfc3339(gate.created_at),
        created_by=_person(gate.created_by),
        updated_at=to_rfc3339(gate.updated_at),
        updated_by=_person(gate.updated_by),
    )
    return wire.GateObject(id=gate.id, type="deployment_gate", attributes=seen)


def _rule_seen(rule: Rule) -> wire.RuleSeen:
    return wire.RuleSeen(
        name=rule.name,
        type=rule.kind.value,
        options=options_seen(rule.options),
        dry_run=rule.dry_run,
        gate_id=rule.gate_id,
        created_at=to_rfc3339(rule.created_at),
        created_by=_person(rule.created_by),
        updated_at=to_rfc3339(rule.updated_at),
        updated_by=_person(rule.updated_by),
    )


def options_seen(options: RuleOptions) -> dict[str, Any]:
    """Return options as they were told, with nothing filled in."""
    monitors = options.monitor_ids
    named = None if monitors is None else [{"id": str(one.id), "groups": one.groups} for one in monitors]
    told = {
        "query": options.query,
        "monitor_ids": named,
        "duration": options.duration_s,
        "warmup": options.warmup_s,
        "fail_on_no_data": options.fail_on_no_data,
        "fail_on_no_groups_found": options.fail_on_no_groups_found,
        "excluded_resources": options.excluded_resources,
        "allowed_resources": options.allowed_resources,
    }
    return {name: value for name, value in told.items() if value is not None}


def _configuration(options: RuleOptions) -> dict[str, Any]:
    """Return options as lists of evaluations show them: there monitors are mere numbers."""
    seen = options_seen(options)
    if options.monitor_ids is not None:
        seen["monitor_ids"] = [str(one.id) for one in options.monitor_ids]
    return seen


def _evaluation_object(one: Evaluation) -> wire.EvaluationObject:
    seen = wire.EvaluationSeen(
        evaluation_id=one.id,
        gate_id=one.gate_id,
        service=one.service,
        env=one.env,
        identifier=one.identifier,
        version=one.version,
        status=one.status.value,
        dry_run=one.dry_run,
        started_at=to_rfc3339(one.started_at),
        finished_at=_time(one.finished_at),
        duration_seconds=_seconds(one.started_at, one.finished_at),
    )
    return wire.EvaluationObject(id=one.id, type="deployment_gate_evaluation", attributes=seen)


def _seen(whole: Evaluation, rule: RuleEvaluation, address: str) -> wire.RuleEvaluationSeen:
    has_failed = rule.status is Status.FAIL
    return wire.RuleEvaluationSeen(
        evaluation_id=rule.id,
        gate_evaluation_id=whole.id,
        gate_id=whole.gate_id,
        rule_id=rule.rule_id,
        service=whole.service,
        env=whole.env,
        identifier=whole.identifier,
        version=whole.version,
        gate_dry_run=whole.dry_run,
        name=rule.name,
        type=rule.kind.value,
        status=rule.status.value,
        dry_run=rule.dry_run,
        reason=rule.reason,
        started_at=to_rfc3339(whole.started_at),
        finished_at=_time(rule.finished_at),
        duration_seconds=_seconds(whole.started_at, rule.finished_at),
        configuration=_configuration(rule.options),
        failures=wire.Failures(
            monitors=[_failed(one, address) for one in rule.evidence.monitors] if has_failed else [],
            faulty_apm_resources=list(rule.evidence.resources) if has_failed else [],
            narratives=[],
        ),
    )


def _failed(one: MonitorEvidence, address: str) -> wire.FailedMonitor:
    return wire.FailedMonitor(
        id=str(one.monitor_id),
        url=f"{address}/monitors/{one.monitor_id}",
        state=STATE_WORDS[MonitorState(one.state)],
    )


def _person(author: Author) -> wire.Person:
    return wire.Person(id=author.id, name=author.name, handle=author.name)


def _time(at: int | None) -> str | None:
    return None if at is None else to_rfc3339(at)


def _seconds(started_at: int, finished_at: int | None) -> int | None:
    return None if finished_at is None else (finished_at - started_at) // NS_PER_S
