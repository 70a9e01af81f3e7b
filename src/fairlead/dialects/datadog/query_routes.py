"""Metric queries of Datadog's clients: decode, call one thing, encode.

Not here: what the metrics mean, and the calculating with them.
"""

from collections.abc import Sequence

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.datadog import query_answers as answers
from fairlead.dialects.datadog import query_translate as translate
from fairlead.dialects.datadog import query_wire as wire
from fairlead.dialects.datadog.catalog_listing import Query
from fairlead.dialects.datadog.exchange import Exchange
from fairlead.dialects.datadog.query_measuring import measure_points, measure_window, measure_written
from fairlead.domain.access import Permission
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.usecases.measure_delivery import periods_of

READ = Permission.DORA_METRICS_READ
MEDIA_TYPE = "application/json"
_formulas = msgspec.json.Decoder(wire.FormulaRequest)


@get("/api/v1/query", opt=operation("QueryMetrics", None, wire.QueryAnswer, query="query! from#! to#!"))
async def query_metrics(request: AnyRequest) -> Answer:
    """Return delivery metrics as time series."""
    exchange = await Exchange.with_member(request, READ)
    told = Query(request)
    text = _last(told, "query")
    written = translate.written_in(text, "query")
    asked = translate.window_of_seconds(_last(told, "from"), _last(told, "to"), exchange.org_id)
    results = await exchange.reception.read(measure_written, asked, written)
    return exchange.answer(200, answers.query_answer(asked, text, results), MEDIA_TYPE)


@post(
    "/api/v2/query/timeseries",
    status_code=200,
    opt=operation("QueryTimeseriesData", wire.FormulaRequest, wire.TimeseriesAnswer),
)
async def query_timeseries(request: AnyRequest) -> Answer:
    """Return formulas over delivery metrics as time series."""
    exchange = await Exchange.with_member(request, READ)
    told = (await exchange.told(_formulas)).data.attributes
    named = translate.named_queries(told)
    plan = translate.plan_asked(told, named, exchange.org_id)
    formulas = translate.formulas_of(told, named)
    results = await exchange.reception.read(measure_points, plan, formulas, named)
    spans = periods_of(plan.question())
    seen = answers.timeseries_answer(results, translate.limits_of(told, formulas), spans)
    return exchange.answer(200, seen, MEDIA_TYPE)


@post(
    "/api/v2/query/scalar",
    status_code=200,
    opt=operation("QueryScalarData", wire.FormulaRequest, wire.ScalarAnswer),
)
async def query_scalar(request: AnyRequest) -> Answer:
    """Return formulas over delivery metrics as one value for each group."""
    exchange = await Exchange.with_member(request, READ)
    told = (await exchange.told(_formulas)).data.attributes
    named = translate.named_queries(told)
    plan = translate.plan_asked(told, named, exchange.org_id)
    formulas = translate.formulas_of(told, named)
    wanted = translate.with_aggregators(told, named)
    results = await exchange.reception.read(measure_window, plan, formulas, wanted)
    return exchange.answer(
        200, answers.scalar_answer(results, translate.limits_of(told, formulas)), MEDIA_TYPE
    )


def _last(told: Query, name: str) -> str:
    return (told.texts(name) or [""])[-1]


HANDLERS: Sequence[HTTPRouteHandler] = (query_metrics, query_timeseries, query_scalar)
