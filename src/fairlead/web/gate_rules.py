"""The rules of a gate are made, changed and deleted. Not here: how a form says a rule (`rule_form`)."""

from collections.abc import Mapping, Sequence

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.domain.access import Permission
from fairlead.domain.errors import NotFound, Rejected
from fairlead.domain.evaluations import USUAL_DETECTION_S
from fairlead.domain.gates import LONGEST_WARMUP_S, LONGEST_WATCH_S, Gate, GateId, Rule, RuleId, RuleKind
from fairlead.domain.identity import id_from_chance
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.change_rules import RuleChange, change_rules
from fairlead.usecases.create_rules import create_rules
from fairlead.usecases.delete_rules import RuleNamed, delete_rules
from fairlead.usecases.get_gate import get_gate, get_rule
from fairlead.web.drawing import go_to
from fairlead.web.forms import Form
from fairlead.web.gate_changes import CHANCE_BYTES, author, name_of
from fairlead.web.rule_form import BLANK, options_in, told_by, watches, written
from fairlead.web.visit import Visit

_WRITE = Permission.DEPLOYMENT_GATES_WRITE


@get("/gates/{gate_id:str}/rules/new")
async def new_rule(request: AnyRequest, gate_id: FromPath[str]) -> Answer:
    """Ask what a new rule is to watch."""
    visit = await Visit.begin(request, _WRITE)
    gate = await visit.reception.read(get_gate, visit.org_id, GateId(gate_id))
    return _page(visit, gate, _kind(visit.asked("kind")), BLANK)


@post("/gates/{gate_id:str}/rules", status_code=200)
async def make_rule(request: AnyRequest, gate_id: FromPath[str]) -> Answer:
    """Make a rule."""
    visit = await Visit.begin(request, _WRITE)
    form = await visit.form()
    gate = await visit.reception.read(get_gate, visit.org_id, GateId(gate_id))
    kind = _kind(form.text("kind"))
    try:
        rule = _rule(visit, gate, kind, form)
        said = f"{rule.name}: {watches(rule.options)}"
        await visit.change(create_rules, rule, "made rule", name_of(gate), said)
    except Rejected as error:
        return _page(visit, gate, kind, told_by(form), wrong=error)
    return go_to(f"/gates/{gate.id}?done=rule-made")


@get("/gates/{gate_id:str}/rules/{rule_id:str}")
async def show_rule(request: AnyRequest, gate_id: FromPath[str], rule_id: FromPath[str]) -> Answer:
    """Show a rule to whoever may change it."""
    visit = await Visit.begin(request, _WRITE)
    gate, rule = await _found(visit, gate_id, rule_id)
    return _page(visit, gate, rule.kind, written(rule), rule)


@post("/gates/{gate_id:str}/rules/{rule_id:str}", status_code=200)
async def change_rule(request: AnyRequest, gate_id: FromPath[str], rule_id: FromPath[str]) -> Answer:
    """Change a rule; what it was told before is replaced."""
    visit = await Visit.begin(request, _WRITE)
    form = await visit.form()
    gate, rule = await _found(visit, gate_id, rule_id)
    try:
        change = RuleChange(
            org_id=visit.org_id,
            gate_id=gate.id,
            rule_id=rule.id,
            name=form.text("name"),
            options=options_in(form, rule.kind),
            dry_run=bool(form.text("dry_run")),
            by=author(visit),
            at=visit.now,
        )
        said = f"{change.name}: {watches(change.options)}"
        await visit.change(change_rules, change, "changed rule", name_of(gate), said)
    except Rejected as error:
        return _page(visit, gate, rule.kind, told_by(form), rule, wrong=error)
    return go_to(f"/gates/{gate.id}?done=rule-changed")


@post("/gates/{gate_id:str}/rules/{rule_id:str}/delete")
async def delete_rule(request: AnyRequest, gate_id: FromPath[str], rule_id: FromPath[str]) -> Answer:
    """Delete a rule; what it found stays."""
    visit = await Visit.begin(request, _WRITE)
    await visit.form()
    gate, rule = await _found(visit, gate_id, rule_id)
    named = RuleNamed(visit.org_id, gate.id, rule.id)
    await visit.change(delete_rules, named, "deleted rule", name_of(gate), rule.name)
    return go_to(f"/gates/{gate.id}?done=rule-deleted")


async def _found(visit: Visit, gate_id: str, rule_id: str) -> tuple[Gate, Rule]:
    gate = await visit.reception.read(get_gate, visit.org_id, GateId(gate_id))
    return gate, await visit.reception.read(get_rule, visit.org_id, gate.id, RuleId(rule_id))


def _kind(text: str) -> RuleKind:
    if text not in set(RuleKind):
        raise NotFound("there is no such kind of rule")
    return RuleKind(text)


def _rule(visit: Visit, gate: Gate, kind: RuleKind, form: Form) -> Rule:
    by = author(visit)
    return Rule(
        org_id=visit.org_id,
        gate_id=gate.id,
        id=RuleId(id_from_chance(visit.now, visit.reception.chance(CHANCE_BYTES))),
        name=form.text("name"),
        kind=kind,
        options=options_in(form, kind),
        dry_run=bool(form.text("dry_run")),
        created_at=visit.now,
        created_by=by,
        updated_at=visit.now,
        updated_by=by,
    )


def _page(
    visit: Visit,
    gate: Gate,
    kind: RuleKind,
    told: Mapping[str, str],
    rule: Rule | None = None,
    *,
    wrong: Rejected | None = None,
) -> Answer:
    return visit.page(
        "gate_rule.html",
        status=200 if wrong is None else 400,
        gate=gate,
        kind=kind.value,
        told=told,
        rule=rule,
        wrong={} if wrong is None else {wrong.field: str(wrong)},
        longest_watch=LONGEST_WATCH_S,
        longest_warmup=LONGEST_WARMUP_S,
        usual_detection=USUAL_DETECTION_S,
    )


HANDLERS: Sequence[HTTPRouteHandler] = (new_rule, make_rule, show_rule, change_rule, delete_rule)
