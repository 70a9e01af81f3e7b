"""Evaluations from trigger to verdict on both engines, with a clock of the tests' own."""

from collections.abc import Sequence
from typing import Any

import pytest

from fairlead.cli.explain import page
from fairlead.dialects.native.deployment_translate import explained
from fairlead.domain.access import OrgId
from fairlead.domain.errors import FairleadError
from fairlead.domain.evaluations import Evaluation, Status
from fairlead.domain.gates import RuleKind
from fairlead.domain.monitors import Monitor, MonitorId, Span
from fairlead.gates.findings import Policy
from fairlead.store import monitor_states, monitors, work
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.usecases import decide_rules as deciding
from fairlead.usecases import observe
from fairlead.usecases.decide_rules import KINDS, LEASE_NS, decide_rules
from fairlead.usecases.explain_deployment import explain_deployment
from fairlead.usecases.find_evaluations import get_evaluation
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.tell_states import StatesTold, tell_states
from fairlead.usecases.trigger_evaluations import EvaluationWanted, RuleWanted, trigger_evaluations
from tests.factories import a_deployment
from tests.gate_factories import ORG, a_monitor, a_rule_wanted, a_span, after, an_evaluation_wanted

FAULTY = a_rule_wanted(name="faulty", kind=RuleKind.FAULTY_DEPLOYMENT, options={"query": None})


def put(transaction: Transaction, facts: Sequence[Monitor]) -> list[None]:
    for fact in facts:
        monitors.put(transaction, fact)
        monitor_states.tell(transaction, fact.org_id, a_span(monitor_id=fact.id))
    return [None] * len(facts)


@pytest.fixture
def shop(ledger: Ledger) -> Ledger:
    """A ledger with a monitor that is well."""
    ledger.write(put, a_monitor())
    return ledger


def trigger(ledger: Ledger, *rules: RuleWanted, **changes: Any) -> Evaluation:
    wanted: EvaluationWanted = an_evaluation_wanted(*rules, **changes)
    triggered: Evaluation = ledger.write(trigger_evaluations, wanted)
    return triggered


def tell(ledger: Ledger, state: str, at_s: float, **span: Any) -> None:
    told = StatesTold(
        org_id=ORG, monitor_id=MonitorId(1), spans=(a_span(state, at_s, **span),), at=after(at_s)
    )
    ledger.write(tell_states, told)


def decide(ledger: Ledger, at_s: float, policy: Policy = Policy.PASS) -> int:
    """Decide until nothing is due any more."""
    rounds = 0
    while decide_rules(ledger, after(at_s), policy):
        rounds += 1
        assert rounds < 20
    return rounds


def now(ledger: Ledger, evaluation: Evaluation) -> Evaluation:
    return ledger.read(get_evaluation, ORG, evaluation.id)


def statuses(ledger: Ledger, evaluation: Evaluation) -> tuple[str, list[str]]:
    found = now(ledger, evaluation)
    return found.status.value, [rule.status.value for rule in found.rules]


def test_a_rule_that_looks_once_is_decided_at_once(shop: Ledger) -> None:
    evaluation = trigger(shop, a_rule_wanted())

    decide(shop, 0)

    assert ("pass", ["pass"]) == statuses(shop, evaluation)
    assert after(0) == now(shop, evaluation).finished_at


def test_a_rule_is_decided_when_its_time_is_up_and_not_before(shop: Ledger) -> None:
    evaluation = trigger(shop, a_rule_wanted(options={"duration_s": 60}))

    assert 1 == decide(shop, 0)
    assert 0 == decide(shop, 59)
    assert ("in_progress", ["in_progress"]) == statuses(shop, evaluation)

    assert 1 == decide(shop, 60)
    assert ("pass", ["pass"]) == statuses(shop, evaluation)
    assert not shop.read(work.is_due, now=after(1e6), kinds=KINDS)


def test_the_warm_up_comes_first(shop: Ledger) -> None:
    tell(shop, "alert", -5)
    evaluation = trigger(shop, a_rule_wanted(options={"warmup_s": 30, "duration_s": 10}))

    decide(shop, 29)
    tell(shop, "ok", 29)
    decide(shop, 40)

    assert ("pass", ["pass"]) == statuses(shop, evaluation)


def test_a_change_of_state_settles_the_gate_at_once_and_the_others_finish_for_the_record(
    shop: Ledger,
) -> None:
    short, long = (a_rule_wanted(name=str(s), options={"duration_s": s}) for s in (60, 90))
    other = a_rule_wanted(name="other", options={"query": "service:other", "duration_s": 90})
    shop.write(put, a_monitor(2, tags=("service:other",)))
    evaluation = trigger(shop, short, long, other)
    decide(shop, 0)

    tell(shop, "alert", 10)
    decide(shop, 10)

    assert ("fail", ["fail", "fail", "in_progress"]) == statuses(shop, evaluation)
    assert after(10) == now(shop, evaluation).finished_at
    decide(shop, 90)
    assert ("fail", ["fail", "fail", "pass"]) == statuses(shop, evaluation)
    assert after(10) == now(shop, evaluation).finished_at


def test_an_alert_between_two_looks_is_seen_even_if_nobody_looked(shop: Ledger) -> None:
    evaluation = trigger(shop, a_rule_wanted(options={"duration_s": 60}))
    tell(shop, "alert", 20)
    tell(shop, "ok", 21)

    decide(shop, 60)

    assert ("fail", ["fail"]) == statuses(shop, evaluation)


def test_a_rule_in_dry_run_is_shown_and_ignored(shop: Ledger) -> None:
    tell(shop, "alert", -5)
    shop.write(put, a_monitor(2, tags=("service:other",)))
    evaluation = trigger(shop, a_rule_wanted(dry_run=True), a_rule_wanted(options={"query": "service:other"}))

    decide(shop, 0)

    assert ("pass", ["fail", "pass"]) == statuses(shop, evaluation)


def test_a_gate_in_dry_run_tells_pass_and_remembers_what_was(shop: Ledger) -> None:
    tell(shop, "alert", -5)
    evaluation = trigger(shop, a_rule_wanted(), dry_run=True)

    decide(shop, 0)

    found = now(shop, evaluation)
    assert (Status.FAIL, Status.PASS) == (found.status, found.told_status)


def test_a_rule_that_was_said_to_count_counts_in_a_gate_in_dry_run(shop: Ledger) -> None:
    tell(shop, "alert", -5)
    evaluation = trigger(shop, a_rule_wanted(is_binding=True), dry_run=True)

    decide(shop, 0)

    assert Status.FAIL is now(shop, evaluation).told_status


@pytest.mark.parametrize("policy", Policy)
def test_what_is_inconclusive_comes_to_what_the_policy_says(shop: Ledger, policy: Policy) -> None:
    evaluation = trigger(shop, FAULTY, version="2")

    decide(shop, 899, policy)
    assert ("in_progress", ["in_progress"]) == statuses(shop, evaluation)
    decide(shop, 900, policy)

    assert (policy.value, [policy.value]) == statuses(shop, evaluation)
    assert "Not enough data" in now(shop, evaluation).rules[0].reason


def test_without_a_version_there_is_nothing_to_compare(shop: Ledger) -> None:
    evaluation = trigger(shop, FAULTY)

    decide(shop, 0)

    assert ["No version was told, so there is nothing to compare"] == [
        rule.reason for rule in now(shop, evaluation).rules
    ]


def test_whoever_dies_in_the_middle_is_taken_over_from(shop: Ledger) -> None:
    evaluation = trigger(shop, *[a_rule_wanted(name=str(number)) for number in range(50)])
    died = shop.write(deciding._take, deciding._Wanted(after(0)))
    assert 50 == len(died)

    assert 0 == decide(shop, 1)
    decide(shop, LEASE_NS / 10**9)

    assert ("pass", ["pass"] * 50) == statuses(shop, evaluation)


def test_a_rule_is_decided_once_by_whoever_is_first(shop: Ledger) -> None:
    evaluation = trigger(shop, a_rule_wanted())
    slow = shop.write(deciding._take, deciding._Wanted(after(0)))
    seen = shop.read(deciding._looked, slow, after(0), Policy.PASS)
    tell(shop, "alert", 0)
    decide(shop, LEASE_NS / 10**9)
    first = now(shop, evaluation)

    shop.write(deciding._keep, seen)

    assert first == now(shop, evaluation)
    assert Status.FAIL is first.status


def test_a_change_told_while_somebody_looks_is_looked_at_again(shop: Ledger) -> None:
    evaluation = trigger(shop, a_rule_wanted(options={"duration_s": 60}))
    taken = shop.write(deciding._take, deciding._Wanted(after(0)))
    seen = shop.read(deciding._looked, taken, after(0), Policy.PASS)
    tell(shop, "alert", 1)
    shop.write(deciding._keep, seen)

    decide(shop, 2)

    assert ("fail", ["fail"]) == statuses(shop, evaluation)


def test_one_rule_that_cannot_be_decided_stops_no_other(
    shop: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = a_rule_wanted(name="bad", options={"query": "boom"})
    evaluation = trigger(shop, a_rule_wanted(name="good"), bad)
    look = observe.Observer.look

    def explode(self: Any, watch: Any) -> Any:
        if watch.options.query == "boom":
            raise RuntimeError
        return look(self, watch)

    monkeypatch.setattr(observe.Observer, "look", explode)
    decide(shop, 0)

    assert ("in_progress", ["pass", "in_progress"]) == statuses(shop, evaluation)
    monkeypatch.undo()
    decide(shop, 60)
    assert "fail" == statuses(shop, evaluation)[0]


def test_nothing_of_another_organisation_is_seen(shop: Ledger, other_org_id: OrgId) -> None:
    evaluation = trigger(shop, a_rule_wanted(), org_id=other_org_id)

    decide(shop, 0)

    found = shop.read(get_evaluation, other_org_id, evaluation.id)
    assert "No monitors match the query 'service:shop'" == found.rules[0].reason


def test_a_state_told_for_the_past_takes_its_place_in_time(shop: Ledger) -> None:
    tell(shop, "alert", 30)
    tell(shop, "warn", 10)
    tell(shop, "warn", 15)

    assert [("ok", -3600, 10), ("warn", 10, 30), ("alert", 30, None)] == spans(shop)


def test_the_order_in_which_states_arrive_does_not_matter(shop: Ledger) -> None:
    for state, at_s in (("ok", 40.0), ("alert", 20.0), ("ok", 40.0), ("alert", 20.0)):
        tell(shop, state, at_s)

    assert [("ok", -3600, 20), ("alert", 20, 40), ("ok", 40, None)] == spans(shop)


def test_the_first_group_that_is_told_ends_what_was_unheard(ledger: Ledger) -> None:
    def put_unheard(transaction: Transaction, facts: Sequence[Any]) -> list[None]:
        monitors.put(transaction, a_monitor())
        unheard = a_span("no_data", -10, reason="nothing was heard of it yet")
        monitor_states.tell(transaction, ORG, unheard)
        return [None] * len(facts)

    ledger.write(put_unheard, None)

    tell(ledger, "ok", 5, group="pod:1")

    assert [("no_data", -10, 5), ("ok", 5, None)] == spans(ledger)


def test_states_of_a_monitor_that_is_not_there_are_refused(ledger: Ledger) -> None:
    with pytest.raises(FairleadError, match="Monitor not found"):
        tell(ledger, "ok", 0)


def spans(ledger: Ledger) -> list[tuple[str, float, float | None]]:
    found: list[Span] = ledger.read(monitor_states.touching, ORG, 0)[1]
    return [
        (
            span.state.value,
            (span.from_at - after(0)) / 10**9,
            None if span.until_at is None else (span.until_at - after(0)) / 10**9,
        )
        for span in found
    ]


def test_an_explained_deployment_names_what_gates_said_of_its_version(shop: Ledger) -> None:
    told = a_deployment(service="shop", env="prod", version="2")
    shop.write(record_deployments, told)
    tell(shop, "alert", -5)
    asked = trigger(shop, a_rule_wanted(), version="2")
    trigger(shop, a_rule_wanted(), version="1", chance=b"of another")
    decide(shop, 0)

    explanation = shop.read(explain_deployment, ORG, told.id)

    [seen] = explained(explanation).gate_evaluations
    assert (asked.id, None, "fail") == (seen.id, seen.gate_id, seen.status)
    assert [("monitors", "fail")] == [(rule.name, rule.status) for rule in seen.rules]
    lines = list(page(explanation))
    assert "Gates" in lines
    assert 'monitors: One or more monitors in ALERT state: "Monitor 1"' in "\n".join(lines)


def test_a_deployment_without_a_version_has_no_gates(shop: Ledger) -> None:
    told = a_deployment(service="shop", env="prod", version="")
    shop.write(record_deployments, told)
    trigger(shop, a_rule_wanted())

    assert () == shop.read(explain_deployment, ORG, told.id).gate_evaluations
