"""Find evaluations of gates, or of single rules; get one by its id."""

from fairlead.domain.access import OrgId
from fairlead.domain.errors import NotFound
from fairlead.domain.evaluations import Evaluation, EvaluationId, RuleEvaluation
from fairlead.store import evaluations
from fairlead.store.engine import Transaction
from fairlead.store.evaluations import EvaluationsPage, RulesPage

__all__ = ["EvaluationsPage", "RulesPage", "find_evaluations", "find_rule_evaluations", "get_evaluation"]


def get_evaluation(transaction: Transaction, org_id: OrgId, evaluation_id: EvaluationId) -> Evaluation:
    """Return an evaluation with its rules.

    Raises:
        NotFound: there is none of that id.
    """
    found = evaluations.get(transaction, org_id, evaluation_id)
    if found is None:
        raise NotFound(f"gate evaluation with id {evaluation_id} not found")
    return found


def find_evaluations(transaction: Transaction, org_id: OrgId, page: EvaluationsPage) -> list[Evaluation]:
    """Return the evaluations that `page` asks for, without their rules."""
    return evaluations.find(transaction, org_id, page)


def find_rule_evaluations(
    transaction: Transaction, org_id: OrgId, page: RulesPage
) -> list[tuple[Evaluation, RuleEvaluation]]:
    """Return the evaluations of rules that `page` asks for, each with the evaluation it belongs to."""
    return evaluations.find_rules(transaction, org_id, page)
