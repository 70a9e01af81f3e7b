"""Charts, scores and insight groups, as LaunchDarkly's clients read them."""

from typing import Any

import pytest

from tests.casts import Cast, Person
from tests.dialects.launchdarkly.test_contents import latest, tell_history, told_by_events
from tests.dialects.launchdarkly.test_deployments import HOUR_MS, NOW_MS, an_event, tell

CHARTS = "/api/v2/engineering-insights/charts"
GROUP = "/api/v2/engineering-insights/insights/group"
GROUPS = "/api/v2/engineering-insights/insights/groups"
SCORES = "/api/v2/engineering-insights/insights/scores"
DAY_MS = 24 * HOUR_MS
NAMES = {
    "overall",
    "velocity",
    "risk",
    "efficiency",
    "deploymentFrequency",
    "leadTime",
    "deploymentFailureRate",
    "impactSize",
    "flagHealth",
    "experimentationCoverage",
}


def drawn(person: Person, chart: str, **query: Any) -> Any:
    """Return a chart."""
    query = {"projectKey": "default", "environmentKey": "production", **query}
    answer = person.http.get(f"{CHARTS}/{chart}", params=query, headers=person.headers)
    assert 200 == answer.status_code, answer.text
    return answer.json()


def points(chart: Any) -> dict[str, list[int]]:
    """Return the heights of all points by series."""
    return {one["metadata"]["name"]: [point["y"] for point in one["data"]] for one in chart["series"]}


def test_frequency_counts_finished_deployments_in_windows(lucy: Person) -> None:
    tell(
        lucy,
        an_event("finished", 1),
        an_event("finished", 2, version="v-2", applicationKey="web"),
        an_event("finished", 30, version="v-3"),
        an_event("failed", 3, version="v-4"),
        an_event("started", 1, version="v-5"),
        an_event("started", 26),
    )
    three_days = {"from": NOW_MS - 3 * DAY_MS, "to": NOW_MS}

    chart = drawn(lucy, "deployments/frequency", **three_days, expand="metrics")

    assert {"deployments": [0, 1, 2]} == points(chart)
    assert [NOW_MS - 2 * DAY_MS, NOW_MS - DAY_MS, NOW_MS] == [one["x"] for one in chart["series"][0]["data"]]
    assert {"total": 3, "averagePerDay": 1.0, "errorRate": 0.0} == {
        name: chart["metadata"]["summary"][name] for name in ("total", "averagePerDay", "errorRate")
    }
    metric = chart["metadata"]["metrics"]["deploymentFrequency"]
    assert ("excellent", 1.0, "per day", 4) == (
        *(metric[name] for name in ("indicator", "value", "modifier")),
        len(metric["tiers"]),
    )
    by_application = drawn(lucy, "deployments/frequency", **three_days, groupBy="application")
    assert {"billing-service": [0, 1, 1], "web": [0, 0, 1]} == points(by_application)
    assert [2, 1] == [one["metadata"]["count"] for one in by_application["series"]]
    by_kind = drawn(lucy, "deployments/frequency", **three_days, groupBy="kind")
    assert {"deployment": [0, 1, 2]} == points(by_kind)
    by_hour = drawn(lucy, "deployments/frequency", **three_days, bucketType="hour")
    assert (3, {0}) == (
        sum(points(by_hour)["deployments"]),
        {one["x"] % HOUR_MS for one in by_hour["series"][0]["data"]},
    )
    by_day = drawn(lucy, "deployments/frequency", **three_days, bucketType="day")
    assert 3 == sum(points(by_day)["deployments"])
    two_days = drawn(lucy, "deployments/frequency", **three_days, bucketMs=2 * DAY_MS)
    assert {"deployments": [0, 1, 3]} == points(two_days)
    whole = lucy.get(f"{CHARTS}/deployments/frequency")
    assert 3 == whole.json()["metadata"]["summary"]["total"]


def test_lead_time_is_drawn_by_stage_and_application(cast: Cast, lucy: Person) -> None:
    tell_history(cast)
    told_by_events(cast, lucy)
    latest(lucy)

    chart = drawn(lucy, "lead-time", percentiles="50,90", expand="metrics")
    whole = drawn(lucy, "lead-time", groupBy="application")

    hours = {"coding": 5, "review": 17, "wait": 5, "deploy": 2}
    assert {name: [hour * HOUR_MS] for name, hour in hours.items()} == points(chart)
    assert {"billing-service": [29 * HOUR_MS]} == points(whole)
    values = chart["series"][0]["data"][0]["values"]
    assert (5 * HOUR_MS, 1, 5 * HOUR_MS) == (values["average"], values["count"], values["p90"])
    metric = chart["metadata"]["metrics"]["leadTime"]
    assert ("good", 29 * HOUR_MS, "ms") == (metric["indicator"], metric["value"], metric["unit"])
    assert {} == points(drawn(lucy, "lead-time", groupBy="application", environmentKey="test"))


@pytest.mark.parametrize(
    ("chart", "query", "status", "field"),
    [
        ("lead-time", {"projectKey": ""}, 400, "projectKey"),
        ("lead-time", {"groupBy": "kind"}, 400, "groupBy"),
        ("lead-time", {"percentiles": "half"}, 400, "percentiles"),
        ("lead-time", {"percentiles": "101"}, 400, "percentiles"),
        ("deployments/frequency", {"bucketType": "week"}, 400, "bucketType"),
        ("deployments/frequency", {"bucketMs": 0}, 400, "bucketMs"),
        ("deployments/frequency", {"from": NOW_MS, "to": NOW_MS - 1}, 400, "from"),
        ("deployments/frequency", {"from": NOW_MS - 4000 * DAY_MS}, 400, "from"),
        ("deployments/frequency", {"expand": "all"}, 400, "expand"),
        ("deployments/frequency", {"projectKey": "nowhere"}, 404, ""),
    ],
)
def test_a_chart_that_cannot_be_is_refused(
    lucy: Person, chart: str, query: dict[str, Any], status: int, field: str
) -> None:
    answer = lucy.http.get(
        f"{CHARTS}/{chart}", params={"projectKey": "default", **query}, headers=lucy.headers
    )

    assert status == answer.status_code, answer.text
    assert not field or [field] == [fault["attribute"] for fault in answer.json()["errors"]]


def test_ten_scores_and_what_they_were(lucy: Person) -> None:
    tell(lucy, *(an_event("finished", 24 * days, version=f"v-{days}") for days in range(35)))
    query = {"projectKey": "default", "environmentKey": "production"}

    told = lucy.http.get(SCORES, params=query, headers=lucy.headers).json()

    assert set(told["scores"]) == NAMES
    frequency = told["scores"]["deploymentFrequency"]
    assert ("excellent", {"min": 90, "max": 100}, 90) == tuple(
        frequency[name] for name in ("indicator", "indicatorRange", "score")
    )
    assert ("good", 90 - frequency["lastPeriod"]["score"]) == (
        frequency["lastPeriod"]["indicator"],
        frequency["diffVsLastPeriod"],
    )
    assert (0, "notCalculated") == tuple(
        told["scores"]["experimentationCoverage"][name] for name in ("score", "indicator")
    )
    assert ["deploymentFrequency", "leadTime"] == told["scores"]["velocity"]["aggregateOf"]
    assert 30 * DAY_MS == told["period"]["endTime"] - told["period"]["startTime"]
    assert told["lastPeriod"]["endTime"] == told["period"]["startTime"]


def a_group(**changes: Any) -> dict[str, Any]:
    """Return a group as it is told."""
    return {
        "name": "Payments",
        "key": "payments",
        "projectKey": "default",
        "environmentKey": "production",
    } | changes


def test_groups_are_kept_changed_and_deleted(lucy: Person) -> None:
    made = lucy.post(GROUP, a_group(applicationKeys=["billing-service"]))
    lucy.post(GROUP, a_group(name="Web", key="web"))
    again = lucy.post(GROUP, a_group(name="Other"))
    path = f"{GROUPS}/payments"
    changed = lucy.patch(path, [{"op": "replace", "path": "/name", "value": "Prod group"}])

    assert (201, 409, 200) == (made.status_code, again.status_code, changed.status_code)
    assert made.json() | {"name": "Prod group"} == changed.json() == lucy.get(path).json()
    assert ["Prod group", "Web"] == [one["name"] for one in lucy.get(GROUPS).json()["items"]]
    assert ["Web"] == [one["name"] for one in lucy.get(f"{GROUPS}?query=WEB").json()["items"]]
    page = lucy.get(f"{GROUPS}?limit=1&sort=-name").json()
    assert (2, ["Web"]) == (page["totalCount"], [one["name"] for one in page["items"]])
    assert ["Prod group"] == [one["name"] for one in lucy.get(page["_links"]["next"]["href"]).json()["items"]]
    full = lucy.get(f"{GROUPS}?expand=scores,metadata").json()
    assert (NAMES, 2, 2) == (
        set(full["items"][0]["scores"]),
        full["metadata"]["countByIndicator"]["notCalculated"],
        full["metadata"]["countByIndicator"]["total"],
    )
    assert {"period", "lastPeriod"} == set(full["scoreMetadata"])
    assert [204, 404] == [lucy.delete(path).status_code for _ in range(2)]


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ([{"op": "remove", "path": "/nothing"}], 422, ""),
        ([{"op": "test", "path": "/name", "value": "x"}], 422, ""),
        ([{"op": "replace", "path": "/key", "value": "x"}], 400, "key"),
        ([{"op": "replace", "path": "/name", "value": 7}], 400, "name"),
        ([{"op": "replace", "path": "/name", "value": " "}], 400, "name"),
        ([{"op": "replace", "path": "/projectKey", "value": "nowhere"}], 400, "projectKey"),
        ({"applicationKeys": "all"}, 400, "applicationKeys"),
    ],
)
def test_a_change_that_does_not_fit_is_refused(lucy: Person, change: Any, status: int, field: str) -> None:
    made = lucy.post(GROUP, a_group()).json()
    answer = lucy.patch(f"{GROUPS}/payments", change)

    assert status == answer.status_code, answer.text
    assert not field or [field] == [fault["attribute"] for fault in answer.json()["errors"]]
    assert made == lucy.get(f"{GROUPS}/payments").json()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"key": 7}, "key"),
        ({"projectKey": "nowhere"}, "projectKey"),
        ({"environmentKey": "nowhere"}, "environmentKey"),
        ({"applicationKeys": [""]}, "applicationKeys"),
    ],
)
def test_a_group_of_nothing_is_refused(lucy: Person, changes: dict[str, Any], field: str) -> None:
    answer = lucy.post(GROUP, a_group(**changes))

    assert (400, [field]) == (answer.status_code, [one["attribute"] for one in answer.json()["errors"]])
    assert 400 == lucy.get(f"{GROUPS}?limit=21").status_code
