"""The official Python client, unmodified: every operation of the DORA API, and both sides of its switch."""

from datetime import UTC, datetime
from typing import Any

import pytest
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException, ForbiddenException
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v2.api.dora_metrics_api import DORAMetricsApi

from tests.official_clients import python_before
from tests.programs import Server

SHA = "66adc9350f2cc9b250b69abddab733dd55e1a588"
STARTED = 1_741_780_000_000_000_000
FINISHED = 1_741_780_060_000_000_000
DEPLOYMENT: dict[str, Any] = {
    "service": "shopist",
    "env": "prod",
    "team": "backend",
    "version": "v1.12.07",
    "started_at": STARTED,
    "finished_at": FINISHED,
    "git": {"repository_url": "https://github.com/organization/example-repository", "commit_sha": SHA},
    "custom_tags": ["language:java", "name:Größe"],
}
FAILURE: dict[str, Any] = {
    "services": ["shopist"],
    "started_at": STARTED,
    "finished_at": FINISHED,
    "name": "Webserver is down",
    "severity": "High",
    "env": "prod",
}


@pytest.fixture
def running(server: Server, keys: dict[str, str]) -> tuple[Server, dict[str, str]]:
    return server, keys


def client_of(server: Server, keys: dict[str, str], path: str = "", **options: Any) -> ApiClient:
    configuration = Configuration(host=f"{server.address}{path}", enable_retry=True, **options)
    configuration.api_key = {"apiKeyAuth": keys["api"], "appKeyAuth": keys["app"]}
    return ApiClient(configuration)


def test_every_dora_operation_works(running: tuple[Server, dict[str, str]]) -> None:
    with client_of(*running) as client:
        dora = DORAMetricsApi(client)
        made = dora.create_dora_deployment(
            {"data": {"attributes": DEPLOYMENT | {"id": "deployment-0000001"}}}
        )
        fetched = dora.get_dora_deployment("deployment-0000001")
        listed = dora.list_dora_deployments(a_list("dora_deployments_list_request", "service:shopist"))
        dora.patch_dora_deployment("deployment-0000001", a_patch(id="deployment-0000001"))
        dora.patch_dora_deployment_by_version(
            a_patch(
                attributes={
                    "service": "shopist",
                    "env": "prod",
                    "version": "v1.12.07",
                    "change_failure": True,
                }
            )
        )
        failed = dora.list_dora_deployments(a_list("dora_deployments_list_request", "change_failure:true"))
        dora.delete_dora_deployment("deployment-0000001")
        left = dora.list_dora_deployments(a_list("dora_deployments_list_request", ""))

    assert "deployment-0000001" == made.data.id
    assert "dora_deployment" == str(made.data.type)
    assert fetched.data == listed.data[0]
    assert not fetched._unparsed
    assert datetime(2025, 3, 12, 11, 46, 40, tzinfo=UTC) == fetched.data.attributes.started_at
    assert "github.com/organization/example-repository" == fetched.data.attributes.git.repository_id
    assert ["language:java", "name:Größe"] == fetched.data.attributes.custom_tags
    assert ["deployment-0000001"] == [one.id for one in failed.data]
    assert [] == left.data


def test_every_failure_operation_works(running: tuple[Server, dict[str, str]]) -> None:
    with client_of(*running) as client:
        dora = DORAMetricsApi(client)
        made = dora.create_dora_failure({"data": {"attributes": FAILURE}})
        with pytest.warns(DeprecationWarning, match="create_dora_incident"):
            again = dora.create_dora_incident({"data": {"attributes": FAILURE}})
        fetched = dora.get_dora_failure(made.data.id)
        listed = dora.list_dora_failures(a_list("dora_failures_list_request", "severity:(High OR SEV-1)"))
        dora.delete_dora_failure(made.data.id)
        left = dora.list_dora_failures(a_list("dora_failures_list_request", ""))

    assert made.data.id == again.data.id
    assert "dora_failure" == str(fetched.data.type)
    assert not fetched._unparsed
    assert datetime(2025, 3, 12, 11, 47, 40, tzinfo=UTC) == fetched.data.attributes.finished_at
    assert [made.data.id] == [one.id for one in listed.data]
    assert [] == left.data


def test_activity_and_the_validity_of_a_key_are_answered(running: tuple[Server, dict[str, str]]) -> None:
    attributes = {
        "user_email": "ada@example.com",
        "day": "2026-05-26",
        "is_active": True,
        "tools": ["Cursor"],
    }
    with client_of(*running) as client:
        DORAMetricsApi(client).create_ai_impact_user_activity(
            {"data": [{"type": "ai_impact_user_activity", "attributes": attributes}]}
        )

        assert AuthenticationApi(client).validate().valid


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd1"])
def test_what_the_client_packs_is_unpacked(running: tuple[Server, dict[str, str]], encoding: str) -> None:
    with client_of(*running) as client:
        client.default_headers["Content-Encoding"] = encoding

        made = DORAMetricsApi(client).create_dora_deployment({"data": {"attributes": DEPLOYMENT}})

    assert made.data.id


def test_an_address_with_a_slash_at_its_end_works(running: tuple[Server, dict[str, str]]) -> None:
    with client_of(*running, path="/") as client:
        made = DORAMetricsApi(client).create_dora_deployment({"data": {"attributes": DEPLOYMENT}})
        fetched = DORAMetricsApi(client).get_dora_deployment(made.data.id)

    assert made.data.id == fetched.data.id


def test_a_token_stands_alone(running: tuple[Server, dict[str, str]]) -> None:
    server, keys = running
    configuration = Configuration(host=server.address, access_token=keys["access-token"])
    configuration.api_key = {}
    with ApiClient(configuration) as client:
        listed = DORAMetricsApi(client).list_dora_deployments(a_list("dora_deployments_list_request", ""))

    assert [] == listed.data


def test_refusals_reach_the_caller_as_the_client_s_own_exceptions(
    running: tuple[Server, dict[str, str]],
) -> None:
    server, keys = running
    with client_of(server, keys) as client, pytest.raises(ApiException) as rejected:
        DORAMetricsApi(client).create_dora_deployment(
            {"data": {"attributes": DEPLOYMENT | {"finished_at": 1}}}
        )
    with (
        client_of(server, keys | {"api": "nobody's"}) as client,
        pytest.raises(ForbiddenException) as refused,
    ):
        DORAMetricsApi(client).list_dora_deployments(a_list("dora_deployments_list_request", ""))

    assert 400 == rejected.value.status
    assert "finished_at" in rejected.value.body["errors"][0]["detail"]
    assert {"errors": ["Forbidden"]} == refused.value.body


_BEFORE = """
import json, os
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v2.api.dora_metrics_api import DORAMetricsApi
configuration = Configuration(host=os.environ["ADDRESS"])
with ApiClient(configuration) as client:
    dora = DORAMetricsApi(client)
    attributes = {"service": "shopist", "started_at": 1741780000000000000, "finished_at": 1741780060000000001}
    made = dora.create_dora_deployment({"data": {"attributes": attributes}})
    fetched = dora.get_dora_deployment(made.data.id)
    asked = {"data": {"type": "dora_deployments_list_request", "attributes": {}}}
    listed = dora.list_dora_deployments(asked)
    failure = {"services": ["shopist"], "started_at": 1741780000000000000}
    dora.create_dora_failure({"data": {"attributes": failure}})
    failures = dora.list_dora_failures({"data": {"type": "dora_failures_list_request", "attributes": {}}})
    print(json.dumps({
        "unparsed": bool(fetched._unparsed or listed._unparsed or failures._unparsed),
        "started_at": fetched.data.attributes.started_at,
        "finished_at": listed.data[0].attributes.finished_at,
        "failure": failures.data[0].attributes.started_at,
    }))
"""


def test_the_client_from_before_its_switch_reads_nanoseconds(running: tuple[Server, dict[str, str]]) -> None:
    told = python_before(_BEFORE, *running)

    assert {
        "unparsed": False,
        "started_at": STARTED,
        "finished_at": FINISHED + 1,
        "failure": STARTED,
    } == told


def a_list(kind: str, query: str) -> Any:
    attributes: dict[str, Any] = {"query": query, "limit": 100, "sort": "-started_at"}
    attributes |= {"_from": datetime(2025, 3, 1, tzinfo=UTC), "to": datetime(2025, 4, 1, tzinfo=UTC)}
    return {"data": {"type": kind, "attributes": attributes}}


def a_patch(**changes: Any) -> Any:
    failed = {"change_failure": True, "remediation": {"id": "eG42zNIkVjM", "type": "rollback"}}
    return {"data": {"type": "dora_deployment_patch_request", "attributes": failed} | changes}
