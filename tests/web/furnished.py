"""A believable organisation for a look at its pages: the sample's months, a gate, monitors, a webhook.

Shared by the tests in a browser and by the script that makes the screenshots.
"""

import time
from collections.abc import Sequence
from typing import Any

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
from fairlead.domain.hooks import Vendor
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.monitors import Monitor, MonitorId, MonitorState, Span
from fairlead.domain.sample import sample
from fairlead.store import evaluations, gates, monitor_states, monitors
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.usecases.create_hook import HookWanted, create_hooks
from fairlead.usecases.load_sample import load_samples

GATE = GateId("01933333-0000-7000-8000-000000000001")
DECIDED = EvaluationId("01933333-0000-7000-8000-000000000002")
RUNNING = EvaluationId("01933333-0000-7000-8000-000000000003")
_BY = Author("pipeline", "pipeline")
_MONITOR = MonitorId(4711)


def furnish(ledger: Ledger, org_id: OrgId, now: int) -> None:
    """Fill an organisation that has nothing yet."""
    ledger.write(load_samples, sample(org_id, now))
    hook = HookWanted(
        org_id=org_id, vendor=Vendor.GITHUB, secret=b"s" * 32, chance=b"c" * 16, at=now - 86_400 * NS_PER_S
    )
    ledger.write(create_hooks, hook)
    ledger.write(_put_gates, (org_id, now))


def decide_running(ledger: Ledger, org_id: OrgId) -> None:
    """Let the evaluation that runs pass."""
    ledger.write(_decide, org_id)


def _put_gates(transaction: Transaction, facts: Sequence[tuple[OrgId, int]]) -> list[None]:
    for org_id, now in facts:
        authored: dict[str, Any] = {
            "created_at": now,
            "created_by": _BY,
            "updated_at": now,
            "updated_by": _BY,
        }
        gates.add(transaction, Gate(org_id=org_id, id=GATE, service="checkout", env="prod", **authored))
        for number, (name, kind, options) in enumerate(_RULES):
            rule_id = RuleId(f"rule-{number}")
            rule = Rule(
                org_id=org_id, gate_id=GATE, id=rule_id, name=name, kind=kind, options=options, **authored
            )
            gates.put_rule(transaction, rule)
        _put_monitor(transaction, org_id, now)
        evaluations.add(transaction, _evaluation(org_id, DECIDED, now - 3600 * NS_PER_S, Status.FAIL))
        evaluations.add(transaction, _evaluation(org_id, RUNNING, now - 60 * NS_PER_S, Status.IN_PROGRESS))
    return [None] * len(facts)


_RULES = (
    ("No more errors", RuleKind.FAULTY_DEPLOYMENT, RuleOptions(duration_s=900)),
    ("Monitors stay calm", RuleKind.MONITOR, RuleOptions(query="service:checkout env:prod", duration_s=600)),
)


def _put_monitor(transaction: Transaction, org_id: OrgId, now: int) -> None:
    monitor = Monitor(
        org_id=org_id,
        id=_MONITOR,
        kind="query alert",
        query="errors of checkout",
        name="Checkout error rate",
        tags=("service:checkout", "env:prod"),
        created_at=now,
        created_by=_BY,
        updated_at=now,
    )
    monitors.put(transaction, monitor)
    for minutes, state in ((120, "ok"), (55, "warn"), (52, "alert"), (20, "ok")):
        at = now - minutes * 60 * NS_PER_S
        told = Span(monitor_id=_MONITOR, state=MonitorState(state), from_at=at)
        monitor_states.tell(transaction, org_id, told)


def _evaluation(org_id: OrgId, id: EvaluationId, at: int, status: Status) -> Evaluation:
    is_done = status is not Status.IN_PROGRESS
    comparison = Comparison(
        resource="POST /pay",
        new=Counted(48, 1200),
        old=Counted(61, 24_800),
        ratio=16.3,
        ratio_low=10.9,
        ratio_high=24.1,
        p_value=1.3e-30,
        threshold=0.001,
        at_fault=True,
    )
    evidence = (
        Evidence(
            comparisons=(comparison,), resources=("POST /pay",), earlier_versions=("2.151.7", "2.151.6")
        ),
        Evidence(
            monitors=(
                MonitorEvidence(
                    monitor_id=_MONITOR,
                    name="Checkout error rate",
                    state="alert",
                    from_at=at + 8 * 60 * NS_PER_S,
                ),
            )
        ),
    )
    rules = tuple(
        RuleEvaluation(
            org_id=org_id,
            evaluation_id=id,
            id=RuleEvaluationId(f"{id}-{number}"),
            position=number,
            rule_id=RuleId(f"rule-{number}"),
            name=name,
            kind=kind,
            options=options,
            dry_run=False,
            from_at=at,
            until_at=at + (options.duration_s or 0) * NS_PER_S,
            status=status,
            reason="POST /pay fails 16 times as often as before" if is_done else "",
            evidence=evidence[number] if is_done else Evidence(),
            finished_at=at + 540 * NS_PER_S if is_done else None,
        )
        for number, (name, kind, options) in enumerate(_RULES)
    )
    return Evaluation(
        org_id=org_id,
        id=id,
        gate_id=GATE,
        service="checkout",
        env="prod",
        identifier="default",
        version="2.151.8",
        asked_by=_BY,
        started_at=at,
        status=status,
        finished_at=at + 540 * NS_PER_S if is_done else None,
        rules=rules,
    )


def _decide(transaction: Transaction, org_ids: Sequence[OrgId]) -> list[None]:
    from sqlalchemy import update  # noqa: PLC0415 — what a worker would do through its own lease.

    from fairlead.store.tables import gate_evaluations  # noqa: PLC0415 — the same.

    for org_id in org_ids:
        mine = gate_evaluations.c.org_id == org_id, gate_evaluations.c.id == RUNNING
        values = {"status": Status.PASS.value, "finished_at": time.time_ns()}
        transaction.execute(update(gate_evaluations).where(*mine).values(values))
    return [None] * len(org_ids)
