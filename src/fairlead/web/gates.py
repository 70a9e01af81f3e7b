"""Gates: the list, and one gate with its rules and when it was asked."""

from collections.abc import Sequence
from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.domain.access import Permission
from fairlead.domain.gates import Gate, GateId
from fairlead.domain.instants import NS_PER_S
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.find_evaluations import EvaluationsPage, find_evaluations
from fairlead.usecases.find_gates import GatesPage, find_gates
from fairlead.usecases.get_gate import get_gate, get_rules
from fairlead.web.rule_form import watches
from fairlead.web.visit import Visit

_MOST_GATES: Final = 500
_MOST_EVALUATIONS: Final = 50
_YEAR_NS: Final = 365 * 86_400 * NS_PER_S


@get("/gates")
async def show_gates(request: AnyRequest) -> Answer:
    """List the gates, and who was asked last."""
    visit = await Visit.begin(request, Permission.DEPLOYMENT_GATES_READ)
    found = await visit.reception.read(find_gates, visit.org_id, GatesPage(limit=_MOST_GATES))
    asked = await visit.reception.read(find_evaluations, visit.org_id, _latest(visit))
    gates = sorted(found, key=lambda gate: (gate.service, gate.env, gate.identifier))
    last = {one.gate_id: one for one in reversed(asked) if one.gate_id is not None}
    return visit.page("gates.html", gates=gates, evaluations=asked, last=last, address=visit.address)


@get("/gates/{gate_id:str}")
async def show_gate(request: AnyRequest, gate_id: FromPath[str]) -> Answer:
    """Show one gate."""
    visit = await Visit.begin(request, Permission.DEPLOYMENT_GATES_READ)
    gate = await visit.reception.read(get_gate, visit.org_id, GateId(gate_id))
    rules = await visit.reception.read(get_rules, visit.org_id, gate.id)
    asked = await visit.reception.read(find_evaluations, visit.org_id, _latest(visit, gate))
    watched = {rule.id: watches(rule.options) for rule in rules}
    return visit.page("gate.html", gate=gate, rules=rules, evaluations=asked, watches=watched)


def _latest(visit: Visit, gate: Gate | None = None) -> EvaluationsPage:
    return EvaluationsPage(
        since_at=visit.now - _YEAR_NS,
        until_at=visit.now + NS_PER_S,
        gate_ids=(gate.id,) if gate else (),
        limit=_MOST_EVALUATIONS,
    )


HANDLERS: Sequence[HTTPRouteHandler] = (show_gates, show_gate)
