"""A believable organisation for a look at its pages: the sample's months and gate, and a webhook.

Shared by the tests in a browser and by the script that makes the screenshots.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update

from fairlead.domain.access import OrgId
from fairlead.domain.evaluations import EvaluationId, Status
from fairlead.domain.gates import GateId
from fairlead.domain.hooks import Vendor
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.sample import sample
from fairlead.domain.sample_gates import evaluation, sample_gates
from fairlead.store import evaluations
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.tables import gate_evaluations
from fairlead.usecases.create_hook import HookWanted, create_hooks
from fairlead.usecases.load_sample import load_samples
from fairlead.usecases.load_sample_gates import load_sample_gates


@dataclass(frozen=True)
class Furnished:
    """What there is to look at."""

    gate: GateId
    decided: EvaluationId
    """An evaluation that failed."""
    running: EvaluationId


def furnish(ledger: Ledger, org_id: OrgId, now: int) -> Furnished:
    """Fill an organisation that has nothing yet."""
    ledger.write(load_samples, sample(org_id, now))
    gates = sample_gates(org_id, now)
    ledger.write(load_sample_gates, gates)
    hook = HookWanted(
        org_id=org_id, vendor=Vendor.GITHUB, secret=b"s" * 32, chance=b"c" * 16, at=now - 86_400 * NS_PER_S
    )
    ledger.write(create_hooks, hook)
    running = evaluation(gates.gate, now - 60 * NS_PER_S, Status.IN_PROGRESS, version="2.152.0")
    ledger.write(_put, running)
    return Furnished(gates.gate.id, gates.evaluations[1].id, running.id)


def let_pass(ledger: Ledger, org_id: OrgId, evaluation_id: EvaluationId) -> None:
    """Decide an evaluation that runs, as a worker would."""
    ledger.write(_decide, (org_id, evaluation_id))


def _put(transaction: Transaction, facts: Sequence[Any]) -> list[None]:
    for one in facts:
        evaluations.add(transaction, one)
    return [None] * len(facts)


def _decide(transaction: Transaction, named: Sequence[tuple[OrgId, EvaluationId]]) -> list[None]:
    for org_id, evaluation_id in named:
        mine = gate_evaluations.c.org_id == org_id, gate_evaluations.c.id == evaluation_id
        values = {"status": Status.PASS.value, "finished_at": time.time_ns()}
        transaction.execute(update(gate_evaluations).where(*mine).values(values))
    return [None] * len(named)
