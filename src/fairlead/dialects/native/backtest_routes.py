"""A gate's backtest in Fairlead's own API: decode, call one thing, encode."""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.dialects.native import backtest_wire as wire
from fairlead.dialects.native.backtest_translate import seen_backtest
from fairlead.dialects.native.exchange import Exchange
from fairlead.domain.access import Permission
from fairlead.domain.errors import Rejected
from fairlead.domain.gates import GateId
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.usecases.backtest_gate import MOST_DEPLOYMENTS, backtest_gate

_USUAL = 200
_MOST_DIGITS = 9


@get(
    "/api/fairlead/v1/gates/{gate_id:str}/backtest",
    opt=operation("BacktestGate", None, wire.BacktestSeen, query="last#"),
)
async def fetch_backtest(request: AnyRequest, gate_id: FromPath[str]) -> Answer:
    """Return which of the last deployments a gate would have stopped, and which of those failed."""
    exchange = await Exchange.with_member(request, Permission.DEPLOYMENT_GATES_READ)
    last, now = _last(request.query_params.get("last")), exchange.reception.now()
    found = await exchange.reception.read(backtest_gate, exchange.org_id, GateId(gate_id), last, now)
    return exchange.answer(200, seen_backtest(found))


def _last(told: str | None) -> int:
    if told is None:
        return _USUAL
    number = int(told) if told.isascii() and told.isdigit() and len(told) <= _MOST_DIGITS else 0
    if not 1 <= number <= MOST_DEPLOYMENTS:
        raise Rejected(f'parameter "last" must be between 1 and {MOST_DEPLOYMENTS}', field="last")
    return number


HANDLERS: Sequence[HTTPRouteHandler] = (fetch_backtest,)
