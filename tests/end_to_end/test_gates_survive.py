"""Evaluations outlive whoever decides them: all end, each once, and on time after a restart."""

import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from fairlead.domain.evaluations import Evaluation, RuleEvaluation, Status
from fairlead.domain.instants import NS_PER_S
from fairlead.store import evaluations, monitor_states, monitors
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.usecases.decide_rules import LEASE_NS
from fairlead.usecases.trigger_evaluations import trigger_evaluations
from tests.gate_factories import ORG, a_monitor, a_rule_wanted, a_span, an_evaluation_wanted
from tests.programs import Program, _script, ending_with_us
from tests.waiting import became

EVALUATIONS = 100
LONGEST_S = 10
PATIENCE_S = 60
# A busy machine may start a program slowly; the promise itself is measured in benchmarks/.
SLACK_NS = 20 * NS_PER_S


@contextmanager
def a_worker(program: Program) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(
        ending_with_us(_script(), "work"), env=program._environ, start_new_session=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def put(transaction: Transaction, facts: Sequence[None]) -> list[None]:
    monitors.put(transaction, a_monitor())
    monitor_states.tell(transaction, ORG, a_span())
    return [None] * len(facts)


def trigger(ledger: Ledger, duration_s: int) -> str:
    rule = a_rule_wanted(options={"duration_s": duration_s})
    wanted = an_evaluation_wanted(rule, at=time.time_ns(), chance=secrets.token_bytes(10))
    triggered: Evaluation = ledger.write(trigger_evaluations, wanted)
    return triggered.id


def decided(ledger: Ledger, ids: Sequence[str]) -> dict[str, RuleEvaluation]:
    """Return what is decided, by the id of the rule's evaluation."""
    found = ledger.read(evaluations.by_id, ORG, ids).values()
    return {rule.id: rule for one in found for rule in one.rules if rule.finished_at is not None}


def test_killed_in_the_middle_all_end_once_and_on_time(program_on: Program, ledger: Ledger) -> None:
    ledger.write(put, None)
    with a_worker(program_on) as first:
        sentinel = [trigger(ledger, 0)]
        assert became(lambda: len(decided(ledger, sentinel)) == 1, PATIENCE_S), "the worker works"
        ids = [trigger(ledger, 1 + number % LONGEST_S) for number in range(EVALUATIONS)]
        assert became(lambda: len(decided(ledger, ids)) > 0, PATIENCE_S)
        first.send_signal(signal.SIGKILL)
        first.wait()
    before = decided(ledger, ids)
    assert len(before) < EVALUATIONS
    restarted_at = time.time_ns()
    with a_worker(program_on):
        assert became(lambda: len(decided(ledger, ids)) == EVALUATIONS, PATIENCE_S)
    after = decided(ledger, ids)

    assert before.items() <= after.items(), "what was decided stays"
    assert {Status.PASS} == {one.status for one in ledger.read(evaluations.by_id, ORG, ids).values()}
    for one in after.values():
        due_at = max(one.until_at, restarted_at + LEASE_NS)
        assert one.until_at <= (one.finished_at or 0) <= due_at + SLACK_NS
