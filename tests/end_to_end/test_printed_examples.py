"""The commands that Datadog's documentation prints, run as they are printed, the host aside."""

import json
import os
import shutil
import ssl
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.databases import missing
from tests.datadog_requests import a_deployment
from tests.official_clients import SITE, datadog_ci, tls_server
from tests.programs import Program, Server
from tests.running import a_key

SEND = """
  curl -X POST "https://api.<DD_SITE>/api/v2/dora/deployment" \\
  -H "Accept: application/json" \\
  -H "Content-Type: application/json" \\
  -H "DD-API-KEY: ${DD_API_KEY}" \\
  -d @- << EOF
  {
    "data": {
      "attributes": {
        "service": "shopist",
        "started_at": 1693491974000000000,
        "finished_at": 1693491984000000000,
        "git": {
          "commit_sha": "66adc9350f2cc9b250b69abddab733dd55e1a588",
          "repository_url": "https://github.com/organization/example-repository"
        },
        "env": "prod"
      }
    }
  }
EOF
"""
FETCH = """
# Path parameters
export deployment_id="CHANGE_ME"
# Curl command
curl -X GET "https://api.datadoghq.com/api/v2/dora/deployments/${deployment_id}" \\
-H "Accept: application/json" \\
-H "DD-API-KEY: ${DD_API_KEY}" \\
-H "DD-APPLICATION-KEY: ${DD_APP_KEY}"
"""
LIST = """
# Curl command
curl -X POST "https://api.datadoghq.com/api/v2/dora/deployments" \\
-H "Accept: application/json" \\
-H "Content-Type: application/json" \\
-H "DD-API-KEY: ${DD_API_KEY}" \\
-H "DD-APPLICATION-KEY: ${DD_APP_KEY}" \\
-d @- << EOF
{
  "data": {
    "attributes": {
      "from": "2025-01-01T00:00:00Z",
      "limit": 100,
      "query": "service:(test-service OR api-service) env:production team:backend",
      "sort": "-finished_at",
      "to": "2025-01-31T23:59:59Z"
    },
    "type": "dora_deployments_list_request"
  }
}
EOF
"""
FROM_A_PIPELINE = """
export DD_BETA_COMMANDS_ENABLED=1
export DD_SITE="<DD_SITE>"
export DD_API_KEY="<DD_API_KEY>"

export deploy_start=`date +%s`
./your-deploy-script.sh
datadog-ci dora deployment --service shopist --env prod \\
    --started-at $deploy_start --finished-at `date +%s` \\
    --git-repository-url "https://github.com/organization/example-repository" \\
    --git-commit-sha 66adc9350f2cc9b250b69abddab733dd55e1a588
"""
GIT = {
    "commit_sha": "66adc9350f2cc9b250b69abddab733dd55e1a588",
    "repository_id": "github.com/organization/example-repository",
}
NEW_YEAR_2025 = 1_735_689_600_000_000_000
PROGRAMS = Path(__file__).parent.parent / "clients" / "node_modules" / ".bin"


@pytest.fixture
def terminal(keys: dict[str, str]) -> Mapping[str, str]:
    """Somebody's terminal, set up as the documentation says."""
    return os.environ | {"DD_API_KEY": keys["api"], "DD_APP_KEY": keys["app"], "NO_PROXY": "127.0.0.1"}


def run(script: str, environ: Mapping[str, str], cwd: Path) -> str:
    """Run what is printed, and return what it prints."""
    bash = shutil.which("bash")
    if bash is None or shutil.which("curl") is None:
        missing("bash and curl are needed to run what is printed")
    ended = subprocess.run(
        [bash, "-c", script], capture_output=True, text=True, check=False, timeout=90, env=environ, cwd=cwd
    )
    assert 0 == ended.returncode, ended.stdout + ended.stderr
    return ended.stdout


def curl(script: str, server: Server, environ: Mapping[str, str], cwd: Path) -> Any:
    """Run a printed `curl` against a server of ours, and return the data it answers."""
    for host in ("https://api.<DD_SITE>", "https://api.datadoghq.com"):
        script = script.replace(host, server.address)
    return json.loads(run(script, environ, cwd))["data"]


def test_a_deployment_is_sent_and_fetched_with_curl(
    server: Server, terminal: Mapping[str, str], tmp_path: Path
) -> None:
    sent = curl(SEND, server, terminal, tmp_path)
    fetched = curl(FETCH.replace("CHANGE_ME", sent["id"]), server, terminal, tmp_path)

    assert "dora_deployment" == sent["type"] == fetched["type"]
    assert {
        "service": "shopist",
        "started_at": 1_693_491_974_000_000_000,
        "finished_at": 1_693_491_984_000_000_000,
        "env": "prod",
        "git": GIT,
    } == fetched["attributes"]


def test_deployments_are_listed_with_curl(
    server: Server, keys: dict[str, str], terminal: Mapping[str, str], tmp_path: Path
) -> None:
    for service in ("test-service", "api-service", "web"):
        told = a_deployment(service=service, env="production", team="backend", finished_at=NEW_YEAR_2025)
        headers = {"DD-API-KEY": keys["api"]}
        server.post("/api/v2/dora/deployment", headers=headers, json=told).raise_for_status()

    listed = curl(LIST, server, terminal, tmp_path)

    assert {"test-service", "api-service"} == {one["attributes"]["service"] for one in listed}


def test_a_pipeline_sends_a_deployment_with_datadog_ci(program: Program, tmp_path: Path) -> None:
    api_key, app_key = a_key(program)["key"], a_key(program, "app")["key"]
    deploy = tmp_path / "your-deploy-script.sh"
    deploy.write_text("#!/bin/sh\n", encoding="utf-8")
    deploy.chmod(0o700)
    script = FROM_A_PIPELINE.replace("<DD_SITE>", SITE).replace("<DD_API_KEY>", api_key)

    with tls_server(program) as (server, authority), datadog_ci(server, authority, api_key) as ci:
        printed = run(script, ci.environ | {"PATH": f"{PROGRAMS}:{ci.environ['PATH']}"}, tmp_path)
        asked = {"data": {"type": "dora_deployments_list_request", "attributes": {}}}
        [arrived] = server.post(
            "/api/v2/dora/deployments",
            json=asked,
            headers={"DD-API-KEY": api_key, "DD-APPLICATION-KEY": app_key},
            verify=ssl.create_default_context(cafile=authority),
        ).json()["data"]

    assert "Successfully" in printed
    assert ("shopist", "prod", GIT) == tuple(
        arrived["attributes"][name] for name in ("service", "env", "git")
    )
