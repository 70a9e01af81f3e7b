"""A report in each of its forms. Not here: what is measured, and where a report goes."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from fairlead.cli.report_table import table
from fairlead.cli.spans import NONE, in_words, percent
from fairlead.dialects.native.metrics_translate import Told, answered, query_in, question_from, year_in
from fairlead.domain.access import OrgId
from fairlead.domain.instants import to_rfc3339
from fairlead.domain.links import STAGES
from fairlead.domain.measured import COVERAGE
from fairlead.metrics.charts import chart
from fairlead.metrics.figures import Figures, Spread
from fairlead.metrics.level_tables import Level, Year
from fairlead.metrics.levels import levels
from fairlead.metrics.percentiles import PERCENTILES
from fairlead.metrics.periods import day_of
from fairlead.store.ledger import Ledger
from fairlead.usecases.draw_chart import draw_png, draw_svg
from fairlead.usecases.keep_level_year import find_level_year
from fairlead.usecases.measure_delivery import Answer, measure_delivery

_SPREAD = (*PERCENTILES, "mean_s")


def written(form: str, answer: Answer, year: Year, query: str) -> str | bytes:
    """Return the report in the form of that name."""
    if form == "json":
        return msgspec.json.format(msgspec.json.encode(answered(answer, query, year))).decode()
    if form == "csv":
        return _csv(answer)
    if form == "md":
        return "\n".join(_markdown(answer, year, headline(answer, query)))
    if form in {"svg", "png"}:
        drawn = chart(headline(answer, query), answer.groups)
        return draw_svg(drawn) if form == "svg" else draw_png(drawn)
    return table(answer, year, headline(answer, query))


def of_ledger(ledger: Ledger, org_id: OrgId, asked: Told, now: int) -> str:
    """Return the report of an organisation as a table, asked for as over HTTP."""
    answer = ledger.read(measure_delivery, question_from(asked, org_id, now))
    year = year_in(asked, ledger.read(find_level_year, org_id))
    return str(written("table", answer, year, query_in(asked)))


def headline(answer: Answer, query: str) -> str:
    """Return what a report is about, in a line."""
    asked = answer.question
    # The last day is the one that the last instant belongs to.
    first, last = day_of(asked.from_at, asked.zone), day_of(asked.until_at - 1, asked.zone)
    about = f" of {query}" if query else ""
    return f"Delivery{about}, {first} to {last} ({asked.zone.key}), by {asked.interval.value}"


def _csv(answer: Answer) -> str:
    """Return a line for each group and period; a value that is not known is an empty cell."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*answer.question.group_by, "start", "end", *_columns()])
    for group in answer.groups:
        for point in group.points:
            span = to_rfc3339(point.period.start_at), to_rfc3339(point.period.end_at)
            writer.writerow([*(value or "" for value in group.values), *span, *_values(point.figures)])
    return file.getvalue().removesuffix("\n")


def _columns() -> Iterator[str]:
    yield from ("deployments", "deployments_per_day")
    yield from (f"change_lead_time_{name}" for name in ("deployments", *_SPREAD))
    yield from (f"{stage}_median_s" for stage in STAGES)
    yield from ("failed", "change_failure_rate")
    yield from (f"recovery_time_{name}" for name in ("deployments", *_SPREAD))
    yield from ("rework", "rework_rate")
    yield from (f"time_to_restore_{name}" for name in ("failures", *_SPREAD))
    yield from ("with_lead_time", *(f"excluded_{code}" for code in COVERAGE if code))


def _values(figures: Figures) -> Iterator[float | None]:
    lead, failed, rework = figures.change_lead_time, figures.change_failure_rate, figures.rework_rate
    yield from (figures.deployments, figures.deployments_per_day)
    yield from _spread(None if lead is None else lead.spread)
    for name in STAGES:
        stage = None if lead is None else lead.stages[name]
        yield None if stage is None else stage.median_s
    yield from (None, None) if failed is None else (failed.counted, failed.rate)
    yield from _spread(figures.recovery_time)
    yield from (None, None) if rework is None else (rework.counted, rework.rate)
    yield from _spread(figures.time_to_restore)
    yield figures.coverage.with_lead_time
    yield from (figures.coverage.excluded.get(code, 0) for code in COVERAGE if code)


def _spread(spread: Spread | None) -> Sequence[float | None]:
    if spread is None:
        return [None] * (1 + len(_SPREAD))
    return [spread.count, *(getattr(spread, name) for name in _SPREAD)]


def _markdown(answer: Answer, year: Year, title: str) -> Iterator[str]:
    names = ("deployments", "per day", "lead time", "failing", "recovery", "restore", "rework")
    yield f"## {title}"
    yield ""
    yield _line([*answer.question.group_by, *names])
    yield _line(["---"] * (len(answer.question.group_by) + len(names)))
    for group in answer.groups:
        values = (value or NONE for value in group.values)
        yield _line([*map(_escaped, values), *_cells(group.summary, year)])
    yield ""
    yield f"Levels: {year.source}{'' if year.confirmed else ' (not confirmed)'}."


def _cells(figures: Figures, year: Year) -> Iterator[str]:
    placed = levels(figures, year).by_metric
    lead, failed, rework = figures.change_lead_time, figures.change_failure_rate, figures.rework_rate
    recovery, restore = figures.recovery_time, figures.time_to_restore
    yield str(figures.deployments)
    yield _placed(f"{figures.deployments_per_day:.2f}", placed["deployment_frequency"])
    yield _placed(in_words(None if lead is None else lead.spread.median_s), placed["change_lead_time"])
    yield _placed(percent(None if failed is None else failed.rate), placed["change_failure_rate"])
    yield _placed(in_words(None if recovery is None else recovery.median_s), placed["recovery_time"])
    yield _placed(in_words(None if restore is None else restore.median_s), placed["time_to_restore"])
    yield percent(None if rework is None else rework.rate)


def _placed(text: str, level: Level | None) -> str:
    return text if level is None else f"{text} ({level.value})"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())
