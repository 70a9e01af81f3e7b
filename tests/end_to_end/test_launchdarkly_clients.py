"""LaunchDarkly's official TypeScript client and the requests of its deployment-events action."""

import json
import time
from typing import Any

from tests.official_clients import node_script
from tests.programs import Server


def test_every_operation_of_insights_works_in_typescript(server: Server, keys: dict[str, str]) -> None:
    now = time.time_ns()
    attributes = {
        "service": "web",
        "env": "staging",
        "started_at": now,
        "finished_at": now,
        "git": {"commit_sha": "a" * 40, "repository_url": "https://github.com/acme/web"},
    }
    server.post(
        "/api/v2/dora/deployment",
        headers={"DD-API-KEY": keys["api"]},
        json={"data": {"attributes": attributes}},
    )

    told = node_script(
        "insights.cjs", server, keys, LD_ACCESS_TOKEN=keys["access-token"], REPOSITORY="acme/web"
    )

    created, nothing = {0, 1, 10}, {9, 14}
    assert [201 if n in created else 204 if n in nothing else 200 for n in range(21)] == told.pop("statuses")
    assert {
        "durationMs": 3_600_000,
        "archived": True,
        "pullRequests": 0,
        "repositories": ["acme/web"],
        "renamed": "H",
        "scores": 10,
        "deployments": 1,
        "refused": [400, "version"],
    } == told


def test_the_deployment_events_action_is_understood(server: Server, keys: dict[str, str]) -> None:
    """Header names in lower case, a pretty-printed body, both metadata always there, one an array."""

    def sent(event_type: str, **changes: Any) -> Any:
        body = {
            "projectKey": "default",
            "environmentKey": "production",
            "applicationKey": "my-app",
            "version": "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
            "eventType": event_type,
            "eventTime": time.time_ns() // 1_000_000,
            "eventMetadata": [{"run": 1}],
            "deploymentMetadata": {},
        }
        headers = {
            "authorization": keys["access-token"],
            "content-type": "application/json",
            "user-agent": "deployment-events-action",
        }
        return server.post(
            "/api/v2/engineering-insights/deployment-events",
            headers=headers,
            content=json.dumps(body | changes, indent=2).encode(),
        )

    answers = [sent(event_type) for event_type in ("started", "finished", "failed")]

    assert [(201, b"")] * 3 == [(answer.status_code, answer.content) for answer in answers]
    refused = sent("started", projectKey="nowhere")
    # The action exits with a text of its own on a 404, and prints the message of a 400.
    assert (400, True) == (refused.status_code, "projectKey" in refused.json()["message"])
