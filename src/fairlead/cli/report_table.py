"""A report as a table: a line for each group, with its course as a row of bars and its levels.

Not here: other forms (`reporting.py`).
"""

import io
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from fairlead.cli.spans import NONE, in_words, percent
from fairlead.domain.links import STAGES
from fairlead.metrics.figures import Figures
from fairlead.metrics.level_tables import Level, Year
from fairlead.metrics.levels import levels
from fairlead.metrics.measuring import Group
from fairlead.usecases.measure_delivery import Answer

_BARS: Final = "▁▂▃▄▅▆▇█"
_PLAIN_BARS: Final = "_.-=+*#@"
_MOST_BARS: Final = 30
_WIDTH_OF_PIPES: Final = 500
_COLOURS: Final = {Level.ELITE: "green", Level.HIGH: "green", Level.MEDIUM: "yellow", Level.LOW: "red"}
HEADINGS: Final = ("deployments", "per day", "", "lead time", "", "failing", "recovery", "restore", "rework")


def table(answer: Answer, year: Year, headline: str) -> str:
    """Return the report as lines for a terminal, or for a file if it goes there."""
    console = Console(file=io.StringIO(), force_terminal=sys.stdout.isatty())
    console.width = Console().width if sys.stdout.isatty() else _WIDTH_OF_PIPES
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    keys = answer.question.group_by
    for name in (*keys, *HEADINGS):
        drawn.add_column(name, no_wrap=True)
    for group in answer.groups:
        drawn.add_row(*(Text(value or NONE) for value in group.values), *_cells(group, year))
    console.print(drawn)
    shown: str = console.file.getvalue()  # type: ignore[attr-defined]  # as it was made above
    lines = [headline, "", *(line.rstrip() for line in shown.splitlines()), *_below(answer, year)]
    return "\n".join(lines)


def sparkline(values: Sequence[float | None], bars: str = _BARS) -> str:
    """Return a row of bars from 0 to the greatest value; a blank where there is none.

    Of more values than there is room for the last ones are shown.
    """
    shown = values[-_MOST_BARS:]
    most = max((value for value in shown if value is not None), default=0.0)
    if not most:
        return "".join(" " if value is None else bars[0] for value in shown)
    top = len(bars) - 1
    return "".join(" " if value is None else bars[round(value / most * top)] for value in shown)


def _cells(group: Group, year: Year) -> Iterator[Text]:
    summary, placed = group.summary, levels(group.summary, year).by_metric
    lead, failed = summary.change_lead_time, summary.change_failure_rate
    recovery, restore = summary.recovery_time, summary.time_to_restore
    rework = summary.rework_rate
    yield Text(str(summary.deployments), justify="right")
    yield _with_level(f"{summary.deployments_per_day:.2f}", placed["deployment_frequency"])
    yield Text(_course(group, lambda one: one.deployments_per_day))
    yield _with_level(in_words(None if lead is None else lead.spread.median_s), placed["change_lead_time"])
    yield Text(_course(group, _median_lead_time))
    yield _with_level(percent(None if failed is None else failed.rate), placed["change_failure_rate"])
    yield _with_level(in_words(None if recovery is None else recovery.median_s), placed["recovery_time"])
    yield _with_level(in_words(None if restore is None else restore.median_s), placed["time_to_restore"])
    yield Text(percent(None if rework is None else rework.rate))


def _median_lead_time(figures: Figures) -> float | None:
    return None if figures.change_lead_time is None else figures.change_lead_time.spread.median_s


def _course(group: Group, value: Callable[[Figures], float | None]) -> str:
    return sparkline([value(point.figures) for point in group.points], _bars())


def _bars() -> str:
    try:
        _BARS.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return _PLAIN_BARS
    return _BARS


def _with_level(text: str, level: Level | None) -> Text:
    if level is None:
        return Text(text)
    return Text.assemble(text, " ", (level.value, _COLOURS[level]))


def _below(answer: Answer, year: Year) -> Iterator[str]:
    """Yield what a table of one line per group has no room for."""
    yield ""
    if len(answer.groups) == 1:
        yield from _stages(answer.groups[0].summary)
    excluded: Counter[str] = Counter()
    covered = total = 0
    for group in answer.groups:
        coverage = group.summary.coverage
        covered += coverage.with_lead_time
        total += group.summary.deployments
        excluded.update(coverage.excluded)
    yield f"Lead times of {covered} out of {total} deployments{':' if excluded else '.'}"
    for code, count in excluded.most_common():
        yield f"  {count:>7} without, {code}"
    doubt = "" if year.confirmed else " (not confirmed)"
    yield f"Levels: {year.source}{doubt}"


def _stages(figures: Figures) -> Iterator[str]:
    lead = figures.change_lead_time
    if lead is None:
        return
    spread = lead.spread
    yield (
        f"Lead time: median {in_words(spread.median_s)}, mean {in_words(spread.mean_s)}, "
        f"p75 {in_words(spread.p75_s)}, p90 {in_words(spread.p90_s)}, p95 {in_words(spread.p95_s)}"
    )
    for name in STAGES:
        stage = lead.stages[name]
        yield f"  {name.replace('_', ' '):<18} {in_words(None if stage is None else stage.median_s)}"
