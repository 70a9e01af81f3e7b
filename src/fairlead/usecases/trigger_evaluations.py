"""Trigger evaluations of gates: note what is to be watched, and ask for the work.

Answered at once; nothing is watched here. The evaluation and the work on it are written in one
transaction, so an evaluation that was answered is decided, whoever dies meanwhile.
"""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.authors import Author
from fairlead.domain.errors import FairleadError, NotFound
from fairlead.domain.evaluations import (
    Evaluation,
    EvaluationId,
    RuleEvaluation,
    RuleEvaluationId,
    watched_span,
)
from fairlead.domain.gates import GateId, RuleId, RuleKind, RuleOptions
from fairlead.domain.identity import id_from_chance, id_from_content
from fairlead.store import evaluations, gates, work
from fairlead.store.engine import Transaction
from fairlead.store.work import Item, Kind


class RuleWanted(Struct, frozen=True, kw_only=True):
    """A rule to evaluate."""

    name: str
    kind: RuleKind
    options: RuleOptions
    dry_run: bool
    is_binding: bool = False
    rule_id: RuleId | None = None


class InlineRules(Struct, frozen=True, kw_only=True):
    """Rules that come with the request; no gate that is kept is looked for then."""

    rules: tuple[RuleWanted, ...]
    dry_run: bool


class EvaluationWanted(Struct, frozen=True, kw_only=True):
    """What somebody asks of a gate."""

    org_id: OrgId
    service: str
    env: str
    identifier: str
    version: str = ""
    primary_tag: str = ""
    monitors_query_variable: str = ""
    inline: InlineRules | None = None
    by: Author
    at: int
    chance: bytes
    """10 bytes of randomness."""


def trigger_evaluations(
    transaction: Transaction, wanted: Sequence[EvaluationWanted]
) -> list[Evaluation | FairleadError]:
    """Trigger each evaluation, or return `NotFound` where there is no gate with a rule."""
    return [_trigger(transaction, one) for one in wanted]


def _trigger(transaction: Transaction, wanted: EvaluationWanted) -> Evaluation | FairleadError:
    found = _rules(transaction, wanted)
    if found is None:
        told = f"service {wanted.service}, env {wanted.env}, and identifier {wanted.identifier}"
        return NotFound(f"no gate found for {told}")
    gate_id, rules = found
    id = EvaluationId(id_from_chance(wanted.at, wanted.chance))
    evaluation = Evaluation(
        org_id=wanted.org_id,
        id=id,
        gate_id=gate_id,
        service=wanted.service,
        env=wanted.env,
        identifier=wanted.identifier,
        version=wanted.version,
        primary_tag=wanted.primary_tag,
        monitors_query_variable=wanted.monitors_query_variable,
        dry_run=rules.dry_run,
        asked_by=wanted.by,
        started_at=wanted.at,
        rules=tuple(_begun(wanted, id, number, rule) for number, rule in enumerate(rules.rules)),
    )
    evaluations.add(transaction, evaluation)
    for rule in evaluation.rules:
        work.ask(transaction, [rule_item(rule)], due_at=rule.from_at)
    return evaluation


def rule_item(rule: RuleEvaluation) -> Item:
    """Return the work of deciding a rule."""
    return Item(rule.org_id, Kind.DECIDE_RULE, rule.id)


def _rules(transaction: Transaction, wanted: EvaluationWanted) -> tuple[GateId | None, InlineRules] | None:
    """Return which rules are to be evaluated, and of which gate."""
    if wanted.inline is not None:
        return None, wanted.inline
    gate = gates.get_for(transaction, wanted.org_id, wanted.service, wanted.env, wanted.identifier)
    if gate is None:
        return None
    rules = tuple(
        RuleWanted(
            name=rule.name, kind=rule.kind, options=rule.options, dry_run=rule.dry_run, rule_id=rule.id
        )
        for rule in gates.rules_of(transaction, gate.org_id, gate.id)
    )
    return (gate.id, InlineRules(rules=rules, dry_run=gate.dry_run)) if rules else None


def _begun(wanted: EvaluationWanted, id: EvaluationId, number: int, rule: RuleWanted) -> RuleEvaluation:
    from_at, until_at = watched_span(rule.kind, rule.options, wanted.at)
    return RuleEvaluation(
        org_id=wanted.org_id,
        evaluation_id=id,
        id=RuleEvaluationId(id_from_content(wanted.at, id, number)),
        position=number,
        rule_id=rule.rule_id,
        name=rule.name,
        kind=rule.kind,
        options=rule.options,
        dry_run=rule.dry_run,
        is_binding=rule.is_binding,
        from_at=from_at,
        until_at=until_at,
    )
