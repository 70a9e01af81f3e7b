"""The search for monitors: one case a line, the query and whether it finds the monitor below."""

import pytest

from fairlead.domain.errors import Rejected
from fairlead.domain.monitor_search import Seen, finds, finds_any_group, metrics_of, monitor_query, scopes_of
from fairlead.domain.monitors import MonitorState
from tests.gate_factories import a_monitor

MONITOR = a_monitor(
    id=320387601,
    kind="query alert",
    name="Checkout error rate",
    message="Errors are high. @pagerduty-payments @ada@example.com",
    query='sum(rate(http_requests_total{service="checkout",code=~"5.."}[5m])) > 0.05',
    tags=("service:checkout", "env:prod", "team:payments", "Region:EU-1", "urgent"),
    priority=2,
)
SEEN = Seen(monitor=MONITOR, state=MonitorState.NO_DATA, groups=("env:prod,pod:web-1",), is_muted=False)

FOUND = """
*
checkout
"error rate"
high
service:checkout
SERVICE:Checkout
service:check*
service:check?ut
env:prod team:payments
env:prod AND team:payments
env:stage OR env:prod
NOT env:stage
-env:stage
(env:stage OR service:checkout) AND NOT team:search
service:(search OR checkout)
tag:"service:checkout"
tag:service*
tag:urgent
region:eu-1
status:"No Data"
status:no_data
status:"NO DATA"
status:(alert OR "no data")
muted:false
type:"query alert"
type:query*
creator:ada
scope:"service:checkout"
metric:http_requests_total
notification:pagerduty-payments
notification:"ada@example.com"
title:"Checkout error rate"
title:*error*
320387601
id:320387601
group:"env:prod"
group:"pod:web-1"
group:"env:prod,pod:web-1"
priority:p2
_exists_:team
"""
LEFT = """
search
env:stage
service:check
team:pay
env:prod AND team:search
NOT env:prod
muted:true
status:alert
status:ok
type:"log alert"
scope:"service:search"
metric:http_errors_total
notification:slack
320387602
group:"env:stage"
group:"pod:web-2"
region:us*
_exists_:owner
message:nothing
"""


@pytest.mark.parametrize("query", FOUND.strip().splitlines())
def test_it_finds(query: str) -> None:
    assert finds(monitor_query(query), SEEN)


@pytest.mark.parametrize("query", LEFT.strip().splitlines())
def test_it_leaves(query: str) -> None:
    assert not finds(monitor_query(query), SEEN)


def test_nothing_asked_finds_everything() -> None:
    assert finds(monitor_query(""), SEEN)


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("muted_left:>30", "cannot compare: muted_left"),
        ("priority:[1 TO 3]", "cannot compare: priority"),
        ("service:checkout AND", "at position"),
        ("(env:prod", "at position"),
        ("a" * 10_001, "longer than"),
    ],
)
def test_what_is_not_of_the_language_is_refused(query: str, detail: str) -> None:
    with pytest.raises(Rejected, match=detail) as refused:
        monitor_query(query)

    assert "query" == refused.value.field


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('service:checkout group:"pod:web-9"', True),
        ('service:checkout NOT group:"pod:web-1"', True),
        ('service:search group:"pod:web-1"', False),
        ("service:checkout", True),
    ],
)
def test_a_monitor_may_be_found_while_none_of_its_groups_is(query: str, expected: bool) -> None:
    assert expected is finds_any_group(monitor_query(query), SEEN)


def test_scopes_and_metrics_come_from_queries_of_both_kinds() -> None:
    datadog = "avg(last_5m):avg:system.cpu.user{env:prod,host:web-1} by {pod} > 90"

    assert ("env:prod", "host:web-1") == scopes_of(datadog)
    assert ("system.cpu.user",) == metrics_of(datadog)
    assert ("service:checkout", "code:5..") == scopes_of(MONITOR.query)


def test_how_long_it_has_been_muted_can_be_asked() -> None:
    muted = Seen(monitor=MONITOR, state=MonitorState.OK, is_muted=True, muted_left_min=30, muted_for_min=5)

    assert finds(monitor_query("muted:true muted_left:30 muted_elapsed:5"), muted)
