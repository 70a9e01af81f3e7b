"""Metrics in Fairlead's own API: decode, call one thing, encode."""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.native import metrics_wire as wire
from fairlead.dialects.native.exchange import Exchange
from fairlead.dialects.native.metrics_translate import answered, query_in, question_from, year_in
from fairlead.domain.access import Permission
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.usecases.keep_level_year import find_level_year
from fairlead.usecases.measure_delivery import measure_delivery


@get(
    "/api/fairlead/v1/metrics",
    opt=operation(
        "MeasureDelivery",
        None,
        wire.MetricsAnswer,
        query="query from to timezone interval group_by level compare year#",
    ),
)
async def fetch_metrics(request: AnyRequest) -> Answer:
    """Return the delivery metrics of a window, by group and by period."""
    exchange = await Exchange.with_member(request, Permission.DORA_METRICS_READ)
    told = request.query_params.dict()
    year = year_in(told, await exchange.reception.read(find_level_year, exchange.org_id))
    question = question_from(told, exchange.org_id, exchange.reception.now())
    answer = await exchange.reception.read(measure_delivery, question)
    return exchange.answer(200, answered(answer, query_in(told), year))


HANDLERS: Sequence[HTTPRouteHandler] = (fetch_metrics,)
