"""Gates are made, put into dry run and deleted. Not here: their rules, and what they said."""

from collections.abc import Sequence

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.domain.access import Permission
from fairlead.domain.authors import Author
from fairlead.domain.errors import Conflict, Rejected
from fairlead.domain.gates import DEFAULT_IDENTIFIER, Gate, GateId
from fairlead.domain.identity import id_from_chance
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.change_gates import GateChange, change_gates
from fairlead.usecases.create_gates import create_gates
from fairlead.usecases.delete_gates import GateNamed, delete_gates
from fairlead.usecases.get_gate import get_gate
from fairlead.web.drawing import go_to
from fairlead.web.forms import Form
from fairlead.web.visit import Visit

CHANCE_BYTES = 10
_WRITE = Permission.DEPLOYMENT_GATES_WRITE
_FIELDS = ("service", "env", "identifier", "dry_run")


@get("/gates/new")
async def new_gate(request: AnyRequest) -> Answer:
    """Ask what a new gate is to guard."""
    return _page(await Visit.begin(request, _WRITE), dict.fromkeys(_FIELDS, ""), {})


@post("/gates", status_code=200)
async def make_gate(request: AnyRequest) -> Answer:
    """Make a gate."""
    visit = await Visit.begin(request, _WRITE)
    form = await visit.form()
    try:
        gate = _gate(visit, form)
        await visit.change(create_gates, gate, "made gate", name_of(gate), _dry(gate.dry_run))
    except Rejected as error:
        return _page(visit, _told(form), {error.field: str(error)}, 400)
    except Conflict:
        wrong = {"identifier": "there is a gate for this service and environment of this name already"}
        return _page(visit, _told(form), wrong, 409)
    return go_to(f"/gates/{gate.id}?done=made")


@post("/gates/{gate_id:str}")
async def change_gate(request: AnyRequest, gate_id: FromPath[str]) -> Answer:
    """Put a gate into dry run, or end that; nothing else of it ever changes."""
    visit = await Visit.begin(request, _WRITE)
    form = await visit.form()
    gate = await visit.reception.read(get_gate, visit.org_id, GateId(gate_id))
    change = GateChange(
        org_id=visit.org_id,
        gate_id=gate.id,
        dry_run=bool(form.text("dry_run")),
        by=author(visit),
        at=visit.now,
    )
    await visit.change(change_gates, change, "changed gate", name_of(gate), _dry(change.dry_run))
    return go_to(f"/gates/{gate.id}?done=changed")


@post("/gates/{gate_id:str}/delete")
async def delete_gate(request: AnyRequest, gate_id: FromPath[str]) -> Answer:
    """Delete a gate with its rules; what it said stays."""
    visit = await Visit.begin(request, _WRITE)
    await visit.form()
    gate = await visit.reception.read(get_gate, visit.org_id, GateId(gate_id))
    await visit.change(delete_gates, GateNamed(visit.org_id, gate.id), "deleted gate", name_of(gate), gate.id)
    return go_to("/gates?done=deleted")


def author(visit: Visit) -> Author:
    """Return the visitor, as what they make is signed."""
    return Author(visit.visitor.member.email, visit.visitor.member.name)


def name_of(gate: Gate) -> str:
    """Return what people call a gate."""
    named = "" if gate.identifier == DEFAULT_IDENTIFIER else f" ({gate.identifier})"
    return f"{gate.service} to {gate.env}{named}"


def _gate(visit: Visit, form: Form) -> Gate:
    by = author(visit)
    return Gate(
        org_id=visit.org_id,
        id=GateId(id_from_chance(visit.now, visit.reception.chance(CHANCE_BYTES))),
        service=form.text("service"),
        env=form.text("env"),
        identifier=form.text("identifier") or DEFAULT_IDENTIFIER,
        dry_run=bool(form.text("dry_run")),
        created_at=visit.now,
        created_by=by,
        updated_at=visit.now,
        updated_by=by,
    )


def _dry(is_dry: bool) -> str:  # noqa: FBT001 — the one thing it says.
    return "dry run" if is_dry else "counts"


def _told(form: Form) -> dict[str, str]:
    return {name: form.text(name) for name in _FIELDS}


def _page(visit: Visit, told: dict[str, str], wrong: dict[str, str], status: int = 200) -> Answer:
    return visit.page("gate_new.html", status=status, told=told, wrong=wrong, usual=DEFAULT_IDENTIFIER)


HANDLERS: Sequence[HTTPRouteHandler] = (new_gate, make_gate, change_gate, delete_gate)
