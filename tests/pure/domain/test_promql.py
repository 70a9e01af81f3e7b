import math
from typing import Any

import pytest

from fairlead.domain.errors import Rejected
from fairlead.domain.promql import Condition, Series, condition_from, states_of

ERRORS = 'sum(rate(http_requests_total{code=~"5..>"}[5m]))'


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("up", ("up", "", 0)),
        ("up == 0", ("up", "==", 0)),
        (f"{ERRORS} > 0.05", (ERRORS, ">", 0.05)),
        (f"{ERRORS} / sum(rate(x[5m]))\n  >= 5e-2", (f"{ERRORS} / sum(rate(x[5m]))", ">=", 0.05)),
        ("x != -1.5", ("x", "!=", -1.5)),
        ("x < +2", ("x", "<", 2)),
        ("x > 1 > 2", ("x > 1 > 2", "", 0)),
        ("x > bool 1", ("x > bool 1", "", 0)),
        ("x > y", ("x > y", "", 0)),
        ("x > 1 or y", ("x > 1 or y", "", 0)),
        ("x or y > 1", ("x or y > 1", "", 0)),
        ("x AND y > 1", ("x AND y > 1", "", 0)),
        ("(x or y) > 1", ("(x or y)", ">", 1)),
        ("max(x > 1) > 2", ("max(x > 1)", ">", 2)),
        ("for_x > 1", ("for_x", ">", 1)),
        ("x > 1 # > 2", ("x > 1 # > 2", "", 0)),
        ("> 1", ("> 1", "", 0)),
        ("label_replace(x, 'a', \"> 5\", `b`, '') > 1", ("label_replace(x, 'a', \"> 5\", `b`, '')", ">", 1)),
    ],
)
def test_a_query_is_divided_where_it_compares_with_a_number(query: str, expected: Any) -> None:
    assert Condition(*expected) == condition_from(query)


@pytest.mark.parametrize("query", ["sum(x", "x)", "x[5m", 'x{a="b}', "x{a='b\"}", "(x]", "`"])
def test_brackets_and_quotes_must_be_closed(query: str) -> None:
    with pytest.raises(Rejected, match="parameter 'query' is invalid"):
        condition_from(query)


def found(query: str, *values: tuple[dict[str, str], float], warning: float | None = None) -> list[Any]:
    states = states_of(condition_from(query), warning, [Series(*value) for value in values])
    return [(one.group, one.state.value, one.reason) for one in states]


def test_the_value_is_compared_with_both_bounds() -> None:
    values = [({"pod": "a"}, 6.0), ({"pod": "b"}, 4.0), ({"pod": "c", "__name__": "x"}, 1.0)]

    assert [
        ("pod:a", "alert", "6 > 5"),
        ("pod:b", "warn", "4 > 3"),
        ("pod:c", "ok", "value 1"),
    ] == found("x > 5", *values, warning=3)


def test_no_series_is_no_data_where_a_value_is_expected_and_well_where_alerts_are() -> None:
    assert [("", "no_data", "the query returned no series")] == found("x > 5")
    assert [("", "ok", "")] == found("x > 5 or y > 3")


def test_each_series_of_an_alerting_expression_is_an_alert() -> None:
    assert [("pod:a", "alert", "value 7"), ("pod:b", "alert", "value 9")] == found(
        "x > 5 or y", ({"pod": "b"}, 9.0), ({"pod": "a"}, 7.0)
    )


def test_what_is_not_a_number_is_no_data_and_infinity_is_a_number() -> None:
    values = [({"pod": "a"}, math.nan), ({"pod": "b"}, math.inf)]

    assert ["alert", "no_data"] == [state for _, state, _ in found("x > 5", *values)]
