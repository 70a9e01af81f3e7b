"""The shapes of Datadog's metric queries, v1 and v2.

Not here: the language that a query is written in (`query_grammar.lark`).
"""

from typing import Annotated

from msgspec import Meta, Struct, field

from fairlead.dialects.datadog.query_metrics import Unit

Units = list[Unit | None]
"""Two: of what is measured, and by what it is divided."""
Ms = Annotated[int, Meta(description="Milliseconds since 1970.")]


class SeriesSeen(Struct):
    aggr: str | None
    display_name: str
    end: int
    expression: str
    interval: int
    length: int
    metric: str
    pointlist: list[tuple[float, float]]
    query_index: int
    scope: str
    start: int
    tag_set: list[str]
    unit: Units | None


class QueryAnswer(Struct):
    from_date: Ms
    to_date: Ms
    query: str
    series: list[SeriesSeen]
    group_by: list[str]
    status: str = "ok"
    res_type: str = "time_series"
    resp_version: int = 1
    message: str = ""


class Limit(Struct):
    count: int = 0
    order: str = "desc"


class FormulaAsked(Struct):
    formula: str
    limit: Limit | None = None


class QueryAsked(Struct):
    query: str = ""
    name: str = ""
    data_source: str = "metrics"
    aggregator: str = ""


class Attributes(Struct, rename={"from_": "from"}):
    from_: Ms
    to: Ms
    queries: list[QueryAsked]
    formulas: list[FormulaAsked] = field(default_factory=list)
    interval: int | None = None


class Data(Struct):
    attributes: Attributes
    type: str = ""


class FormulaRequest(Struct):
    data: Data


class TimeseriesSeries(Struct):
    group_tags: list[str]
    query_index: int
    unit: Units | None


class TimeseriesAttributes(Struct):
    series: list[TimeseriesSeries]
    times: list[Ms]
    values: list[list[float | None]]


class TimeseriesData(Struct):
    attributes: TimeseriesAttributes
    id: str = "0"
    type: str = "timeseries_response"


class TimeseriesAnswer(Struct):
    data: TimeseriesData
    errors: str = ""


class GroupColumn(Struct, tag_field="type", tag="group"):
    name: str
    values: list[list[str]]


class ColumnMeta(Struct):
    unit: Units | None


class NumberColumn(Struct, tag_field="type", tag="number"):
    name: str
    values: list[float | None]
    meta: ColumnMeta


class ScalarAttributes(Struct):
    columns: list[GroupColumn | NumberColumn]


class ScalarData(Struct):
    attributes: ScalarAttributes
    id: str = "0"
    type: str = "scalar_response"


class ScalarAnswer(Struct):
    data: ScalarData
    errors: str = ""
