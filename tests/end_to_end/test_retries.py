"""Official clients that were told to retry come through a rate limit by themselves."""

import re
from collections.abc import Iterator

import pytest
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.v2.api.dora_metrics_api import DORAMetricsApi

from tests.datadog_requests import MINUTE_NS, NOON, a_deployment
from tests.official_clients import node_script
from tests.programs import Program
from tests.running import Running, running

SENT = 3
POSTS = re.compile(r'_requests_total\{method="POST",route="/api/v2/dora/deployment",status="(\d+)"\} (\S+)')


@pytest.fixture
def limited(program: Program) -> Iterator[Running]:
    """A server that takes one request a second from each key."""
    with running(program, FAIRLEAD_RATE_LIMIT="1/second") as server:
        yield server


def posts_by_status(server: Running) -> dict[str, float]:
    return {status: float(count) for status, count in POSTS.findall(server.server.get("/metrics").text)}


def test_the_python_client_comes_through_a_rate_limit(limited: Running) -> None:
    configuration = Configuration(
        host=limited.address, api_key={"apiKeyAuth": limited.api_key}, enable_retry=True
    )
    with ApiClient(configuration) as client:
        api = DORAMetricsApi(client)
        made = [
            api.create_dora_deployment(a_deployment(finished_at=NOON + number * MINUTE_NS))
            for number in range(SENT)
        ]

    assert SENT == len({one.data.id for one in made})
    posts = posts_by_status(limited)
    assert SENT == posts["200"]
    assert posts["429"] > 0


def test_the_typescript_client_comes_through_a_rate_limit(limited: Running) -> None:
    keys = {"api": limited.api_key, "app": limited.app_key}

    assert SENT == node_script("retries.cjs", limited.server, keys, str(SENT))
    posts = posts_by_status(limited)
    assert SENT == posts["200"]
    assert posts["429"] > 0
