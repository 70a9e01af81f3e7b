"""Where Alertmanager delivers: prove, read, keep."""

from collections.abc import Sequence

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.dialects.alertmanager.translate import EVENT, read
from fairlead.domain.hooks import Hook, Vendor
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.hooks import Headers, HookExchange, Label
from fairlead.intake.shared_secret import require_secret


@post("/hooks/alertmanager/{hook_id:str}", status_code=200)
async def deliver(request: AnyRequest, hook_id: FromPath[str]) -> Answer:
    """Take one notification; the same again changes nothing."""
    exchange = await HookExchange.at(request, hook_id, Vendor.ALERTMANAGER)
    require_secret(exchange.hook, exchange.headers)
    return await exchange.take(Label(id="", event=EVENT, kept={}), _proved, read)


HANDLERS: Sequence[HTTPRouteHandler] = (deliver,)


def _proved(hook: Hook, headers: Headers, _body: bytes) -> None:
    """Whoever shows the secret need not sign with it."""
    require_secret(hook, headers)
