"""Where PagerDuty delivers: prove, read, keep."""

from collections.abc import Sequence

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.dialects.pagerduty import signature
from fairlead.dialects.pagerduty.translate import ENV, EVENT, read
from fairlead.domain.hooks import Vendor
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.hooks import HookExchange, Label, header


@post("/hooks/pagerduty/{hook_id:str}", status_code=200)
async def deliver(request: AnyRequest, hook_id: FromPath[str]) -> Answer:
    """Take one event; the same again changes nothing."""
    exchange = await HookExchange.at(request, hook_id, Vendor.PAGERDUTY)
    signature.require_signature(exchange.headers)
    env = header(exchange.headers, ENV.encode()) or header(exchange.headers, b"dd-env")
    label = Label(id="", event=EVENT, kept={ENV: env} if env else {})
    return await exchange.take(label, signature.prove, read)


HANDLERS: Sequence[HTTPRouteHandler] = (deliver,)
