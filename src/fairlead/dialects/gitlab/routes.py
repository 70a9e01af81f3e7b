"""Where GitLab delivers: prove, read, keep.

Not here: what an event tells (`translate.py`).
"""

from collections.abc import Sequence

from litestar import post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.dialects.gitlab import signature
from fairlead.dialects.gitlab.translate import read
from fairlead.domain.hooks import Vendor
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.hooks import Headers, HookExchange, Label, header


@post("/hooks/gitlab/{hook_id:str}", status_code=200)
async def deliver(request: AnyRequest, hook_id: FromPath[str]) -> Answer:
    """Take one delivery; the same id again changes nothing."""
    exchange = await HookExchange.at(request, hook_id, Vendor.GITLAB)
    signature.require_token(exchange.hook, exchange.headers)
    return await exchange.take(_label(exchange.headers), signature.prove, read)


def _label(headers: Headers) -> Label:
    """Return what GitLab calls the delivery: the same text whenever it sends it again.

    `X-Gitlab-Event-UUID` is no such id: events that follow from one another share it.
    """
    told = header(headers, b"webhook-id") or header(headers, b"idempotency-key")
    return Label(id=told, event=header(headers, b"x-gitlab-event") or "unnamed", kept={})


HANDLERS: Sequence[HTTPRouteHandler] = (deliver,)
