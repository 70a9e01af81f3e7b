"""Where GitHub delivers: prove, read, keep.

Not here: what an event tells (`translate.py`).
"""

from collections.abc import Sequence

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.dialects.github import signature
from fairlead.dialects.github.translate import FORM, read
from fairlead.domain.errors import Rejected
from fairlead.domain.hooks import Vendor
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.hooks import Headers, HookExchange, Label, header


@post("/hooks/github/{hook_id:str}", status_code=200)
async def deliver(request: AnyRequest, hook_id: FromPath[str]) -> Answer:
    """Take one delivery; the same id again changes nothing."""
    exchange = await HookExchange.at(request, hook_id, Vendor.GITHUB)
    signature.require_signature(exchange.headers)
    return await exchange.take(_label(exchange.headers), signature.prove, read)


def _label(headers: Headers) -> Label:
    event = header(headers, b"x-github-event")
    if not event:
        raise Rejected('header "X-GitHub-Event" is required', field="X-GitHub-Event")
    media_type = header(headers, b"content-type").partition(";")[0].lower()
    kept = {"content-type": media_type} if media_type == FORM else {}
    return Label(id=header(headers, b"x-github-delivery"), event=event, kept=kept)


HANDLERS: Sequence[HTTPRouteHandler] = (deliver,)
