"""Draw how often was deployed, and how long changes took: charts of a territory over a window.

Counted are finished deployments, those of every dialect. Not here: windows (`metrics.insight_windows`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from fairlead.domain.deployments import DeploymentType
from fairlead.domain.frames import pl
from fairlead.domain.insights import KINDS, Territory, lead_stages
from fairlead.metrics.insight_charts import Chart, Line, Point
from fairlead.metrics.insight_windows import (
    DAY_NS,
    Averages,
    BucketType,
    Window,
    averages,
    counts,
    overall,
    reach,
    windows,
)
from fairlead.store import insight_rows
from fairlead.store.engine import Transaction
from fairlead.usecases.find_attempts import require_territory

_NS_PER_MS = 1_000_000
STAGES = ("coding", "review", "wait", "deploy")


class ChartAsked(Struct, frozen=True, kw_only=True):
    """Which chart is asked for."""

    territory: Territory
    from_at: int
    until_at: int
    """Both inclusive."""
    cut: BucketType = BucketType.ROLLING
    bucket_ns: int = DAY_NS
    group_by: str = ""
    """`application`, `kind` or `stage`; empty for one line."""
    percentiles: tuple[int, ...] = ()

    @property
    def windows(self) -> list[Window]:
        """The windows of its points."""
        return windows(self.cut, self.from_at, self.until_at, self.bucket_ns)

    @property
    def days(self) -> float:
        """How long it reaches."""
        return max(self.until_at - self.from_at, 1) / DAY_NS

    @property
    def shares(self) -> tuple[float, ...]:
        """The percentiles between 0 and 1."""
        return tuple(one / 100 for one in self.percentiles)


def chart_frequency(transaction: Transaction, asked: ChartAsked) -> Chart:
    """Return how many deployments ended in each window.

    Raises:
        NotFound: the project or environment is not known.
        Rejected: there would be too many points.
    """
    require_territory(transaction, asked.territory)
    cut = asked.windows
    rows = _rows(transaction, asked)
    kinds = {type.value: kind.value for type, kind in KINDS.items()}
    names = {"application": pl.col("service"), "kind": pl.col("deployment_type").replace_strict(kinds)}
    named = rows.with_columns(names.get(asked.group_by, pl.lit("deployments")).alias("name"))
    here = named.filter(pl.col("finished_at") >= asked.from_at)
    groups = _groups(here, [] if asked.group_by else ["deployments"])
    lines = [Line(name, _counted(named.filter(pl.col("name") == name), cut), count) for name, count in groups]
    return Chart(
        name="deploymentFrequency",
        unit="count",
        lines=lines,
        summary=_frequency_summary(here, asked),
        metrics={"deploymentFrequency": here.height / asked.days},
    )


def chart_lead_time(transaction: Transaction, asked: ChartAsked) -> Chart:
    """Return how long deployments of each window took from their first commits, on average.

    A window without a measured deployment has no point: it took no time, it did not happen.

    Raises:
        NotFound: the project or environment is not known.
        Rejected: there would be too many points.
    """
    require_territory(transaction, asked.territory)
    cut = asked.windows
    ways = _ways(transaction, asked)
    here = ways.filter(pl.col("finished_at") >= asked.from_at)
    if asked.group_by == "application":
        parts = [
            (name, ways.filter(pl.col("service") == name), "total")
            for name, _ in _groups(here.rename({"service": "name"}), [])
        ]
    else:
        parts = [(stage, ways.filter(pl.col(stage).is_not_null()), stage) for stage in STAGES]
    whole = overall(here["total"], asked.shares)
    return Chart(
        name="leadTime",
        unit="ms",
        lines=[_averaged(name, rows, column, cut, asked) for name, rows, column in parts],
        summary={
            "average": None if whole is None else whole.mean_ns / _NS_PER_MS,
            "count": here.height,
            **({} if whole is None else _percentiles(whole, asked)),
        },
        metrics={"leadTime": None if whole is None else whole.mean_ns},
    )


def _rows(transaction: Transaction, asked: ChartAsked) -> pl.DataFrame:
    since = reach(asked.cut, asked.from_at, asked.bucket_ns)
    return insight_rows.deployed(transaction, asked.territory, since, asked.until_at)


def _ways(transaction: Transaction, asked: ChartAsked) -> pl.DataFrame:
    """Return the deployments with a lead time, each with its stages and their sum in nanoseconds."""
    since = reach(asked.cut, asked.from_at, asked.bucket_ns)
    rows = _rows(transaction, asked).filter(pl.col("lead_time_ns").is_not_null())
    firsts = insight_rows.firsts(transaction, asked.territory, since, asked.until_at)
    joined = rows.join(firsts, on="id", how="left", maintain_order="left")
    made = [
        lead_stages(finished_at - lead_ns, opened_at, merged_at, started_at, finished_at)
        for finished_at, lead_ns, opened_at, merged_at, started_at in joined.select(
            "finished_at", "lead_time_ns", "opened_at", "merged_at", "started_at"
        ).iter_rows()
    ]
    columns: dict[str, list[int | None]] = {
        "coding": [one.coding_ns for one in made],
        "review": [one.review_ns for one in made],
        "wait": [one.wait_ns for one in made],
        "deploy": [one.deploy_ns for one in made],
        "total": [one.total_ns for one in made],
    }
    return joined.with_columns(pl.Series(name, values, dtype=pl.Int64) for name, values in columns.items())


def _groups(rows: pl.DataFrame, always: Sequence[str]) -> list[tuple[str, int]]:
    """Return the names of lines, each with how many rows it has, in order of name."""
    found: Mapping[str, int] = dict(rows.group_by("name").len().iter_rows())
    return sorted((dict.fromkeys(always, 0) | dict(found)).items())


def _counted(rows: pl.DataFrame, cut: Sequence[Window]) -> list[Point]:
    found = counts(rows["finished_at"], cut)
    return [Point(window.named_at, count) for window, count in zip(cut, found, strict=True)]


def _averaged(name: str, rows: pl.DataFrame, column: str, cut: Sequence[Window], asked: ChartAsked) -> Line:
    found = averages(rows["finished_at"], rows[column], cut, asked.shares)
    points = [
        Point(window.named_at, one.mean_ns / _NS_PER_MS, _beside(one, asked))
        for window, one in zip(cut, found, strict=True)
        if one is not None
    ]
    return Line(name, points, rows.filter(pl.col("finished_at") >= asked.from_at).height)


def _beside(one: Averages, asked: ChartAsked) -> dict[str, int | float]:
    return {"average": one.mean_ns / _NS_PER_MS, "count": one.count, **_percentiles(one, asked)}


def _percentiles(one: Averages, asked: ChartAsked) -> dict[str, float]:
    pairs = zip(asked.percentiles, one.percentiles_ns, strict=True)
    return {f"p{percent}": ns / _NS_PER_MS for percent, ns in pairs}


def _frequency_summary(rows: pl.DataFrame, asked: ChartAsked) -> dict[str, int | float | None]:
    durations = overall(rows["finished_at"] - rows["started_at"], ())
    rolled_back = rows.filter(pl.col("deployment_type") == DeploymentType.ROLLBACK.value).height
    return {
        "total": rows.height,
        "averagePerDay": rows.height / asked.days,
        "averageDurationMs": None if durations is None else durations.mean_ns / _NS_PER_MS,
        "errorRate": rolled_back / rows.height if rows.height else None,
    }
