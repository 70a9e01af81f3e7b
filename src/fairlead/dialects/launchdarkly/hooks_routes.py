"""Where LaunchDarkly delivers what happened to flags: prove, read, keep."""

from collections.abc import Sequence

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.dialects.launchdarkly.hooks_signature import prove, require_signature
from fairlead.dialects.launchdarkly.hooks_translate import read
from fairlead.domain.hooks import Vendor
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.hooks import HookExchange, Label

_EVENT = "audit log entry"
"""LaunchDarkly names none: everything it delivers is one."""


@post("/hooks/launchdarkly/{hook_id:str}", status_code=200)
async def deliver(request: AnyRequest, hook_id: FromPath[str]) -> Answer:
    """Take one delivery; the same again changes nothing."""
    exchange = await HookExchange.at(request, hook_id, Vendor.LAUNCHDARKLY)
    require_signature(exchange.headers)
    return await exchange.take(Label(id="", event=_EVENT, kept={}), prove, read)


HANDLERS: Sequence[HTTPRouteHandler] = (deliver,)
