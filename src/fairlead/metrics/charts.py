"""Charts: one Vega-Lite specification of an answer, for pages, files and whoever else draws.

The data stand in it, so that nothing has to be fetched; a period without a value leaves a gap and no
zero. Not here: drawing (`usecases.draw_chart`).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from fairlead.domain.instants import to_rfc3339
from fairlead.metrics.figures import Figures
from fairlead.metrics.measuring import Group

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
MOST_LINES: Final = 10
"""More could not be told apart."""
_HOUR_S: Final = 3_600
_WIDTH, _HEIGHT = 360, 150
PANELS: Final[Mapping[str, str]] = {
    "deployments": "Deployments per day",
    "lead_time": "Change lead time, median hours",
    "failure_rate": "Change failure rate",
    "recovery": "Recovery time, median hours",
}
"""By the name of the value."""


def chart(title: str, groups: Sequence[Group]) -> dict[str, Any]:
    """Return the specification of the points of an answer: a panel for each metric, a line for each group.

    Of many groups those with most deployments are drawn.
    """
    most = sorted(groups, key=lambda group: -group.summary.deployments)[:MOST_LINES]
    drawn = [group for group in groups if group in most]
    said = title if len(drawn) == len(groups) else f"{title}; {MOST_LINES} of {len(groups)} groups"
    return {
        "$schema": SCHEMA,
        "title": said,
        "background": "white",
        "data": {"values": [value for group in drawn for value in _values(group)]},
        "columns": 2,
        "concat": [_panel(name, text, several=len(drawn) > 1) for name, text in PANELS.items()],
        "config": {"view": {"stroke": None}, "axis": {"gridColor": "#e5e7eb"}},
    }


def _panel(name: str, text: str, *, several: bool) -> dict[str, Any]:
    how = {"format": ".0%"} if name == "failure_rate" else {}
    y = {"field": name, "type": "quantitative", "title": None, "scale": {"zero": True}, "axis": how}
    x = {"field": "start", "type": "temporal", "title": None}
    color = {"color": {"field": "group", "type": "nominal", "title": None}} if several else {}
    return {
        "title": text,
        "width": _WIDTH,
        "height": _HEIGHT,
        "mark": {"type": "line", "point": True, "invalid": "break-paths-show-domains"},
        "encoding": {"x": x, "y": y, **color},
    }


def _values(group: Group) -> Iterator[dict[str, Any]]:
    name = ", ".join(value or "(none)" for value in group.values)
    for point in group.points:
        yield {"group": name, "start": to_rfc3339(point.period.start_at), **_told(point.figures)}


def _told(figures: Figures) -> dict[str, float | None]:
    lead, recovery = figures.change_lead_time, figures.recovery_time
    failed = figures.change_failure_rate
    return {
        "deployments": figures.deployments_per_day,
        "lead_time": None if lead is None else lead.spread.median_s / _HOUR_S,
        "failure_rate": None if failed is None else failed.rate,
        "recovery": None if recovery is None else recovery.median_s / _HOUR_S,
    }
