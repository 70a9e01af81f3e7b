"""Charts of the overview: Vega-Lite specifications of measured delivery, and the same as tables.

A period without a value leaves a gap and no zero. Colours are left to whoever draws. Not here:
drawing (`chart_library.py`, `static/charts.js`) and what is measured.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from fairlead.metrics.figures import Figures
from fairlead.metrics.measuring import Group
from fairlead.metrics.periods import Interval
from fairlead.web import words
from fairlead.web.reasons import STAGES

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
MOST_SERIES: Final = 6
_HOUR_S, _DAY_S = 3_600.0, 86_400.0
_LONG_IN_HOURS: Final = 72
_FEW: Final = 0.05
"""A rate below which axis labels need a digit behind the point."""
_HEIGHT: Final = 190
_PALETTE: Final = ("#0b6b74", "#d08a1d", "#7a5ea8", "#3f8f5f", "#b3443c", "#4a78b5")
_STAGE_COLOURS: Final = ("#a9cfd6", "#6fb0ba", "#3d909c", "#1c7080", "#0d4c58")
_PLAIN: Final = {
    "background": "white",
    "font": "DejaVu Sans",
    "view": {"stroke": None},
    "axis": {"gridColor": "#e3e6eb", "domainColor": "#8b95a3", "tickColor": "#8b95a3"},
    "mark": {"color": "#0b6b74"},
    "range": {"category": list(_PALETTE)},
}
"""How a chart looks on paper."""


class Row(Struct, frozen=True, kw_only=True):
    """One period of one series."""

    label: str
    """The period, as the axis says it."""
    series: str
    value: float | None
    said: str
    """The value in words."""
    address: str
    """The deployments behind it."""


class Chart(Struct, frozen=True, kw_only=True):
    """A chart with its data."""

    name: str
    title: str
    specification: Mapping[str, Any]
    rows: Sequence[Row]

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to draw."""
        return all(row.value is None for row in self.rows)

    def on_paper(self) -> dict[str, Any]:
        """Return the specification with a size and colours, for a picture."""
        config = dict(_PLAIN)
        if self.name == "lead_time" and "strokeDash" not in str(self.specification):
            config["range"] = {"category": list(_STAGE_COLOURS)}
        return {**self.specification, "title": self.title, "width": 640, "height": 260, "config": config}


class Behind(Struct, frozen=True, kw_only=True):
    """Which deployments a point stands for."""

    from_at: int
    until_at: int
    series: str
    term: str
    """What the search asks for besides."""


Address = Callable[[Behind], str]
"""Where such deployments are listed."""


class Drawn(Struct, frozen=True, kw_only=True):
    """What all charts of an overview have in common."""

    groups: Sequence[Group]
    """Those that are drawn; one without a grouping."""
    names: Sequence[str]
    """Of the groups."""
    interval: Interval
    zone: ZoneInfo
    address: Address
    is_within_a_year: bool
    """Whether no two periods begin on the same day of a year."""

    @property
    def is_grouped(self) -> bool:
        """Tell whether there is a series for each group."""
        return self.names != [""]


def charts(drawn: Drawn) -> list[Chart]:
    """Return the four charts."""
    return [_frequency(drawn), _lead_time(drawn), _failure_rate(drawn), _recovery(drawn)]


def _frequency(drawn: Drawn) -> Chart:
    rows = _rows(drawn, lambda figures: float(figures.deployments), words.count, "")
    each = {Interval.DAY: "day", Interval.WEEK: "week", Interval.MONTH: "month"}[drawn.interval]
    title = f"Deployments per {each}"
    return Chart(name="frequency", title=title, specification=_bars(rows, drawn, "deployments"), rows=rows)


def _lead_time(drawn: Drawn) -> Chart:
    rows = _stages(drawn) if not drawn.is_grouped else _medians(drawn)
    unit_s, unit = _unit(rows)
    title = "Change lead time by stage, medians" if not drawn.is_grouped else "Change lead time, median"
    specification = (
        _bars(rows, drawn, unit, scale=unit_s, order=[title for title, _ in STAGES.values()])
        if not drawn.is_grouped
        else _lines(rows, drawn, unit, scale=unit_s)
    )
    return Chart(name="lead_time", title=title, specification=specification, rows=rows)


def _failure_rate(drawn: Drawn) -> Chart:
    def rate(figures: Figures) -> float | None:
        return None if figures.change_failure_rate is None else figures.change_failure_rate.rate

    rows = _rows(drawn, rate, words.percent, "change_failure:true")
    specification = _lines(rows, drawn, "", form=".1%" if _most(rows) < _FEW else ".0%")
    return Chart(name="failure_rate", title="Change failure rate", specification=specification, rows=rows)


def _recovery(drawn: Drawn) -> Chart:
    def median(figures: Figures) -> float | None:
        return None if figures.recovery_time is None else figures.recovery_time.median_s

    rows = _rows(drawn, median, words.seconds, "recovery_time_sec:*")
    unit_s, unit = _unit(rows)
    specification = _lines(rows, drawn, unit, scale=unit_s)
    title = "Failed deployment recovery time, median"
    return Chart(name="recovery", title=title, specification=specification, rows=rows)


def _medians(drawn: Drawn) -> list[Row]:
    def median(figures: Figures) -> float | None:
        return None if figures.change_lead_time is None else figures.change_lead_time.spread.median_s

    return _rows(drawn, median, words.seconds, "change_lead_time:*")


def _stages(drawn: Drawn) -> list[Row]:
    rows = []
    for stage, (title, _) in STAGES.items():

        def median(figures: Figures, stage: str = stage) -> float | None:
            lead = figures.change_lead_time
            found = None if lead is None else lead.stages.get(stage)
            return None if found is None else max(found.median_s, 0.0)

        of_stage = _rows(drawn, median, words.seconds, "change_lead_time:*")
        rows += [
            Row(label=row.label, series=title, value=row.value, said=row.said, address=row.address)
            for row in of_stage
        ]
    return rows


def _rows(
    drawn: Drawn, value_of: Callable[[Figures], float | None], say: Callable[[float | None], str], term: str
) -> list[Row]:
    rows = []
    for group, name in zip(drawn.groups, drawn.names, strict=True):
        for point in group.points:
            value, period = value_of(point.figures), point.period
            rows.append(
                Row(
                    label=_label(period.start_at, drawn),
                    series=name,
                    value=value,
                    said=say(value),
                    address=drawn.address(
                        Behind(from_at=period.from_at, until_at=period.until_at, series=name, term=term)
                    ),
                )
            )
    return rows


def _most(rows: Sequence[Row]) -> float:
    return max((row.value or 0 for row in rows), default=0)


def _label(at: int, drawn: Drawn) -> str:
    there = words.moment(at, drawn.zone)
    if drawn.interval is Interval.MONTH:
        return there.strftime("%b %Y")
    return f"{there.day} {there:%b}" if drawn.is_within_a_year else f"{there.day} {there:%b %y}"


def _unit(rows: Sequence[Row]) -> tuple[float, str]:
    """Return the unit in which the longest of some times reads best."""
    longest = _most(rows)
    if longest <= 2 * _HOUR_S:
        return 60.0, "minutes"
    return (_HOUR_S, "hours") if longest <= _LONG_IN_HOURS * _HOUR_S else (_DAY_S, "days")


def _values(rows: Sequence[Row], scale: float) -> list[dict[str, Any]]:
    return [
        {
            "at": row.label,
            "series": row.series,
            "value": None if row.value is None else row.value / scale,
            "said": row.said,
            "address": row.address,
        }
        for row in rows
    ]


def _bars(
    rows: Sequence[Row], drawn: Drawn, unit: str, *, scale: float = 1.0, order: Sequence[str] = ()
) -> dict[str, Any]:
    several = drawn.is_grouped or bool(order)
    names = list(order) or list(drawn.names)
    colour = {"color": _colour(names), "order": {"field": "place"}} if several else {}
    values = [
        {**value, "place": names.index(value["series"]) if several else 0} for value in _values(rows, scale)
    ]
    return _whole(values, {"type": "bar", "cornerRadiusEnd": 0 if several else 2}, unit, colour)


def _lines(
    rows: Sequence[Row], drawn: Drawn, unit: str, *, scale: float = 1.0, form: str = ""
) -> dict[str, Any]:
    colour = {"color": _colour(list(drawn.names))} if drawn.is_grouped else {}
    mark = {"type": "line", "point": {"size": 46, "filled": True}, "invalid": "break-paths-show-domains"}
    return _whole(_values(rows, scale), mark, unit, colour, form)


def _whole(
    values: Sequence[Mapping[str, Any]],
    mark: Mapping[str, Any],
    unit: str,
    colour: Mapping[str, Any],
    form: str = "",
) -> dict[str, Any]:
    # All of them, also those without a value, in their order.
    periods = list(dict.fromkeys(value["at"] for value in values))
    axis: dict[str, Any] = {"tickCount": 5} | ({"format": form} if form else {})
    labels = {"labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 8}
    return {
        "$schema": SCHEMA,
        "data": {"values": values},
        "width": "container",
        "height": _HEIGHT,
        "mark": {**mark, "tooltip": True},
        "encoding": {
            "x": {
                "field": "at",
                "type": "ordinal",
                "title": None,
                "axis": labels,
                "scale": {"domain": periods},
            },
            "y": {"field": "value", "type": "quantitative", "title": unit or None, "axis": axis},
            **colour,
        },
    }


def _colour(names: Sequence[str]) -> dict[str, Any]:
    legend = {"orient": "bottom", "title": None, "columns": 3, "labelLimit": 180}
    return {"field": "series", "type": "nominal", "scale": {"domain": list(names)}, "legend": legend}
