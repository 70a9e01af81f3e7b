"""From questions to charts and scores, and from those to their shapes."""

from collections.abc import Mapping, Sequence

from fairlead.dialects.launchdarkly import charts_wire as wire
from fairlead.dialects.launchdarkly.asked import Asked
from fairlead.dialects.launchdarkly.deployments_translate import WEEK_NS
from fairlead.dialects.launchdarkly.times import milliseconds
from fairlead.dialects.launchdarkly.wire import SelfLink
from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.insights import Territory
from fairlead.domain.instants import NS_PER_MS
from fairlead.metrics.insight_charts import Chart, Line, Number
from fairlead.metrics.insight_scores import AGGREGATES, INDICATORS, NOT_CALCULATED, SCALES, Score, score_of
from fairlead.metrics.insight_windows import BucketType
from fairlead.usecases.chart_deliveries import ChartAsked
from fairlead.usecases.score_insights import Period, Scored

_DAY_MS = 86_400_000
_SHORTEST_MS, _LONGEST_MS = 60_000, 366 * _DAY_MS
_MOST_PERCENTILES = 10
_HUNDRED = 100


def territory(asked: Asked, org_id: OrgId, *, env: bool = True, project: bool = True) -> Territory:
    """Return what part of an organisation is asked about; `env` and `project` say which is required."""
    return Territory(
        org_id=org_id,
        project_key=asked.required("projectKey") if project else asked.text("projectKey"),
        env=asked.required("environmentKey") if env else asked.text("environmentKey"),
        applications=asked.texts("applicationKey"),
    )


def chart_asked(
    asked: Asked, about: Territory, now: int, groups: Sequence[str], usual: str = ""
) -> ChartAsked:
    """Return which chart is asked for.

    Raises:
        Rejected: a parameter is not acceptable.
    """
    from_at, until_at = asked.instant("from", now - WEEK_NS), asked.instant("to", now)
    if from_at > until_at:
        raise Rejected('query parameter "from" must not be later than "to"', field="from")
    cut = asked.choice("bucketType", [one.value for one in BucketType], BucketType.ROLLING.value)
    return ChartAsked(
        territory=about,
        from_at=from_at,
        until_at=until_at,
        cut=BucketType(cut),
        bucket_ns=asked.number("bucketMs", _DAY_MS, _SHORTEST_MS, _LONGEST_MS) * NS_PER_MS,
        group_by=asked.choice("groupBy", groups, usual),
        percentiles=_percentiles(asked),
    )


def wants_metrics(asked: Asked) -> bool:
    """Tell whether the metrics of a chart are wanted."""
    return bool(asked.choices("expand", ["metrics"]))


def chart(told: Chart, *, with_metrics: bool) -> wire.Chart:
    """Return a chart as it is shown."""
    known = {name: value for name, value in told.metrics.items() if value is not None}
    metadata = wire.ChartMetadata(
        summary={name: _rounded(value) for name, value in told.summary.items() if value is not None},
        x_axis=wire.Axis("timestamp"),
        y_axis=wire.Axis(told.unit),
        name=told.name,
        metrics={name: _metric(name, value) for name, value in known.items()} if with_metrics else None,
    )
    return wire.Chart(metadata, [_series(line) for line in told.lines])


def scores(told: Scored, asked: Asked) -> wire.Scores:
    """Return scores as they are shown."""
    return wire.Scores(
        period=_period(told.period),
        last_period=_period(told.last_period),
        scores=scores_of(told),
        links=SelfLink(asked.here()),
    )


def scores_of(told: Scored) -> dict[str, wire.Score]:
    """Return every score with what it was before."""
    return {name: _score(name, score, told.last_scores) for name, score in told.scores.items()}


def score_metadata(told: Scored) -> wire.ScoreMetadata:
    """Return which periods scores are about."""
    return wire.ScoreMetadata(_period(told.period), _period(told.last_period))


def _percentiles(asked: Asked) -> tuple[int, ...]:
    told = asked.texts("percentiles")
    numbers = [int(one) for one in told if one.isascii() and one.isdigit() and len(one) <= len("100")]
    is_wrong = len(numbers) != len(told) or len(told) > _MOST_PERCENTILES
    if is_wrong or any(number > _HUNDRED for number in numbers):
        detail = f'query parameter "percentiles" must be at most {_MOST_PERCENTILES} numbers from 0 to 100'
        raise Rejected(detail, field="percentiles")
    return tuple(numbers)


def _series(line: Line) -> wire.Series:
    points = [
        wire.DataPoint(
            milliseconds(point.at),
            round(point.value),
            {name: _rounded(value) for name, value in point.beside.items()} or None,
        )
        for point in line.points
    ]
    return wire.Series(wire.SeriesMetadata(line.name, line.count), points)


def _metric(name: str, value: float) -> wire.Metric:
    scale = SCALES[name]
    tiers = [
        wire.Tier(indicator.name, description)
        for indicator, description in zip(INDICATORS, scale.descriptions, strict=True)
    ]
    shown = value / NS_PER_MS if scale.unit == "ms" else value
    return wire.Metric(score_of(scale, value).indicator.name, shown, scale.unit, scale.modifier, tiers)


def _score(name: str, score: Score, before: Mapping[str, Score]) -> wire.Score:
    last = before[name]
    both = NOT_CALCULATED not in (score.indicator, last.indicator)
    told = _bare(name, score)
    told.last_period = _bare(name, last)
    told.diff_vs_last_period = score.score - last.score if both else None
    return told


def _bare(name: str, score: Score) -> wire.Score:
    indicator = score.indicator
    return wire.Score(
        score=score.score,
        indicator=indicator.name,
        indicator_range=wire.Range(indicator.least, indicator.most),
        aggregate_of=list(AGGREGATES[name]) if name in AGGREGATES else None,
    )


def _period(period: Period) -> wire.Period:
    return wire.Period(milliseconds(period.from_at), milliseconds(period.until_at))


def _rounded(value: Number) -> Number:
    """Return a number that reads well: whole ones without a point, others with a few digits."""
    return value if isinstance(value, int) else round(value, 6)
