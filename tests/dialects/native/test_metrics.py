"""`GET /api/fairlead/v1/metrics`: every number, its shape, and who may ask."""

from typing import Any

import pytest

from fairlead.domain.changes import Reason
from fairlead.domain.deployments import DeploymentType, KnownDeployment, Outcome
from fairlead.domain.instants import from_rfc3339
from fairlead.domain.links import Lead, LinkSummary
from fairlead.metrics.lead_time import deployment_lead
from tests.casts import Cast
from tests.factories import a_deployment, a_failure, a_sha
from tests.measured import World, a_linked_commit, record

METRICS = "/api/fairlead/v1/metrics"
HOUR_NS = 3_600 * 10**9
MONDAY = from_rfc3339("2025-01-06T00:00:00Z")
WINDOW = "from=2025-01-06T00:00:00Z&to=2025-01-20T00:00:00Z"


def known(cast: Cast, hours: float, lead_h: float | None = None, **changes: Any) -> KnownDeployment:
    """Return a deployment that ended so many hours after Monday, with one commit that took `lead_h`."""
    outcome = changes.pop("outcome", Outcome())
    reason = changes.pop("reason", None if lead_h is not None else Reason.COMMIT_UNKNOWN)
    finished_at = MONDAY + int(hours * HOUR_NS)
    fact = a_deployment(org_id=cast.ada.org_id, finished_at=finished_at, tags=(), **changes)
    leads = [] if lead_h is None else [Lead(lead_time_ns=int(lead_h * HOUR_NS), stages_ns=STAGES_NS)]
    counted = None if lead_h is None else 1
    link = LinkSummary(reason=reason, number_of_commits=counted, lead=deployment_lead(leads))
    return KnownDeployment(fact=fact, outcome=outcome, link=link)


STAGES_NS = (None, None, None, HOUR_NS, HOUR_NS // 12)


def recorded(cast: Cast, *ones: KnownDeployment, **others: Any) -> None:
    """Store deployments with what became of them."""
    commits = {
        str(one.fact.id): [a_linked_commit(a_sha(1), one.link.lead.average_ns, STAGES_NS)]
        for one in ones
        if one.link.number_of_commits
    }
    record(cast.ledger, World(deployments=ones, commits=commits, **others))


def metrics(cast: Cast, query: str = WINDOW) -> Any:
    """Return what Ada is told."""
    answer = cast.ada.get(f"{METRICS}?{query}")
    assert 200 == answer.status_code, answer.text
    return answer.json()


def test_the_numbers_of_a_small_world(cast: Cast) -> None:
    failed = Outcome(change_failure=True, recovery_time_ns=2 * HOUR_NS)
    back = Outcome(change_failure=False, deployment_type=DeploymentType.ROLLBACK)
    recorded(
        cast,
        known(cast, 10, 4.0),
        known(cast, 30, 8.0, outcome=failed),
        known(cast, 32, reason=Reason.NO_NEW_COMMITS, outcome=back),
        known(cast, 200, commit_sha="", repository_id=""),
        failures=[a_failure(org_id=cast.ada.org_id, started_at=MONDAY + 31 * HOUR_NS)],
    )

    answer = metrics(cast)

    assert ("2025-01-06T00:00:00Z", "2025-01-20T00:00:00Z") == (answer["from"], answer["to"])
    assert ("week", [], {}) == (answer["interval"], answer["group_by"], answer["groups"][0]["by"])
    half_an_hour = dict.fromkeys(("median_s", "mean_s", "p75_s", "p90_s", "p95_s"), 1800.0)
    two_hours = dict.fromkeys(half_an_hour, 7200.0)
    stage = {"median_s": 3600.0, "deployments": 2}
    assert {
        "deployments": 4,
        "deployments_per_day": pytest.approx(4 / 14),
        # 4 and 8 hours: in the middle 6, three quarters of the way 7.
        "change_lead_time": {
            "deployments": 2,
            "median_s": 21_600.0,
            "mean_s": 21_600.0,
            "p75_s": 25_200.0,
            "p90_s": pytest.approx(27_360.0),
            "p95_s": pytest.approx(28_080.0),
            "stages": {
                **dict.fromkeys(("time_to_pr_ready", "review_time", "merge_time")),
                "time_to_deploy": stage,
                "deploy_time": stage | {"median_s": 300.0},
            },
        },
        "change_failure_rate": {"failed": 1, "rate": 0.25, "undecided": 2},
        "recovery_time": {"deployments": 1, **two_hours},
        "rework_rate": {"deployments": 1, "rate": 0.25},
        "time_to_restore": {"failures": 1, **half_an_hour},
        "coverage": {"with_lead_time": 2, "excluded": {"no_new_commits": 1, "no_git": 1}},
    } == answer["groups"][0]["summary"]
    starts = [(point["start"], point["deployments"]) for point in answer["groups"][0]["points"]]
    assert [("2025-01-06T00:00:00Z", 3), ("2025-01-13T00:00:00Z", 1)] == starts


def test_what_has_nothing_to_count_is_null_and_not_zero(cast: Cast) -> None:
    summary = metrics(cast)["groups"][0]["summary"]

    assert 0 == summary.pop("deployments")
    assert 0.0 == summary.pop("deployments_per_day")
    assert {"with_lead_time": 0, "excluded": {}} == summary.pop("coverage")
    assert {None} == set(summary.values())


def test_groups_have_their_own_numbers(cast: Cast) -> None:
    recorded(cast, known(cast, 1, 1.0, service="a"), known(cast, 2, 3.0, service="b"), known(cast, 3, env=""))

    groups = metrics(cast, f"{WINDOW}&group_by=service&group_by=env&interval=none")["groups"]

    told = [(group["by"]["service"], group["by"]["env"], group["summary"]["deployments"]) for group in groups]
    assert [("a", "prod", 1), ("b", "prod", 1), ("checkout", None, 1)] == told
    assert [[], [], []] == [group["points"] for group in groups]


def test_a_query_is_asked_of_deployments_and_failures(cast: Cast) -> None:
    mine = {"org_id": cast.ada.org_id, "started_at": MONDAY}
    recorded(
        cast,
        known(cast, 1, env="prod"),
        known(cast, 2, env="dev"),
        failures=[a_failure(**mine, env="dev"), a_failure(**mine, env="prod"), a_failure(**mine, env="prod")],
    )

    summary = metrics(cast, f"{WINDOW}&query=env:prod")["groups"][0]["summary"]

    assert (1, 2) == (summary["deployments"], summary["time_to_restore"]["failures"])


def test_a_day_is_one_of_the_time_zone_also_when_the_clocks_change(cast: Cast) -> None:
    window = "from=2025-03-29&to=2025-04-01&timezone=Europe/Berlin&interval=day"

    points = metrics(cast, window)["groups"][0]["points"]

    assert [
        "2025-03-29T00:00:00+01:00",
        "2025-03-30T00:00:00+01:00",
        "2025-03-31T00:00:00+02:00",
    ] == [point["start"] for point in points]


def test_the_window_before_is_told_where_it_is_asked_for(cast: Cast) -> None:
    recorded(cast, known(cast, -24), known(cast, -25), known(cast, 1), known(cast, -15 * 24))

    answer = metrics(cast, f"{WINDOW}&compare=previous")

    assert {"from": "2024-12-23T00:00:00Z", "to": "2025-01-06T00:00:00Z"} == answer["previous"]
    [group] = answer["groups"]
    assert (1, 2) == (group["summary"]["deployments"], group["previous"]["deployments"])


def test_lead_times_may_be_taken_over_commits(cast: Cast) -> None:
    recorded(cast, known(cast, 1, 1.0), known(cast, 2))

    lead = metrics(cast, f"{WINDOW}&level=commit")["groups"][0]["summary"]["change_lead_time"]

    assert (1, 1, 3600.0) == (lead["deployments"], lead["commits"], lead["median_s"])


def test_a_wrong_parameter_is_named(cast: Cast) -> None:
    wrong = [
        ("from=yesterday", "from"),
        ("to=2025-13-01T00:00:00Z", "to"),
        ("from=2025-01-02&to=2025-01-01", "to"),
        ("from=0&to=1", "from"),
        ("from=2010-01-01&to=2040-01-01&interval=day", "interval"),
        ("interval=year", "interval"),
        ("timezone=Berlin", "timezone"),
        ("timezone=../../etc/passwd", "timezone"),
        ("level=line", "level"),
        ("year=2025", "year"),
        ("compare=next", "compare"),
        ("query=(", "query"),
        ("group_by=a&group_by=a", "group_by"),
        ("from=1&from=2", "from"),
    ]

    answers = [cast.ada.get(f"{METRICS}?{query}") for query, _ in wrong]

    told = [(answer.status_code, answer.json()["error"]["field"]) for answer in answers]
    assert [(400, field) for _, field in wrong] == told


def test_levels_are_those_of_the_year_asked_for(cast: Cast) -> None:
    recorded(cast, *(known(cast, hour, 30.0) for hour in range(20)))

    usual, former = (metrics(cast, f"{WINDOW}{year}") for year in ("", "&year=2021"))

    assert (2024, True) == (usual["levels"]["year"], usual["levels"]["confirmed"])
    assert ["elite", "high"] == [
        usual["groups"][0]["levels"][name] for name in ("deployment_frequency", "change_lead_time")
    ]
    assert "high" == former["groups"][0]["levels"]["change_lead_time"]
    assert 6.0 == usual["groups"][0]["quick_check"]["metrics"]["change_lead_time"]
    assert usual["groups"][0]["quick_check"]["overall"] is None


def test_an_organisation_chooses_the_year_of_its_levels(cast: Cast) -> None:
    path = "/api/fairlead/v1/levels"
    recorded(cast, *(known(cast, hour, 30.0) for hour in range(20)))
    assert [2021, 2022, 2023, 2024] == cast.ada.get(path).json()["years"]

    answer = cast.ada.send("PUT", path, {"year": 2021})

    assert (200, 2021) == (answer.status_code, answer.json()["year"])
    assert "high" == metrics(cast, WINDOW)["groups"][0]["levels"]["change_lead_time"]
    assert 2021 == metrics(cast, WINDOW)["levels"]["year"]
    assert 2024 == metrics(cast, f"{WINDOW}&year=2024")["levels"]["year"]
    assert 400 == cast.ada.send("PUT", path, {"year": 2025}).status_code
    assert 2021 == cast.ada.get(path).json()["year"]
    [entry, *_] = cast.ada.get("/api/fairlead/v1/audit").json()["entries"]
    assert ("changed levels", "2021") == (entry["action"], entry["detail"])


def test_only_members_who_may_read_are_answered(cast: Cast) -> None:
    recorded(cast, known(cast, 1))
    statuses = [
        one.get(METRICS).status_code
        for one in (cast.ada, cast.ben, cast.tom, cast.cleo, cast.robot, cast.eve, cast.nobody)
    ]

    assert [200, 200, 200, 403, 401, 401, 401] == statuses
    assert 0 == cast.zoe.get(f"{METRICS}?{WINDOW}").json()["groups"][0]["summary"]["deployments"]
