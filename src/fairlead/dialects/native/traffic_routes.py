"""Counted traffic in Fairlead's own API: decode, call one thing, encode."""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.native import traffic_wire as wire
from fairlead.dialects.native.exchange import Exchange
from fairlead.dialects.native.traffic_translate import seen, span_from
from fairlead.domain.access import Permission
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.usecases.get_traffic import get_traffic


@get(
    "/api/fairlead/v1/traffic",
    opt=operation("GetTraffic", None, wire.TrafficSeen, query="service! env from to"),
)
async def fetch_traffic(request: AnyRequest) -> Answer:
    """Return how many requests a service answered, and how many went wrong, by version and resource."""
    exchange = await Exchange.with_member(request, Permission.DORA_METRICS_READ)
    span = span_from(request.query_params, exchange.org_id, exchange.reception.now())
    return exchange.answer(200, seen(span, await exchange.reception.read(get_traffic, span)))


HANDLERS: Sequence[HTTPRouteHandler] = (fetch_traffic,)
