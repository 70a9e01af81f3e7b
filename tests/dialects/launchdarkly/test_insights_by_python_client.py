"""Every operation of Engineering Insights through the official Python client, the strictest reader there is.

Its models refuse what is missing, null, or a float where an integer is declared. The table of what was
called is printed at the end of the test run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fairlead.domain.access import Permission
from tests.casts import Cast, Person
from tests.dialects.launchdarkly.conftest import token_holder
from tests.dialects.launchdarkly.python_client import ld
from tests.dialects.launchdarkly.test_contents import SHAS, latest, tell_history, told_by_events
from tests.dialects.launchdarkly.test_deployments import HOUR_MS, NOW_MS
from tests.dialects.launchdarkly.test_flag_charts import tell_changes, tell_evaluations

Record = Callable[[str, object], None]
Call = Callable[..., Any]
PLACE: dict[str, Any] = {"project_key": "default", "environment_key": "production"}


def client_of(person: Person) -> ld.ApiClient:
    """Return the official client, set up as its documentation says."""
    configuration = ld.Configuration(host=str(person.http.base_url).rstrip("/"))
    configuration.api_key["ApiKey"] = person.headers["Authorization"]
    return ld.ApiClient(configuration)


@pytest.fixture
def client(lucy: Person) -> ld.ApiClient:
    """The official client of somebody who may do everything."""
    return client_of(lucy)


@pytest.fixture
def called(record_property: Record) -> Call:
    """Call an operation and have it in the table."""

    def call(operation: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        answer = operation(*args, **kwargs)
        record_property("operation", (f"launchdarkly-api {operation.__name__}", type(answer).__name__))
        return answer

    return call


def test_deployments(client: ld.ApiClient, called: Call) -> None:
    api = ld.InsightsDeploymentsBetaApi(client)
    told = ld.PostDeploymentEventInput(
        projectKey="default",
        environmentKey="production",
        applicationKey="billing-service",
        applicationName="Billing Service",
        applicationKind="server",
        version="a90a8a2",
        versionName="v1.0.0",
        eventType="finished",
        eventTime=NOW_MS - HOUR_MS,
        eventMetadata={"buildSystemVersion": "v1.2.3", "n": {"a": [1, None]}},
        deploymentMetadata={"buildNumber": "1234"},
    )

    called(api.create_deployment_event, told)
    found = called(
        api.get_deployments,
        **PLACE,
        application_key="billing-service,b c",
        limit=5,
        expand="pullRequests,flagReferences",
        var_from=NOW_MS - 2 * HOUR_MS,
        to=NOW_MS,
        kind="deployment",
        status="finished",
    )
    one = called(api.get_deployment, str(found.items[0].id), expand="pullRequests,flagReferences")
    patched = called(
        api.update_deployment,
        str(one.id),
        [
            ld.PatchOperation(op="test", path="/archived", value=False),
            ld.PatchOperation(op="remove", path="/metadata"),
            ld.PatchOperation(op="add", path="/endedAt", value=None),
            ld.PatchOperation(op="replace", path="/status", value="finished"),
        ],
    )

    assert (1, one) == (found.total_count, found.items[0])
    assert ({"buildNumber": "1234"}, None, "finished") == (one.metadata, patched.metadata, patched.status)
    with pytest.raises(ld.exceptions.NotFoundException):
        api.get_deployment("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
    told.project_key = "nowhere"
    with pytest.raises(ld.exceptions.BadRequestException, match="projectKey"):
        api.create_deployment_event(told)


def test_pull_requests_and_repositories(cast: Cast, lucy: Person, client: ld.ApiClient, called: Call) -> None:
    tell_history(cast)
    told_by_events(cast, lucy)
    latest(lucy)
    repositories = ld.InsightsRepositoriesBetaApi(client)
    mapping = ld.InsightsRepositoryProject(repositoryKey="acme/billing-service", projectKey="default")

    pulls = called(
        ld.InsightsPullRequestsBetaApi(client).get_pull_requests,
        **PLACE,
        expand="deployments,flagReferences,leadTime",
        sort="-leadTime",
        var_from=datetime.now(UTC) - timedelta(days=7),
        to=datetime.now(UTC),
    )
    deployments = ld.InsightsDeploymentsBetaApi(client).get_deployments(**PLACE, expand="pullRequests")
    associated = called(
        repositories.associate_repositories_and_projects,
        ld.InsightsRepositoryProjectMappings(mappings=[mapping]),
    )
    found = called(repositories.get_insights_repositories, expand="projects")
    called(repositories.delete_repository_project, "acme/billing-service", "default")

    assert (1, 29 * HOUR_MS) == (pulls.total_count, pulls.items[0].lead_time.max_total_lead_time_ms)
    assert SHAS[4] == pulls.items[0].merge_commit_key
    [included] = deployments.items[0].pull_requests.items if deployments.items[0].pull_requests else []
    assert pulls.items[0].id == included.id
    assert [mapping] == associated.items
    assert ["default"] == [one.key for one in found.items[0].projects.items]


def test_flag_events(cast: Cast, client: ld.ApiClient, called: Call) -> None:
    tell_changes(cast, ("created_flag", "pay", 100), ("enabled_targeting", "pay", 3))
    tell_evaluations(cast, "pay", (185, False, 100), (175, True, 50))

    found = called(
        ld.InsightsFlagEventsBetaApi(client).get_flag_events,
        **PLACE,
        query="pay",
        impact_size="large",
        has_experiments=False,
        var_global="include",
        expand="experiments",
        limit=5,
        var_from=NOW_MS - 5 * HOUR_MS,
        to=NOW_MS,
    )

    assert (1, "enabled_targeting", "large") == (
        found.total_count,
        found.items[0].event_type,
        found.items[0].impact.size,
    )


def test_groups_and_scores(client: ld.ApiClient, called: Call) -> None:
    api = ld.InsightsScoresBetaApi(client)
    told = ld.PostInsightGroupParams(
        name="G", key="g", projectKey="default", environmentKey="production", applicationKeys=["billing"]
    )

    made = called(api.create_insight_group, told)
    group = called(api.get_insight_group, "g", expand="scores,environment")
    groups = called(
        api.get_insight_groups, limit=20, sort="-name", query="g", expand="scores,environment,metadata"
    )
    patched = called(
        api.patch_insight_group, "g", [ld.PatchOperation(op="replace", path="/name", value="Prod group")]
    )
    scores = called(api.get_insights_scores, **PLACE, application_key="billing,web")

    assert (made.key, "Prod group") == (group.key, patched.name)
    assert ("production", 1) == (group.environment.key, groups.metadata.count_by_indicator.total)
    assert 0 == scores.scores.overall.score
    with pytest.raises(ld.exceptions.ConflictException):
        api.create_insight_group(told)
    called(api.delete_insight_group, "g")
    with pytest.raises(ld.exceptions.NotFoundException):
        api.get_insight_group("g")


def test_charts(cast: Cast, lucy: Person, client: ld.ApiClient, called: Call) -> None:
    tell_history(cast)
    told_by_events(cast, lucy)
    latest(lucy)
    tell_changes(cast, ("created_flag", "pay", 100))
    api = ld.InsightsChartsBetaApi(client)
    dates = {"var_from": datetime.now(UTC) - timedelta(days=3), "to": datetime.now(UTC)}
    buckets = {"bucket_type": "day", "bucket_ms": 86_400_000, "expand": "metrics"}

    frequency = called(api.get_deployment_frequency_chart, **PLACE, **dates, **buckets, group_by="kind")
    lead_time = called(
        api.get_lead_time_chart,
        **PLACE,
        **buckets,
        var_from=NOW_MS - 72 * HOUR_MS,
        to=NOW_MS,
        group_by="stage",
    )
    releases = called(
        api.get_release_frequency_chart,
        **PLACE,
        **dates,
        **buckets,
        has_experiments=False,
        var_global="include",
        group_by="impact",
    )
    stale = called(api.get_stale_flags_chart, **PLACE, group_by="maintainer", expand="metrics")
    status = called(api.get_flag_status_chart, **PLACE)

    assert [2] == [one.metadata.count for one in frequency.series]
    assert ["coding", "review", "wait", "deploy"] == [one.metadata.name for one in lead_time.series]
    assert ([], []) == (releases.series, stale.series)
    assert 4 == len(status.series)


def test_who_may_not_is_told_so_in_the_clients_own_exceptions(cast: Cast, lucy: Person) -> None:
    reader = ld.InsightsDeploymentsBetaApi(client_of(token_holder(cast, Permission.INSIGHTS_READ)))
    nobody = ld.InsightsDeploymentsBetaApi(
        client_of(Person(lucy.http, {"Authorization": "api-x"}, lucy.org_id))
    )
    told = ld.PostDeploymentEventInput(
        projectKey="default",
        environmentKey="production",
        applicationKey="a",
        version="v",
        eventType="started",
    )

    assert 0 == reader.get_deployments(**PLACE).total_count
    with pytest.raises(ld.exceptions.ForbiddenException):
        reader.create_deployment_event(told)
    with pytest.raises(ld.exceptions.UnauthorizedException):
        nobody.get_deployments(**PLACE)
