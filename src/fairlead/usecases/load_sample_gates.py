"""Load a sample organisation's gate, unless it guards that already."""

from collections.abc import Sequence

from fairlead.domain.sample_gates import SampleGates
from fairlead.store import evaluations, gates, monitor_states, monitors
from fairlead.store.engine import Transaction


def load_sample_gates(transaction: Transaction, samples: Sequence[SampleGates]) -> list[None]:
    """Keep each gate with its rules, its monitor and the times it was asked."""
    for one in samples:
        gate = one.gate
        if gates.get_for(transaction, gate.org_id, gate.service, gate.env, gate.identifier) is None:
            _load(transaction, one)
    return [None] * len(samples)


def _load(transaction: Transaction, sample: SampleGates) -> None:
    gates.add(transaction, sample.gate)
    for rule in sample.rules:
        gates.put_rule(transaction, rule)
    if monitors.add_unless_known(transaction, sample.monitor):
        for span in sample.spans:
            monitor_states.tell(transaction, sample.gate.org_id, span)
    for evaluation in sample.evaluations:
        evaluations.add(transaction, evaluation)
