"""Charts and scores of Engineering Insights: decode, call one thing, encode."""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.launchdarkly import charts_translate as translate
from fairlead.dialects.launchdarkly import charts_wire as wire
from fairlead.dialects.launchdarkly.credentials import operation
from fairlead.dialects.launchdarkly.exchange import Exchange
from fairlead.domain.access import Permission
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.chart_deliveries import chart_frequency, chart_lead_time
from fairlead.usecases.score_insights import score_territory

_READ = Permission.INSIGHTS_READ
_CHARTS = "/api/v2/engineering-insights/charts"

_ASKED = "environmentKey applicationKey from to bucketType bucketMs# groupBy percentiles expand"


@get(
    f"{_CHARTS}/deployments/frequency",
    opt=operation("getDeploymentFrequencyChart", None, wire.Chart, query=f"projectKey {_ASKED}"),
)
async def draw_frequency(request: AnyRequest) -> Answer:
    """Return how often was deployed."""
    exchange = await Exchange.begin(request, _READ)
    asked = exchange.asked
    about = translate.territory(asked, exchange.org_id, env=False, project=False)
    question = translate.chart_asked(asked, about, exchange.reception.now(), ("application", "kind"))
    with_metrics = translate.wants_metrics(asked)
    told = await exchange.reception.read(chart_frequency, question)
    return exchange.answer(translate.chart(told, with_metrics=with_metrics))


@get(
    f"{_CHARTS}/lead-time", opt=operation("getLeadTimeChart", None, wire.Chart, query=f"projectKey! {_ASKED}")
)
async def draw_lead_time(request: AnyRequest) -> Answer:
    """Return how long changes took."""
    exchange = await Exchange.begin(request, _READ)
    asked = exchange.asked
    about = translate.territory(asked, exchange.org_id, env=False)
    groups = ("application", "stage")
    question = translate.chart_asked(asked, about, exchange.reception.now(), groups, "stage")
    with_metrics = translate.wants_metrics(asked)
    told = await exchange.reception.read(chart_lead_time, question)
    return exchange.answer(translate.chart(told, with_metrics=with_metrics))


@get(
    "/api/v2/engineering-insights/insights/scores",
    opt=operation("getInsightsScores", None, wire.Scores, query="projectKey! environmentKey! applicationKey"),
)
async def list_scores(request: AnyRequest) -> Answer:
    """Return how well a project does."""
    exchange = await Exchange.begin(request, _READ)
    about = translate.territory(exchange.asked, exchange.org_id)
    now, spans = exchange.reception.now(), exchange.flag_spans
    told = await exchange.reception.read(score_territory, about, now, spans)
    return exchange.answer(translate.scores(told, exchange.asked))


HANDLERS: Sequence[HTTPRouteHandler] = (draw_frequency, draw_lead_time, list_scores)
