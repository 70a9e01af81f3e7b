"""Metric queries: what the official Python client reads, number by number, and what is refused."""

from typing import Any

import pytest
from datadog_api_client.exceptions import ApiException
from datadog_api_client.v1.api.metrics_api import MetricsApi as MetricsV1
from datadog_api_client.v2.api.metrics_api import MetricsApi as MetricsV2

from fairlead.domain.deployments import KnownDeployment, Outcome
from fairlead.domain.instants import NS_PER_S, from_rfc3339
from fairlead.domain.links import Lead, LinkSummary
from fairlead.metrics.lead_time import deployment_lead
from tests.casts import Cast
from tests.catalog_requests import official_client
from tests.factories import a_deployment, a_failure, a_sha
from tests.measured import World, a_linked_commit, record

MONDAY = from_rfc3339("2025-01-06T00:00:00Z")
MONDAY_S = MONDAY // NS_PER_S
HOUR_NS = 3_600 * NS_PER_S
DAY_S = 86_400
WEEK = (MONDAY_S, MONDAY_S + 7 * DAY_S)
UNIT = {"family": "time", "name": "second", "plural": "seconds", "short_name": "s", "scale_factor": 1.0}
NO_STAGES = (None,) * 5


@pytest.fixture
def told(cast: Cast) -> Cast:
    """On Monday the shop was deployed twice and failed once, on Wednesday once; the cart on Tuesday."""
    failed = Outcome(change_failure=True, recovery_time_ns=2 * HOUR_NS)
    fine = Outcome(change_failure=False)
    ones = [
        a_known(cast, 1, 1.0, service="shop", env="prod", outcome=failed),
        a_known(cast, 2, 4.0, service="shop", env="prod", outcome=fine),
        a_known(cast, 50, 2.0, service="shop", env="dev", outcome=fine),
        a_known(cast, 30, 9.0, service="cart", env="prod", outcome=fine),
    ]
    commits = {
        str(one.fact.id): [a_linked_commit(a_sha(1), one.link.lead.average_ns, NO_STAGES)] for one in ones
    }
    broken = a_failure(org_id=cast.ada.org_id, services=("shop",), env="prod", started_at=MONDAY + HOUR_NS)
    record(cast.ledger, World(deployments=ones, commits=commits, failures=[broken]))
    return cast


def a_known(cast: Cast, hours: int, lead_h: float, *, outcome: Outcome, **changes: Any) -> KnownDeployment:
    fact = a_deployment(
        org_id=cast.ada.org_id, finished_at=MONDAY + hours * HOUR_NS, tags=(f"day:{hours // 24}",), **changes
    )
    lead = deployment_lead([Lead(lead_time_ns=int(lead_h * HOUR_NS), stages_ns=NO_STAGES)])
    return KnownDeployment(
        fact=fact, outcome=outcome, link=LinkSummary(reason=None, number_of_commits=1, lead=lead)
    )


def series(cast: Cast, query: str, window: tuple[int, int] = WEEK) -> list[dict[str, Any]]:
    """Return the series that the official client reads."""
    with official_client(cast.ada) as client:
        answer = MetricsV1(client).query_metrics(_from=window[0], to=window[1], query=query)
    assert ("ok", "time_series") == (answer.status, answer.res_type)
    return [one.to_dict() for one in answer.series]


def points(cast: Cast, query: str) -> dict[str, list[tuple[int, float]]]:
    """Return what is known by scope, to a millionth, with days counted from Monday."""
    return {
        one["scope"]: [
            (int(at / 1000 - MONDAY_S) // DAY_S, round(value, 6)) for at, value in one["pointlist"]
        ]
        for one in series(cast, query)
    }


def formula(cast: Cast, kind: str, queries: list[dict[str, Any]], **others: Any) -> Any:
    """Return what v2 answers to the official client."""
    attributes = {
        "from": WEEK[0] * 1000,
        "to": WEEK[1] * 1000,
        "queries": [{"data_source": "metrics"} | query for query in queries],
        **others,
    }
    body = {"data": {"type": f"{kind}_request", "attributes": attributes}}
    with official_client(cast.ada) as client:
        api = MetricsV2(client)
        call = api.query_scalar_data if kind == "scalar" else api.query_timeseries_data
        return call(body=body).to_dict()["data"]["attributes"]


def columns(cast: Cast, queries: list[dict[str, Any]], **others: Any) -> dict[str, list[Any]]:
    """Return the columns of a scalar answer."""
    return {one["name"]: one["values"] for one in formula(cast, "scalar", queries, **others)["columns"]}


def test_every_metric_has_a_value_for_each_day_where_something_is_known(told: Cast) -> None:
    assert {"*": [(0, 2), (1, 1), (2, 1), (3, 0), (4, 0), (5, 0), (6, 0)]} == points(
        told, "sum:dora.deployments.count{*}.as_count()"
    )
    assert {"*": [(0, 9_000), (1, 32_400), (2, 7_200)]} == points(told, "p50:dora.change_lead_time{*}")
    assert {"*": [(0, 0.5), (1, 0), (2, 0)]} == points(told, "avg:dora.change_failure_rate{*}")
    assert {"*": [(0, 7_200)]} == points(told, "avg:dora.recovery_time{*}")
    assert {"*": [(0, 1_800)]} == points(told, "avg:dora.time_to_restore{*}")


def test_a_series_says_what_it_is(told: Cast) -> None:
    [shop] = series(told, "avg:dora.change_lead_time{service:shop} by {env,service}.rollup(avg, 604800)")[1:]

    assert [[MONDAY_S * 1000, pytest.approx(9_000)]] == shop.pop("pointlist")
    assert {
        "aggr": "avg",
        "metric": "dora.change_lead_time",
        "display_name": "dora.change_lead_time",
        "scope": "env:prod,service:shop",
        "tag_set": ["env:prod", "service:shop"],
        "interval": 7 * DAY_S,
        "length": 1,
        "start": MONDAY_S * 1000,
        "end": WEEK[1] * 1000 - 1,
        "query_index": 0,
        "unit": [UNIT, None],
        "expression": "avg:dora.change_lead_time{service:shop} by {env,service}.rollup(avg, 604800)",
    } == shop


@pytest.mark.parametrize(
    ("scope", "count"),
    [
        ("*", 4),
        ("service:shop", 3),
        ("service:shop,env:prod", 2),
        ("service:shop AND env:prod", 2),
        ("service:cart OR env:dev", 2),
        ("!service:shop", 1),
        ("service:s*", 3),
        ("service IN (shop, cart)", 4),
        ("service NOT IN (shop)", 1),
        ("env:prod AND NOT (service:cart OR day:1)", 2),
        ('service:"shop"', 3),
        ("service:nobody", 0),
    ],
)
def test_a_filter_holds_for_the_same_deployments_as_in_a_search(told: Cast, scope: str, count: int) -> None:
    query = {"query": f"sum:dora.deployments.count{{{scope}}}", "aggregator": "sum"}

    assert {"query1": [count]} == columns(told, [query])


def test_queries_of_one_request_stand_side_by_side(told: Cast) -> None:
    both = series(told, "sum:dora.deployments.count{*}, p90:dora.change_lead_time{*}")

    assert [(0, "dora.deployments.count"), (1, "dora.change_lead_time")] == [
        (one["query_index"], one["metric"]) for one in both
    ]


def test_what_is_calculated_joins_the_same_groups(told: Cast) -> None:
    query = "p50:dora.change_lead_time{*} by {service} / 3600"
    assert {"service:shop": [(0, 2.5), (2, 2.0)], "service:cart": [(1, 9.0)]} == points(told, query)

    share = (
        "sum:dora.deployments.count{service:shop} by {service} / sum:dora.deployments.count{*} by {service}"
    )
    assert {"service:shop": [(0, 1.0), (2, 1.0)]} == points(told, share)


def test_days_and_weeks_may_be_those_of_a_calendar(told: Cast) -> None:
    query = "sum:dora.deployments.count{*}.rollup(sum, daily, 'America/New_York')"

    counts = [value for _, value in points(told, query)["*"]]

    # There it was Sunday evening, twice, and Tuesday, early and late.
    assert [2, 0, 2, 0, 0, 0, 0, 0] == counts


def test_a_calendar_s_periods_need_no_aggregator(told: Cast) -> None:
    count, lead = "sum:dora.deployments.count{*}", "p50:dora.change_lead_time{*}"

    assert points(told, f"{count}.rollup(sum, weekly)") == points(told, f"{count}.rollup(weekly)")
    assert points(told, f"{lead}.rollup(p50, daily)") == points(told, f"{lead}.rollup(daily)")


def test_a_rate_is_by_the_second(told: Cast) -> None:
    query = "sum:dora.deployments.count{service:cart}.as_rate().rollup(sum, 86400)"

    [cart] = series(told, query)
    assert 1 / DAY_S == pytest.approx(cart["pointlist"][1][1])


def test_formulas_have_a_value_for_each_time_and_null_where_nothing_is_known(told: Cast) -> None:
    answer = formula(
        told,
        "timeseries",
        [{"name": "a", "query": "p50:dora.change_lead_time{*} by {service}"}],
        formulas=[{"formula": "a / 3600"}, {"formula": "default_zero(a)"}],
        interval=DAY_S * 1000,
    )

    assert [(MONDAY_S + day * DAY_S) * 1000 for day in range(7)] == answer["times"]
    assert [(0, ["service:cart"]), (0, ["service:shop"]), (1, ["service:cart"]), (1, ["service:shop"])] == [
        (one["query_index"], one["group_tags"]) for one in answer["series"]
    ]
    assert [None, pytest.approx(9.0), None, None, None, None, None] == answer["values"][0]
    assert [0.0, pytest.approx(32_400.0), 0.0, 0.0, 0.0, 0.0, 0.0] == answer["values"][2]


def test_one_value_of_the_window_is_measured_over_all_of_it(told: Cast) -> None:
    answer = columns(
        told,
        [
            {"name": "count", "query": "sum:dora.deployments.count{*} by {service}", "aggregator": "sum"},
            {"name": "lead", "query": "p50:dora.change_lead_time{*} by {service}", "aggregator": "avg"},
            {"name": "failed", "query": "avg:dora.change_failure_rate{*} by {service}", "aggregator": "avg"},
        ],
    )

    assert [["cart"], ["shop"]] == answer["service"]
    assert ([1, 3], [pytest.approx(32_400), 7_200]) == (answer["count"], answer["lead"])
    assert [0, pytest.approx(1 / 3)] == answer["failed"]


def test_a_formula_may_keep_the_largest_groups(told: Cast) -> None:
    answer = columns(
        told,
        [{"name": "n", "query": "sum:dora.deployments.count{*} by {service}", "aggregator": "sum"}],
        formulas=[{"formula": "n * 2", "limit": {"count": 1, "order": "desc"}}],
    )

    assert {"service": [["shop"]], "n * 2": [6]} == answer


def test_nothing_known_is_no_point_and_null(cast: Cast) -> None:
    assert {} == points(cast, "avg:dora.change_lead_time{*}")
    assert {"query1": [None]} == columns(cast, [{"query": "avg:dora.change_failure_rate{*}"}])


def test_another_organisation_has_its_own_numbers(told: Cast) -> None:
    answer = told.zoe.get(
        f"/api/v1/query?from={WEEK[0]}&to={WEEK[1]}&query=sum:dora.deployments.count{{*}} by {{service}}"
    )

    assert [] == answer.json()["series"]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", "required"),
        ("avg:system.cpu.user{*}", "there is no metric system.cpu.user"),
        ("dora.deployments.count", 'there is no query named "dora.deployments.count"'),
        ("sum:dora.deployments.count{*", "the end was not expected"),
        ("max:dora.change_lead_time{*}", "not by max"),
        ("sum:dora.deployments.count{*}.rollup(sum, 0)", "whole seconds"),
        ("sum:dora.deployments.count{*}.rollup(sum, 1)", "4000 periods"),
        ("sum:dora.deployments.count{*}.nonsense()", ".nonsense()"),
        ("top(sum:dora.deployments.count{*})", "function top"),
        ("1 + 1", "at least one metric"),
        ("sum:dora.deployments.count{*} by {a} + sum:dora.deployments.count{*} by {b}", "the same tags"),
        ("-" * 3_000 + "sum:dora.deployments.count{*}", "signs and brackets"),
        ("sum:dora.deployments.count{" + "(" * 2_000, "was not expected"),
        ("x" * 6_000, "longer than"),
    ],
)
def test_a_query_that_cannot_be_answered_is_explained(cast: Cast, query: str, why: str) -> None:
    with official_client(cast.ada) as client, pytest.raises(ApiException) as refused:
        MetricsV1(client).query_metrics(_from=WEEK[0], to=WEEK[1], query=query)

    assert 400 == refused.value.status
    assert why in refused.value.body["errors"][0]


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ({"queries": []}, "queries"),
        ({"queries": [{"query": "sum:dora.deployments.count{*}", "data_source": "logs"}]}, "data_source"),
        (
            {"queries": [{"query": "sum:dora.deployments.count{*}"}], "formulas": [{"formula": "b"}]},
            'no query named "b"',
        ),
        ({"queries": [{"query": "sum:dora.deployments.count{*}", "aggregator": "area"}]}, "aggregator"),
    ],
)
def test_a_formula_that_cannot_be_answered_is_explained(
    cast: Cast, attributes: dict[str, Any], why: str
) -> None:
    window = {"from": WEEK[0] * 1000, "to": WEEK[1] * 1000}
    body = {"data": {"type": "scalar_request", "attributes": window | attributes}}

    refused = cast.ada.post("/api/v2/query/scalar", body)

    assert 400 == refused.status_code
    assert why in refused.json()["errors"][0]


def test_only_who_may_read_metrics_may_ask(cast: Cast) -> None:
    path = f"/api/v1/query?from={WEEK[0]}&to={WEEK[1]}&query=sum:dora.deployments.count{{*}}"

    assert 200 == cast.ben.get(path).status_code
    assert 403 == cast.robot.get(path).status_code
