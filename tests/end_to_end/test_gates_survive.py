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
from tests.programs import Program, _script
from tests.waiting import became

EVALUATIONS = 200
PATIENCE_S = 60
# A busy machine may start a program slowly; the promise itself is measured in benchmarks/.
SLACK_NS = 20 * NS_PER_S


@contextmanager
def a_worker(program: Program) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([_script(), "work"], env=program._environ, start_new_session=True)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def put(transaction: Transaction, facts: Sequence[None]) -> list[None]:
    monitors.put(transaction, a_monitor())
    monitor_states.tell(transaction, ORG, a_span())
    return [None] * len(facts)


def test_killed_in_the_middle_all_end_once_and_on_time(program_on: Program, ledger: Ledger) -> None:
    ledger.write(put, None)
    begun_at = time.time_ns()
    ids = []
    for number in range(EVALUATIONS):
        rule = a_rule_wanted(options={"duration_s": 1 + number % 6})
        wanted = an_evaluation_wanted(rule, at=begun_at, chance=secrets.token_bytes(10))
        triggered: Evaluation = ledger.write(trigger_evaluations, wanted)
        ids.append(triggered.id)

    def rules() -> dict[str, RuleEvaluation]:
        found = ledger.read(evaluations.by_id, ORG, ids)
        return {rule.id: rule for one in found.values() for rule in one.rules if rule.finished_at is not None}

    with a_worker(program_on) as first:
        assert became(lambda: len(rules()) > 0, PATIENCE_S)
        first.send_signal(signal.SIGKILL)
        first.wait()
    decided_before = rules()
    assert len(decided_before) < EVALUATIONS
    restarted_at = time.time_ns()
    with a_worker(program_on):
        assert became(lambda: len(rules()) == EVALUATIONS, PATIENCE_S)
    decided = rules()

    assert decided_before.items() <= decided.items(), "what was decided stays"
    assert {Status.PASS} == {one.status for one in ledger.read(evaluations.by_id, ORG, ids).values()}
    for one in decided.values():
        due_at = max(one.until_at, restarted_at + LEASE_NS)
        assert one.until_at <= (one.finished_at or 0) <= due_at + SLACK_NS
