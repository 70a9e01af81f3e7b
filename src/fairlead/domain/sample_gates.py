"""The sample organisation's gate: what it watches, and two times it was asked. The same every time.

Not here: deployments and failures (`sample.py`).
"""

from typing import Final

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.authors import Author
from fairlead.domain.detection import Comparison, Counted
from fairlead.domain.evaluations import (
    Evaluation,
    EvaluationId,
    Evidence,
    MonitorEvidence,
    RuleEvaluation,
    RuleEvaluationId,
    Status,
)
from fairlead.domain.gates import Gate, GateId, Rule, RuleId, RuleKind, RuleOptions
from fairlead.domain.identity import id_from_content
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.monitors import Monitor, MonitorId, MonitorState, Span

_MINUTE_NS: Final = 60 * NS_PER_S
_PIPELINE: Final = Author("sample", "checkout pipeline")
_MONITOR: Final = MonitorId(4711)
_SERVICE, _ENV = "checkout", "prod"
_RULES: Final = (
    ("No more errors than before", RuleKind.FAULTY_DEPLOYMENT, RuleOptions(duration_s=900)),
    ("Monitors stay calm", RuleKind.MONITOR, RuleOptions(query="service:checkout env:prod", duration_s=600)),
)
_STATES: Final = ((300, "ok"), (115, "warn"), (112, "alert"), (80, "ok"))
"""Minutes before now, and the state from then on."""
_WORSE: Final = Comparison(
    resource="POST /pay",
    new=Counted(48, 1_200),
    old=Counted(61, 24_800),
    ratio=16.3,
    ratio_low=10.9,
    ratio_high=24.1,
    p_value=1.3e-30,
    threshold=0.001,
    at_fault=True,
)
_ALIKE: Final = Comparison(
    resource="POST /pay",
    new=Counted(3, 1_340),
    old=Counted(61, 24_800),
    ratio=0.91,
    ratio_low=0.29,
    ratio_high=2.9,
    p_value=0.6,
    threshold=0.001,
)


class SampleGates(Struct, frozen=True, kw_only=True):
    """A gate with its rules, a monitor with its states, and two evaluations, the later one first."""

    gate: Gate
    rules: tuple[Rule, ...]
    monitor: Monitor
    spans: tuple[Span, ...]
    evaluations: tuple[Evaluation, ...]


def sample_gates(org_id: OrgId, now: int) -> SampleGates:
    """Return the gate of an organisation, as it stands at `now`."""
    made_at = now - 90 * 24 * 60 * _MINUTE_NS
    gate = Gate(
        org_id=org_id,
        id=GateId(id_from_content(made_at, org_id, "sample gate")),
        service=_SERVICE,
        env=_ENV,
        created_at=made_at,
        created_by=_PIPELINE,
        updated_at=made_at,
        updated_by=_PIPELINE,
    )
    return SampleGates(
        gate=gate,
        rules=tuple(_rule(gate, number) for number in range(len(_RULES))),
        monitor=_monitor(org_id, made_at),
        spans=tuple(
            Span(monitor_id=_MONITOR, state=MonitorState(state), from_at=now - minutes * _MINUTE_NS)
            for minutes, state in _STATES
        ),
        evaluations=(
            evaluation(gate, now - 30 * _MINUTE_NS, Status.PASS, version="2.151.9"),
            evaluation(gate, now - 120 * _MINUTE_NS, Status.FAIL, version="2.151.8"),
        ),
    )


def evaluation(gate: Gate, at: int, status: Status, *, version: str) -> Evaluation:
    """Return one time that the gate was asked about a version."""
    id = EvaluationId(id_from_content(at, gate.org_id, "sample evaluation", version))
    finished_at = None if status is Status.IN_PROGRESS else at + 9 * _MINUTE_NS
    return Evaluation(
        org_id=gate.org_id,
        id=id,
        gate_id=gate.id,
        service=gate.service,
        env=gate.env,
        identifier=gate.identifier,
        version=version,
        asked_by=_PIPELINE,
        started_at=at,
        status=status,
        finished_at=finished_at,
        rules=tuple(_watched(gate, id, number, at, status) for number in range(len(_RULES))),
    )


def _rule(gate: Gate, number: int) -> Rule:
    name, kind, options = _RULES[number]
    return Rule(
        org_id=gate.org_id,
        gate_id=gate.id,
        id=_rule_id(gate, number),
        name=name,
        kind=kind,
        options=options,
        created_at=gate.created_at,
        created_by=_PIPELINE,
        updated_at=gate.created_at,
        updated_by=_PIPELINE,
    )


def _rule_id(gate: Gate, number: int) -> RuleId:
    return RuleId(id_from_content(gate.created_at, gate.org_id, "sample rule", number))


def _watched(gate: Gate, id: EvaluationId, number: int, at: int, status: Status) -> RuleEvaluation:
    name, kind, options = _RULES[number]
    reason, evidence = _found(number, at, status)
    return RuleEvaluation(
        org_id=gate.org_id,
        evaluation_id=id,
        id=RuleEvaluationId(id_from_content(at, gate.org_id, "sample rule evaluation", number)),
        position=number,
        rule_id=_rule_id(gate, number),
        name=name,
        kind=kind,
        options=options,
        dry_run=False,
        from_at=at,
        until_at=at + (options.duration_s or 0) * NS_PER_S,
        status=status,
        reason=reason,
        evidence=evidence,
        finished_at=None if status is Status.IN_PROGRESS else at + 9 * _MINUTE_NS,
    )


def _found(number: int, at: int, status: Status) -> tuple[str, Evidence]:
    if status is Status.IN_PROGRESS:
        return "", Evidence()
    failed = status is Status.FAIL
    if number == 0:
        said = "POST /pay fails 16 times as often as before" if failed else ""
        comparison = _WORSE if failed else _ALIKE
        resources = ("POST /pay",) if failed else ()
        return said, Evidence(
            comparisons=(comparison,), resources=resources, earlier_versions=("2.151.7", "2.151.6")
        )
    state, since_at = ("alert", at + 8 * _MINUTE_NS) if failed else ("ok", at - 50 * _MINUTE_NS)
    monitor = MonitorEvidence(monitor_id=_MONITOR, name="Checkout error rate", state=state, from_at=since_at)
    return "Checkout error rate alerts" if failed else "", Evidence(monitors=(monitor,))


def _monitor(org_id: OrgId, at: int) -> Monitor:
    return Monitor(
        org_id=org_id,
        id=_MONITOR,
        kind="query alert",
        query="errors of checkout",
        name="Checkout error rate",
        tags=("service:checkout", "env:prod"),
        created_at=at,
        created_by=_PIPELINE,
        updated_at=at,
    )
