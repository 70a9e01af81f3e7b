"""What a gate would have said about past deployments."""

from typing import Any

import pytest
from sqlalchemy import update

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.domain.gates import Gate, GateId, Rule, RuleId, RuleKind, RuleOptions
from fairlead.domain.traffic import MINUTE_NS, OTLP, Caps, Cell, Counts, Fault, Series
from fairlead.gates.findings import Outcome
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.store.tables import deployments
from fairlead.usecases.backtest_gate import Backtest, backtest_gate
from fairlead.usecases.create_gates import create_gates
from fairlead.usecases.create_rules import create_rules
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_traffic import CountsTold, record_traffic
from tests.factories import NOON, a_deployment
from tests.gate_factories import ADA

HOUR_NS = 60 * MINUTE_NS
CAPS = Caps(resources=100, series=1000, error_types=10, days=30)
# Of each version: errors among 400 requests of a route, and whether it turned out to be a failure.
VERSIONS = {"1": (2, False), "2": (30, True), "3": (3, None), "4": (40, None), "5": (2, True)}


def ship(ledger: Ledger, org_id: OrgId) -> None:
    """Deploy one version an hour, and let each be used for the first minutes."""
    for number, (version, (errors, failed)) in enumerate(VERSIONS.items()):
        at = NOON + number * HOUR_NS
        deployment = a_deployment(org_id=org_id, version=version, finished_at=at)
        with writing(ledger.engine) as transaction:
            record_deployments(transaction, [deployment])
            mine = update(deployments).where(deployments.c.id == deployment.id)
            transaction.execute(mine.values(change_failure=failed))
        cell = Cell(Series(OTLP, "checkout", "prod", version, "GET /pay"), at // MINUTE_NS + 2)
        counts = Counts(
            org_id=org_id,
            id=version,
            received_at=at,
            requests={cell: 400},
            faults={Fault(cell, "OSError"): errors},
        )
        ledger.write(record_traffic, CountsTold(counts=counts, caps=CAPS))


def a_gate_with(ledger: Ledger, org_id: OrgId, *rules: dict[str, Any]) -> GateId:
    """Create a gate of the service, and return its id."""
    told: dict[str, Any] = {"org_id": org_id, "created_at": NOON, "updated_at": NOON}
    told |= {"created_by": ADA, "updated_by": ADA}
    gate = Gate(id=GateId("gate"), service="checkout", env="prod", **told)
    ledger.write(create_gates, gate)
    for number, changes in enumerate(rules):
        name = f"rule-{number}"
        ledger.write(create_rules, Rule(id=RuleId(name), name=name, gate_id=gate.id, **told | changes))
    return gate.id


FAULTS: dict[str, Any] = {"kind": RuleKind.FAULTY_DEPLOYMENT, "options": RuleOptions(duration_s=600)}


def tried(ledger: Ledger, org_id: OrgId, gate_id: GateId, last: int = 200) -> Backtest:
    return ledger.read(backtest_gate, org_id, gate_id, last, NOON + 24 * HOUR_NS)


def test_past_deployments_are_judged_by_what_was_counted_then(ledger: Ledger, org_id: OrgId) -> None:
    ship(ledger, org_id)

    found = tried(ledger, org_id, a_gate_with(ledger, org_id, FAULTS))

    assert [("5", False), ("4", True), ("3", False), ("2", True), ("1", False)] == [
        (one.deployment.fact.version, one.stopped) for one in found.tried
    ]
    assert [False, False, False, False, True] == [one.undecided for one in found.tried]
    assert "GET /pay answers 40 of 400 requests" in found.tried[1].rules[0].finding.reason


def test_stops_and_failures_are_counted_together(ledger: Ledger, org_id: OrgId) -> None:
    ship(ledger, org_id)

    score = tried(ledger, org_id, a_gate_with(ledger, org_id, FAULTS)).score

    assert (1, 1, 1, 1, 1) == (
        score.stopped_failed,
        score.stopped_fine,
        score.passed_failed,
        score.passed_fine,
        score.undecided,
    )
    assert (0.5, 0.5) == (score.precision, score.recall)


def test_a_rule_in_dry_run_is_shown_and_stops_nothing(ledger: Ledger, org_id: OrgId) -> None:
    ship(ledger, org_id)

    found = tried(ledger, org_id, a_gate_with(ledger, org_id, FAULTS | {"dry_run": True}))

    assert not any(one.stopped for one in found.tried)
    assert Outcome.FAIL is found.tried[1].rules[0].finding.outcome


def test_only_so_many_and_only_of_its_service_and_environment(
    ledger: Ledger, org_id: OrgId, other_org_id: OrgId
) -> None:
    ship(ledger, org_id)
    with writing(ledger.engine) as transaction:
        at = NOON + 9 * HOUR_NS
        elsewhere: list[dict[str, Any]] = [
            {"service": "search"},
            {"env": "staging"},
            {"org_id": other_org_id},
        ]
        record_deployments(
            transaction, [a_deployment(**{"org_id": org_id, "finished_at": at} | one) for one in elsewhere]
        )
    gate_id = a_gate_with(ledger, org_id, FAULTS)

    assert ["5", "4"] == [one.deployment.fact.version for one in tried(ledger, org_id, gate_id, 2).tried]
    with pytest.raises(NotFound):
        tried(ledger, other_org_id, gate_id)


def test_a_monitor_that_nobody_had_then_stops_as_it_would_have(ledger: Ledger, org_id: OrgId) -> None:
    ship(ledger, org_id)
    rule = {"kind": RuleKind.MONITOR, "options": RuleOptions(query="service:checkout")}

    found = tried(ledger, org_id, a_gate_with(ledger, org_id, rule))

    assert all(one.stopped for one in found.tried)
    assert "No monitors match the query 'service:checkout'" == found.tried[0].rules[0].finding.reason


def test_without_deployments_there_is_no_score(ledger: Ledger, org_id: OrgId) -> None:
    score = tried(ledger, org_id, a_gate_with(ledger, org_id, FAULTS)).score

    assert (None, None, 0) == (score.precision, score.recall, score.undecided)
