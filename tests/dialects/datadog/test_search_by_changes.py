"""Deployments found by what they brought, through the official client, as Git hosts and pipelines tell it."""

from collections.abc import Iterator
from typing import Any

import pytest
from datadog_api_client.v2.api.dora_metrics_api import DORAMetricsApi

from fairlead.domain.hooks import Vendor
from tests.casts import Cast
from tests.catalog_requests import official_client
from tests.datadog_requests import a_deployment
from tests.hosts import Host, a_hook, payload
from tests.waiting import became

URL = "https://github.com/shopist/checkout"
BASE = "66adc9350f2cc9b250b69abddab733dd55e1a588"
COMMITS = ["9d2f6c3a51e0b7c48a6d1f02e5b39874c6a1d0e2", "1b4e0f6a7c92d85331e06bfa4d7c58e90a2f6b13"]
MERGE = "e1a5c88b0d43f7e296c1b85d3a7f09e4c2d6b801"
STARTED_S = 1_741_600_000
HOUR_NS = 3_600 * 10**9


@pytest.fixture
def dora(cast: Cast) -> Iterator[DORAMetricsApi]:
    """Somebody who had a commit deployed, then a merged pull request of two, then nothing new."""
    github = Host(cast.ada.http, cast.ledger, a_hook(cast.ledger, Vendor.GITHUB, cast.ada.org_id))
    push = payload("github", "push")
    first = push["commits"][0] | {"id": BASE, "distinct": True, "message": "Start"}
    branch = [one | {"distinct": True} for one in push["commits"][:2]]
    for event, told in (
        ("push", push | {"before": "0" * 40, "after": BASE, "commits": [first]}),
        ("push", push | {"ref": "refs/heads/gateway", "before": "0" * 40, "commits": branch}),
        ("push", push),
        ("pull_request", payload("github", "pull_request.closed")),
    ):
        assert "recorded" == github.deliver(event, told).json()["status"]
    with official_client(cast.ada) as client:
        api = DORAMetricsApi(client)
        for number, sha in enumerate((BASE, MERGE, MERGE)):
            ended_at = (STARTED_S + 86_400) * 10**9 + number * HOUR_NS
            git = {"repository_url": URL, "commit_sha": sha}
            api.create_dora_deployment(a_deployment(id=f"deployment-{number}", finished_at=ended_at, git=git))
        # The server's own worker does it.
        assert became(lambda: 3 == len(ids(api, "number_of_commits:* OR lead_time_reason:*")), 60)
        yield api


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"commits:{COMMITS[1]}", ["deployment-1"]),
        (f"commits:{COMMITS[1][:7]}*", ["deployment-1"]),
        (f"commits:{COMMITS[1][:7]}", []),
        (f"commits:({COMMITS[0]} {COMMITS[1]})", ["deployment-1"]),
        (f"commits:({BASE} OR {COMMITS[0]})", ["deployment-1"]),
        (f"commits:{MERGE}", []),
        ("commits:*", ["deployment-1"]),
        ("-commits:*", ["deployment-0", "deployment-2"]),
        ("pull_requests:17", ["deployment-1"]),
        ("pull_requests:[10 TO 20]", ["deployment-1"]),
        ("pull_requests:>17", []),
        ("-pull_requests:17 service:checkout", ["deployment-0", "deployment-2"]),
        (f"@commits.sha:{COMMITS[1]} @pull_requests.number:17", ["deployment-1"]),
        ("@averaged_metrics.change_lead_time:>0 @averaged_metrics.deploy_time:300", ["deployment-1"]),
        (f"git.commit_sha:{MERGE} pull_requests:17", ["deployment-1"]),
    ],
)
def test_a_list_has_the_deployments_that_brought_a_change(
    dora: DORAMetricsApi, query: str, found: list[str]
) -> None:
    assert found == ids(dora, query)


def test_a_deployment_shows_the_changes_that_it_is_found_by(dora: DORAMetricsApi) -> None:
    shown = dora.get_dora_deployment("deployment-1").data.attributes.to_dict()

    assert COMMITS == [one["sha"] for one in shown["commits"]]
    assert [17] == [one["number"] for one in shown["pull_requests"]]
    queries = [f"commits:{sha}" for sha in COMMITS] + ["pull_requests:17"]
    assert [["deployment-1"]] * 3 == [ids(dora, query) for query in queries]


def ids(dora: DORAMetricsApi, query: str) -> list[str]:
    """Return the ids of a list, by time."""
    attributes: dict[str, Any] = {"query": query, "limit": 100, "sort": "finished_at"}
    kind = "dora_deployments_list_request"
    listed = dora.list_dora_deployments({"data": {"type": kind, "attributes": attributes}})
    return [one.id for one in listed.data]
