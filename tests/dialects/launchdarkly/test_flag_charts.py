"""What happened to flags with its impact, and charts of releases, statuses and stale flags."""

from typing import Any

import pytest

from tests.casts import Cast, Person
from tests.dialects.launchdarkly.test_charts import drawn, points
from tests.dialects.launchdarkly.test_deployments import HOUR_MS, NOW_MS

EVENTS = "/api/v2/engineering-insights/flag-events"
NATIVE = "/api/fairlead/v1/flags"
DAY_MS = 24 * HOUR_MS
MINUTE_MS = 60_000
IN_PRODUCTION = ("enabled_targeting", "updated_rules")


def tell_changes(cast: Cast, *changes: tuple[str, str, float]) -> None:
    """Tell what happened to flags: type, flag, hours ago."""
    told = [
        {"project_key": "default", "flag_key": flag, "type": type, "at": NOW_MS - int(hours * HOUR_MS)}
        | ({"environment_key": "production"} if type in IN_PRODUCTION else {})
        for type, flag, hours in changes
    ]
    answer = cast.ada.post(f"{NATIVE}/changes", {"changes": told})
    assert 200 == answer.status_code, answer.text


def tell_evaluations(cast: Cast, flag: str, *counts: tuple[float, bool, int]) -> None:
    """Tell what a flag served in production: minutes ago, variation, count."""
    told = [
        {
            "project_key": "default",
            "environment_key": "production",
            "flag_key": flag,
            "variation": variation,
            "at": NOW_MS - int(minutes * MINUTE_MS),
            "count": count,
        }
        for minutes, variation, count in counts
    ]
    answer = cast.ada.post(f"{NATIVE}/evaluations", {"evaluations": told})
    assert 200 == answer.status_code, answer.text


def asked(person: Person, **query: Any) -> Any:
    """Return a page of what happened to flags."""
    query = {"projectKey": "default", "environmentKey": "production", **query}
    answer = person.http.get(EVENTS, params=query, headers=person.headers)
    assert 200 == answer.status_code, answer.text
    return answer.json()


@pytest.fixture
def told(cast: Cast) -> Cast:
    """Flags with a life: one released with effect, one without, one old and quiet."""
    tell_changes(
        cast,
        ("created_flag", "pay", 100),
        ("enabled_targeting", "pay", 3),
        ("created_flag", "cart", 90),
        ("updated_rules", "cart", 2),
        ("updated_settings", "cart", 1),
        ("created_flag", "old", 24 * 60),
    )
    tell_evaluations(cast, "pay", (185, False, 100), (175, False, 50), (174, True, 150))
    tell_evaluations(cast, "cart", (125, True, 7), (115, True, 9))
    return cast


def test_events_are_listed_with_their_impact(told: Cast, lucy: Person) -> None:
    found = asked(lucy, expand="experiments")

    assert [
        ("cart", "updated_settings", None),
        ("cart", "updated_rules", "none"),
        ("pay", "enabled_targeting", "medium"),
        ("cart", "created_flag", None),
        ("pay", "created_flag", None),
    ] == [(one["flagKey"], one["eventType"], one["impact"].get("size")) for one in found["items"]]
    one = found["items"][2]
    assert {
        "size": "medium",
        "percentage": 75,
        "reason": "evaluations",
        "evaluationsSummary": {
            "variations": [
                {"value": False, "before": 100, "after": 50},
                {"value": True, "before": 0, "after": 150},
            ]
        },
    } == one["impact"]
    assert ("production", NOW_MS - 3 * HOUR_MS, {"totalCount": 0, "items": []}) == (
        one["environmentKey"],
        one["eventTime"],
        one["experiments"],
    )
    assert "environmentKey" not in found["items"][3]


def test_events_are_filtered_and_paged(told: Cast, lucy: Person) -> None:
    def flags(**query: Any) -> list[str]:
        found = asked(lucy, **query)
        assert found["totalCount"] == len(found["items"])
        return [one["flagKey"] for one in found["items"]]

    assert ["cart", "pay"] == flags(**{"global": "exclude"})
    assert ["pay", "pay"] == flags(query="PA")
    assert [["pay"], ["cart"], []] == [flags(impactSize=size) for size in ("medium", "none", "large")]
    assert [0, 5] == [len(flags(hasExperiments=told)) for told in ("true", "false")]
    assert [] == flags(applicationKey="web")
    first = asked(lucy, limit=2)
    second = lucy.get(first["_links"]["next"]["href"]).json()
    back = lucy.get(second["_links"]["prev"]["href"]).json()
    assert (5, ["pay", "cart"], first["items"]) == (
        second["totalCount"],
        [one["flagKey"] for one in second["items"]],
        back["items"],
    )


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"environmentKey": ""}, "environmentKey"),
        ({"impactSize": "huge"}, "impactSize"),
        ({"hasExperiments": "maybe"}, "hasExperiments"),
        ({"global": "some"}, "global"),
        ({"expand": "flags"}, "expand"),
        ({"before": "x"}, "before"),
    ],
)
def test_a_question_that_cannot_be_is_refused(lucy: Person, query: dict[str, Any], field: str) -> None:
    params = {"projectKey": "default", "environmentKey": "production", **query}
    answer = lucy.http.get(EVENTS, params=params, headers=lucy.headers)

    assert (400, [field]) == (answer.status_code, [one["attribute"] for one in answer.json()["errors"]])


def test_releases_are_counted_in_windows(told: Cast, lucy: Person) -> None:
    window = {"from": NOW_MS - 5 * DAY_MS, "to": f"{NOW_MS}"}
    chart = drawn(lucy, "releases/frequency", **window, expand="metrics")

    assert {"releases": [1, 1, 0, 0, 2]} == points(chart)
    assert ("releaseFrequency", 4) == (chart["metadata"]["name"], chart["metadata"]["summary"]["total"])
    assert ("fair", 37.5) == tuple(
        chart["metadata"]["metrics"]["impactSize"][name] for name in ("indicator", "value")
    )
    by_impact = drawn(lucy, "releases/frequency", **window, groupBy="impact")
    assert {"medium": 1, "none": 1, "unknown": 2} == {
        one["metadata"]["name"]: one["metadata"]["count"] for one in by_impact["series"]
    }
    here = drawn(lucy, "releases/frequency", **window, **{"global": "exclude"})
    assert 2 == here["series"][0]["metadata"]["count"]
    assert {"releases": [0] * 5} == points(drawn(lucy, "releases/frequency", **window, hasExperiments="true"))


def test_statuses_and_stale_flags_are_counted(told: Cast, lucy: Person) -> None:
    statuses = drawn(lucy, "flags/status")
    stale = drawn(lucy, "flags/stale", expand="metrics")
    by_maintainer = drawn(lucy, "flags/stale", groupBy="maintainer")

    assert {"new": [0], "active": [2], "launched": [0], "inactive": [1]} == points(statuses)
    assert {"stale": [1]} == points(stale)
    assert {"stale": 1, "temporary": 3} == {
        name: stale["metadata"]["summary"][name] for name in ("stale", "temporary")
    }
    assert "needsAttention" == stale["metadata"]["metrics"]["flagHealth"]["indicator"]
    assert {"none": [1]} == points(by_maintainer)
    assert {"stale": [0]} == points(drawn(lucy, "flags/stale", maintainerId="somebody"))


def test_flags_have_scores(told: Cast, lucy: Person) -> None:
    query = {"projectKey": "default", "environmentKey": "production"}
    scores = lucy.http.get(
        "/api/v2/engineering-insights/insights/scores", params=query, headers=lucy.headers
    ).json()["scores"]

    assert ("needsAttention", "fair") == (
        scores["flagHealth"]["indicator"],
        scores["impactSize"]["indicator"],
    )
    assert scores["flagHealth"]["score"] == scores["efficiency"]["score"]
    group = {"name": "G", "key": "g", **query}
    lucy.post("/api/v2/engineering-insights/insights/group", group)
    shown = lucy.get("/api/v2/engineering-insights/insights/groups/g?expand=environment,scores").json()
    assert ("production", scores["overall"]["score"]) == (
        shown["environment"]["key"],
        shown["scores"]["overall"]["score"],
    )
