"""Delivery metrics in Prometheus's text format: decode, call one thing, encode.

Apart from `/metrics`, which is about this server, belongs to nobody and asks for no key. Not here: what
the numbers mean (`metrics`).
"""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.native.exchange import Exchange
from fairlead.dialects.native.exposition import exposed, question_from
from fairlead.domain.access import Permission
from fairlead.domain.errors import NotFound
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.measure_delivery import measure_delivery


@get("/metrics/delivery")
async def expose_delivery(request: AnyRequest) -> Answer:
    """Return the delivery metrics of the last days, for Prometheus to scrape."""
    exchange = await Exchange.with_member(request, Permission.DORA_METRICS_READ)
    if not exchange.reception.settings.expose_delivery:
        raise NotFound(
            "this server exposes no delivery metrics; FAIRLEAD_EXPOSE_DELIVERY=true makes it do so"
        )
    told = request.query_params.dict()
    question = question_from(told, exchange.org_id, exchange.reception.now())
    body, media_type = exposed(await exchange.reception.read(measure_delivery, question))
    return Answer(200, body, media_type)


HANDLERS: Sequence[HTTPRouteHandler] = (expose_delivery,)
