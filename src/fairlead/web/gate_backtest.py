"""What a gate would have said about past deployments, beside what became of them."""

from collections.abc import Sequence
from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.domain.access import Permission
from fairlead.domain.gates import GateId
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.backtest_gate import backtest_gate
from fairlead.web.addresses import deployment_address
from fairlead.web.visit import Visit

_CHOICES: Final = (20, 50, 200)


@get("/gates/{gate_id:str}/backtest")
async def show_backtest(request: AnyRequest, gate_id: FromPath[str]) -> Answer:
    """Try a gate on the last deployments of its service and environment."""
    visit = await Visit.begin(request, Permission.DEPLOYMENT_GATES_READ)
    asked = visit.asked("last")
    last = next((number for number in _CHOICES if str(number) == asked), _CHOICES[0])
    found = await visit.reception.read(backtest_gate, visit.org_id, GateId(gate_id), last, visit.now)
    return visit.page(
        "gate_backtest.html",
        gate=found.gate,
        tried=found.tried,
        score=found.score,
        last=last,
        choices=_CHOICES,
        deployment_address=deployment_address,
    )


HANDLERS: Sequence[HTTPRouteHandler] = (show_backtest,)
