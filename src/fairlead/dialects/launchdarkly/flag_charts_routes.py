"""Flag events and the charts of flags: decode, call one thing, encode."""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.launchdarkly import charts_translate as translate
from fairlead.dialects.launchdarkly import charts_wire as wire
from fairlead.dialects.launchdarkly import flag_events_translate, flag_events_wire
from fairlead.dialects.launchdarkly.credentials import operation
from fairlead.dialects.launchdarkly.exchange import Exchange
from fairlead.domain.access import Permission
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.chart_flags import StandingsAsked, chart_releases, chart_stale, chart_statuses
from fairlead.usecases.find_flag_events import find_flag_events

_READ = Permission.INSIGHTS_READ
_CHARTS = "/api/v2/engineering-insights/charts"


@get(
    "/api/v2/engineering-insights/flag-events",
    opt=operation(
        "getFlagEvents",
        None,
        flag_events_wire.FlagEvents,
        query=(
            "projectKey! environmentKey! applicationKey from to query impactSize hasExperiments global "
            "after before limit# expand"
        ),
    ),
)
async def list_flag_events(request: AnyRequest) -> Answer:
    """Return a page of what happened to flags, the latest first."""
    exchange = await Exchange.begin(request, _READ)
    asked = exchange.asked
    events = flag_events_translate.events_asked(asked, exchange.org_id, exchange.reception.now())
    page = flag_events_translate.page(asked)
    found = await exchange.reception.read(find_flag_events, events, page)
    return exchange.answer(flag_events_translate.flag_events(asked, found, exchange.org_id))


@get(
    f"{_CHARTS}/releases/frequency",
    opt=operation(
        "getReleaseFrequencyChart",
        None,
        wire.Chart,
        query=(
            "projectKey! environmentKey! applicationKey from to bucketType bucketMs# groupBy hasExperiments "
            "global expand"
        ),
    ),
)
async def draw_releases(request: AnyRequest) -> Answer:
    """Return how often flags were released."""
    exchange = await Exchange.begin(request, _READ)
    asked, now = exchange.asked, exchange.reception.now()
    about = translate.territory(asked, exchange.org_id)
    told = await exchange.reception.read(
        chart_releases,
        translate.chart_asked(asked, about, now, ("impact",)),
        now,
        with_global=asked.choice("global", flag_events_translate.GLOBAL, "include") == "include",
        has_experiments=asked.is_true("hasExperiments"),
    )
    return exchange.answer(translate.chart(told, with_metrics=translate.wants_metrics(asked)))


@get(
    f"{_CHARTS}/flags/status",
    opt=operation("getFlagStatusChart", None, wire.Chart, query="projectKey! environmentKey! applicationKey"),
)
async def draw_statuses(request: AnyRequest) -> Answer:
    """Return how flags stand."""
    exchange = await Exchange.begin(request, _READ)
    told = await exchange.reception.read(chart_statuses, _standings_asked(exchange))
    return exchange.answer(translate.chart(told, with_metrics=False))


@get(
    f"{_CHARTS}/flags/stale",
    opt=operation(
        "getStaleFlagsChart",
        None,
        wire.Chart,
        query="projectKey! environmentKey! applicationKey groupBy maintainerId maintainerTeamKey expand",
    ),
)
async def draw_stale(request: AnyRequest) -> Answer:
    """Return how many flags are stale."""
    exchange = await Exchange.begin(request, _READ)
    with_metrics = translate.wants_metrics(exchange.asked)
    told = await exchange.reception.read(chart_stale, _standings_asked(exchange))
    return exchange.answer(translate.chart(told, with_metrics=with_metrics))


def _standings_asked(exchange: Exchange) -> StandingsAsked:
    asked = exchange.asked
    return StandingsAsked(
        territory=translate.territory(asked, exchange.org_id),
        now=exchange.reception.now(),
        spans=exchange.flag_spans,
        by_maintainer=bool(asked.choice("groupBy", ["maintainer"])),
        maintainer_ids=asked.texts("maintainerId"),
        maintainer_teams=asked.texts("maintainerTeamKey"),
    )


HANDLERS: Sequence[HTTPRouteHandler] = (list_flag_events, draw_releases, draw_statuses, draw_stale)
