"""Where Grafana delivers: prove, read, keep."""

from collections.abc import Sequence

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.dialects.grafana import signature
from fairlead.dialects.grafana.translate import EVENT, read
from fairlead.domain.hooks import Vendor
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.hooks import HookExchange, Label


@post("/hooks/grafana/{hook_id:str}", status_code=200)
async def deliver(request: AnyRequest, hook_id: FromPath[str]) -> Answer:
    """Take one notification; the same again changes nothing."""
    exchange = await HookExchange.at(request, hook_id, Vendor.GRAFANA)
    signature.require_proof(exchange.hook, exchange.headers)
    return await exchange.take(Label(id="", event=EVENT, kept={}), signature.prove, read)


HANDLERS: Sequence[HTTPRouteHandler] = (deliver,)
