"""Evaluations of gates and of their rules: every statement that touches them.

Not here: when one is decided, and how.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, Row, Select, insert, select, tuple_

from fairlead.domain.access import OrgId
from fairlead.domain.authors import Author
from fairlead.domain.evaluations import (
    Evaluation,
    EvaluationId,
    Evidence,
    RuleEvaluation,
    RuleEvaluationId,
    Status,
)
from fairlead.domain.gates import GateId, RuleId, RuleKind, RuleOptions
from fairlead.store.bulk import BulkUpdate
from fairlead.store.engine import Transaction
from fairlead.store.tables import gate_evaluations, gate_rule_evaluations

_e = gate_evaluations.c
_r = gate_rule_evaluations.c
_encode = msgspec.json.Encoder().encode
_decode_options = msgspec.json.Decoder(RuleOptions).decode
_decode_evidence = msgspec.json.Decoder(Evidence).decode
_settled = BulkUpdate(gate_evaluations, ("status", "finished_at"))
_settled_rules = BulkUpdate(gate_rule_evaluations, ("status", "reason", "evidence", "finished_at"))
_IDS_A_STATEMENT = 300

Texts = Sequence[str]
"""Any of these; none at all means that it is not asked."""


class EvaluationsPage(Struct, frozen=True, kw_only=True):
    """Which evaluations of an organisation are asked for, the newest first."""

    since_at: int
    """Inclusive, compared with the start."""
    until_at: int
    """Exclusive."""
    services: Texts = ()
    envs: Texts = ()
    identifiers: Texts = ()
    statuses: Texts = ()
    versions: Texts = ()
    gate_ids: Texts = ()
    evaluation_ids: Texts = ()
    dry_run: bool | None = None
    after: tuple[int, str, int] | None = None
    """Start, id and position of the last one of the page before; the position is 0 for whole evaluations."""
    limit: int


class RulesPage(EvaluationsPage, frozen=True, kw_only=True):
    """Which evaluations of rules are asked for; `statuses` and `dry_run` are then the rules' own."""

    kinds: Texts = ()
    names: Texts = ()
    rule_ids: Texts = ()
    rule_evaluation_ids: Texts = ()
    gate_dry_run: bool | None = None


def add(transaction: Transaction, evaluation: Evaluation) -> None:
    """Keep a new evaluation with its rules."""
    transaction.execute(insert(gate_evaluations).values(_evaluation_row(evaluation)))
    rows = [_rule_row(rule, evaluation.started_at) for rule in evaluation.rules]
    transaction.execute(insert(gate_rule_evaluations), rows)


def get(transaction: Transaction, org_id: OrgId, evaluation_id: EvaluationId) -> Evaluation | None:
    """Return the evaluation of that id with its rules, or None."""
    mine = select(gate_evaluations).where(_e.org_id == org_id, _e.id == evaluation_id)
    row = transaction.execute(mine).first()
    return None if row is None else with_rules(transaction, org_id, [_evaluation(row)])[0]


def with_rules(
    transaction: Transaction, org_id: OrgId, evaluations: Sequence[Evaluation]
) -> list[Evaluation]:
    """Return evaluations with their rules in order."""
    rules: dict[str, list[RuleEvaluation]] = {}
    for part in _parts([one.id for one in evaluations]):
        mine = _r.org_id == org_id, _r.evaluation_id.in_(part)
        wanted = select(gate_rule_evaluations).where(*mine).order_by(_r.evaluation_id, _r.position)
        for row in transaction.execute(wanted):
            rules.setdefault(row.evaluation_id, []).append(_rule(row))
    return [replace(one, rules=tuple(rules.get(one.id, ()))) for one in evaluations]


def find(transaction: Transaction, org_id: OrgId, page: EvaluationsPage) -> list[Evaluation]:
    """Return the evaluations of one page, without their rules."""
    wanted = select(gate_evaluations).where(_e.org_id == org_id, *_conditions(page))
    if page.statuses:
        wanted = wanted.where(_e.status.in_(page.statuses))
    if page.dry_run is not None:
        wanted = wanted.where(_e.dry_run == page.dry_run)
    if page.after is not None:
        wanted = wanted.where(tuple_(_e.started_at, _e.id) < page.after[:2])
    rows = transaction.execute(wanted.order_by(_e.started_at.desc(), _e.id.desc()).limit(page.limit))
    return [_evaluation(row) for row in rows]


def find_rules(
    transaction: Transaction, org_id: OrgId, page: RulesPage
) -> list[tuple[Evaluation, RuleEvaluation]]:
    """Return the evaluations of rules of one page, each with the evaluation it belongs to."""
    place = _r.started_at, _r.evaluation_id, _r.position
    joined = _e.org_id == _r.org_id, _e.id == _r.evaluation_id
    wanted: Select[Any] = (
        select(_r.id, _r.evaluation_id)
        .join(gate_evaluations, joined[0] & joined[1])
        .where(_r.org_id == org_id, *_conditions(page), *_rule_conditions(page))
    )
    if page.after is not None:
        wanted = wanted.where(tuple_(*place) < page.after)
    rows = transaction.execute(wanted.order_by(*(column.desc() for column in place)).limit(page.limit)).all()
    evaluations = by_id(transaction, org_id, {row.evaluation_id for row in rows})
    rules = {rule.id: rule for one in evaluations.values() for rule in one.rules}
    return [(evaluations[row.evaluation_id], rules[row.id]) for row in rows]


def of_version(
    transaction: Transaction, org_id: OrgId, service: str, env: str, version: str, *, most: int
) -> list[Evaluation]:
    """Return up to so many evaluations about a version, with their rules, the newest first."""
    mine = _e.org_id == org_id, _e.service == service, _e.env == env, _e.version == version
    wanted = select(gate_evaluations).where(*mine).order_by(_e.started_at.desc(), _e.id.desc()).limit(most)
    return with_rules(transaction, org_id, [_evaluation(row) for row in transaction.execute(wanted)])


def by_id(transaction: Transaction, org_id: OrgId, ids: Iterable[str]) -> dict[str, Evaluation]:
    """Return the evaluations of those ids that there are, with their rules."""
    found: list[Evaluation] = []
    for part in _parts(sorted(ids)):
        mine = select(gate_evaluations).where(_e.org_id == org_id, _e.id.in_(part))
        found += [_evaluation(row) for row in transaction.execute(mine)]
    return {one.id: one for one in with_rules(transaction, org_id, found)}


def open_rules(
    transaction: Transaction, org_id: OrgId, ids: Sequence[str]
) -> list[tuple[Evaluation, RuleEvaluation]]:
    """Return those of the rules' evaluations that are undecided, each with the evaluation it belongs to."""
    belongs: dict[str, str] = {}
    for part in _parts(ids):
        mine = _r.org_id == org_id, _r.id.in_(part), _r.status == Status.IN_PROGRESS.value
        rows = transaction.execute(select(_r.id, _r.evaluation_id).where(*mine))
        belongs.update({row.id: row.evaluation_id for row in rows})
    evaluations = by_id(transaction, org_id, set(belongs.values()))
    return [(one, rule) for one in evaluations.values() for rule in one.rules if rule.id in belongs]


def watching(
    transaction: Transaction, org_id: OrgId, kind: RuleKind, now: int
) -> list[tuple[RuleEvaluationId, RuleOptions]]:
    """Return the undecided evaluations of rules of a kind that have begun to watch, each with its options."""
    mine = _r.org_id == org_id, _r.status == Status.IN_PROGRESS.value, _r.kind == kind.value
    rows = transaction.execute(select(_r.id, _r.options).where(*mine, _r.from_at <= now))
    return [(RuleEvaluationId(row.id), _decode_options(row.options)) for row in rows]


def settle_rules(transaction: Transaction, rules: Sequence[RuleEvaluation]) -> None:
    """Keep what rules came to, whose evaluations are held and which were undecided."""
    rows = [
        (one.org_id, one.id, one.status.value, one.reason, _encode(one.evidence).decode(), one.finished_at)
        for one in rules
    ]
    _settled_rules.run(transaction, rows)


def hold(transaction: Transaction, org_id: OrgId, ids: Iterable[str]) -> None:
    """Let nobody else write evaluations until the transaction ends."""
    for part in _parts(sorted(set(ids))):
        mine = select(_e.id).where(_e.org_id == org_id, _e.id.in_(part)).order_by(_e.id).with_for_update()
        transaction.execute(mine).all()


def settle(
    transaction: Transaction, org_id: OrgId, settled: Iterable[tuple[EvaluationId, Status]], at: int
) -> None:
    """Keep what evaluations came to, which are held and were undecided."""
    _settled.run(transaction, [(org_id, id, status.value, at) for id, status in settled])


def _conditions(page: EvaluationsPage) -> Iterable[ColumnElement[bool]]:
    yield _e.started_at >= page.since_at
    yield _e.started_at < page.until_at
    for column, texts in (
        (_e.service, page.services),
        (_e.env, page.envs),
        (_e.identifier, page.identifiers),
        (_e.version, page.versions),
        (_e.gate_id, page.gate_ids),
        (_e.id, page.evaluation_ids),
    ):
        if texts:
            yield column.in_(texts)


def _rule_conditions(page: RulesPage) -> Iterable[ColumnElement[bool]]:
    for column, texts in (
        (_r.status, page.statuses),
        (_r.kind, page.kinds),
        (_r.name, page.names),
        (_r.rule_id, page.rule_ids),
        (_r.id, page.rule_evaluation_ids),
    ):
        if texts:
            yield column.in_(texts)
    for flag, value in ((_r.dry_run, page.dry_run), (_e.dry_run, page.gate_dry_run)):
        if value is not None:
            yield flag == value


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[at : at + _IDS_A_STATEMENT] for at in range(0, len(ids), _IDS_A_STATEMENT))


def _evaluation_row(one: Evaluation) -> dict[str, Any]:
    return {
        "org_id": one.org_id,
        "id": one.id,
        "gate_id": one.gate_id or "",
        "service": one.service,
        "env": one.env,
        "identifier": one.identifier,
        "version": one.version,
        "primary_tag": one.primary_tag,
        "monitors_query_variable": one.monitors_query_variable,
        "dry_run": one.dry_run,
        "asked_by": one.asked_by.id,
        "asked_by_name": one.asked_by.name,
        "started_at": one.started_at,
        "status": one.status.value,
        "finished_at": one.finished_at,
    }


def _rule_row(rule: RuleEvaluation, started_at: int) -> dict[str, Any]:
    return {
        "org_id": rule.org_id,
        "id": rule.id,
        "evaluation_id": rule.evaluation_id,
        "position": rule.position,
        "started_at": started_at,
        "rule_id": rule.rule_id or "",
        "name": rule.name,
        "kind": rule.kind.value,
        "options": _encode(rule.options).decode(),
        "dry_run": rule.dry_run,
        "is_binding": rule.is_binding,
        "from_at": rule.from_at,
        "until_at": rule.until_at,
        "status": rule.status.value,
        "reason": rule.reason,
        "evidence": _encode(rule.evidence).decode(),
        "finished_at": rule.finished_at,
    }


def _evaluation(row: Row[Any]) -> Evaluation:
    return Evaluation(
        org_id=row.org_id,
        id=EvaluationId(row.id),
        gate_id=GateId(row.gate_id) if row.gate_id else None,
        service=row.service,
        env=row.env,
        identifier=row.identifier,
        version=row.version,
        primary_tag=row.primary_tag,
        monitors_query_variable=row.monitors_query_variable,
        dry_run=row.dry_run,
        asked_by=Author(row.asked_by, row.asked_by_name),
        started_at=row.started_at,
        status=Status(row.status),
        finished_at=row.finished_at,
    )


def _rule(row: Row[Any]) -> RuleEvaluation:
    return RuleEvaluation(
        org_id=row.org_id,
        evaluation_id=EvaluationId(row.evaluation_id),
        id=RuleEvaluationId(row.id),
        position=row.position,
        rule_id=RuleId(row.rule_id) if row.rule_id else None,
        name=row.name,
        kind=RuleKind(row.kind),
        options=_decode_options(row.options),
        dry_run=row.dry_run,
        is_binding=row.is_binding,
        from_at=row.from_at,
        until_at=row.until_at,
        status=Status(row.status),
        reason=row.reason,
        evidence=_decode_evidence(row.evidence),
        finished_at=row.finished_at,
    )
