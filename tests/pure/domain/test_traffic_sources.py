"""What Prometheus answers, as counts by the minute."""

import math
from typing import Any

from fairlead.domain.traffic import Cell, Fault, Series
from fairlead.domain.traffic_sources import Samples, TrafficSource, cells_of, faults_of

MINUTE = 29_000_000
SERIES = Series("prometheus:shop", "checkout", "prod", "2", "GET /pay")


def a_source(**changes: Any) -> TrafficSource:
    fields: dict[str, Any] = {
        "name": "shop",
        "service": "Checkout",
        "env": "Prod",
        "requests": "requests",
        "errors": "errors",
        "resource_labels": ("method", "route"),
    }
    return TrafficSource(**fields | changes)


def samples(*values: tuple[float, float], **labels: str) -> Samples:
    """Return values, each so many seconds after the minute begins."""
    named = {"version": "2", "method": "GET", "route": "/pay"} | labels
    return Samples(named, [(MINUTE * 60 + after_s, value) for after_s, value in values])


def test_a_step_belongs_to_the_minute_that_it_lies_in() -> None:
    minute, steps = samples((60, 7.0), (120, 9.0)), samples((20, 1.4), (40, 1.4), (60, 1.4), (80, 5.0))

    assert {Cell(SERIES, MINUTE): 7, Cell(SERIES, MINUTE + 1): 9} == cells_of(a_source(), [minute])
    assert {Cell(SERIES, MINUTE): 4, Cell(SERIES, MINUTE + 1): 5} == cells_of(a_source(step_s=20), [steps])


def test_series_of_one_resource_add_up() -> None:
    both = [samples((60, 7.0), pod="a"), samples((60, 3.0), pod="b")]

    assert {Cell(SERIES, MINUTE): 10} == cells_of(a_source(), both)


def test_what_is_no_count_is_left_out() -> None:
    lies = [math.nan, math.inf, -math.inf, -3.0, 0.0, 0.2, 1e300]

    assert {} == cells_of(a_source(), [samples((60, value)) for value in lies])


def test_a_series_without_labels_stands_for_all() -> None:
    [cell] = cells_of(a_source(), [Samples({}, [(MINUTE * 60 + 60, 5.0)])])

    assert ("", "(all)") == (cell.series.version, cell.series.resource)


def test_errors_have_the_type_that_their_label_names() -> None:
    answer = [samples((60, 2.0), exception="OSError"), samples((60, 1.0))]

    assert {Fault(Cell(SERIES, MINUTE), "OSError"): 2, Fault(Cell(SERIES, MINUTE), "error"): 1} == faults_of(
        a_source(error_type_label="exception"), answer
    )
    assert {Fault(Cell(SERIES, MINUTE), "error"): 3} == faults_of(a_source(), answer)
