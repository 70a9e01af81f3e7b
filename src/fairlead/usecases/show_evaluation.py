"""Show one evaluation of a gate to a person: its rules, and the states of the monitors that decided."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.evaluations import Evaluation, EvaluationId
from fairlead.domain.monitors import Span
from fairlead.store import monitor_states
from fairlead.store.engine import Transaction
from fairlead.usecases.find_evaluations import get_evaluation


class ShownEvaluation(Struct, frozen=True, kw_only=True):
    """An evaluation with its surroundings."""

    evaluation: Evaluation
    spans: Mapping[int, Sequence[Span]]
    """By monitor that is part of the evidence: its states from the start of the evaluation on."""


def show_evaluation(transaction: Transaction, org_id: OrgId, evaluation_id: EvaluationId) -> ShownEvaluation:
    """Return an evaluation with what it stands on.

    Raises:
        NotFound: there is none of that id.
    """
    evaluation = get_evaluation(transaction, org_id, evaluation_id)
    ids = sorted({one.monitor_id for rule in evaluation.rules for one in rule.evidence.monitors})
    spans = monitor_states.touching(transaction, org_id, evaluation.started_at, ids) if ids else {}
    return ShownEvaluation(evaluation=evaluation, spans=spans)
