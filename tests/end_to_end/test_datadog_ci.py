"""`datadog-ci dora deployment`, unmodified and over TLS, in all its forms."""

import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from fairlead.store.ledger import Ledger
from tests.casts import a_cast
from tests.official_clients import DatadogCi, Ended, datadog_ci, tls_server
from tests.programs import Program, Server

SHA = "66adc9350f2cc9b250b69abddab733dd55e1a588"
SECRET = "s3cr3t-t0ken"
STARTED_S = 1_741_780_000


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline that reports deployments, and a way to see what arrived."""

    ci: DatadogCi
    server: Server
    headers: dict[str, str]
    trusted: Path

    def deployment(self, *args: str, cwd: Path, **variables: str) -> Ended:
        return self.ci.run("dora", "deployment", *args, cwd=cwd, **variables)

    def arrived(self) -> list[dict[str, Any]]:
        """Return the attributes of everything that arrived."""
        asked = {"data": {"type": "dora_deployments_list_request", "attributes": {"limit": 100}}}
        answer = self.server.post(
            "/api/v2/dora/deployments",
            json=asked,
            headers=self.headers,
            verify=ssl.create_default_context(cafile=self.trusted),
        )
        return [one["attributes"] for one in answer.json()["data"]]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    with tls_server(Program(tmp_path_factory.mktemp("tls"))) as server_and_authority:
        yield server_and_authority


@pytest.fixture
def pipeline(served: tuple[Server, Path]) -> Iterator[Pipeline]:
    server, trusted = served
    ledger = Ledger(f"sqlite:///{server.data_dir / 'fairlead.db'}")
    with httpx.Client() as http:
        headers = a_cast(http, ledger).ada.headers
    ledger.close()
    with datadog_ci(server, trusted, headers["DD-API-KEY"]) as ci:
        yield Pipeline(ci, server, headers, trusted)


def a_checkout(folder: Path) -> str:
    """Make a repository whose remote carries a password, and return its commit."""

    def git(*args: str) -> str:
        done = subprocess.run(["git", *args], cwd=folder, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    git("init", "--quiet")
    git("remote", "add", "origin", f"https://ci:{SECRET}@github.com/acme/shop.git")
    git(
        "-c",
        "user.name=Ada",
        "-c",
        "user.email=ada@example.com",
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "One",
    )
    return git("rev-parse", "HEAD")


def test_every_option_arrives(pipeline: Pipeline, tmp_path: Path) -> None:
    ended = pipeline.deployment(
        *("--service", "shop", "--env", "prod", "--version", "1.4.0", "--team", "payments"),
        *("--started-at", str(STARTED_S), "--finished-at", "2025-03-12T11:47:40Z"),
        *("--git-repository-url", "https://github.com/acme/shop.git", "--git-commit-sha", SHA),
        *("--custom-tags", "department:eng", "--custom-tags", "region:eu-1,region:eu-2"),
        cwd=tmp_path,
    )

    assert 0 == ended.code, ended.printed
    told = {
        "service": "shop",
        "env": "prod",
        "version": "1.4.0",
        "team": "payments",
        "started_at": STARTED_S * 10**9,
        "finished_at": (STARTED_S + 60) * 10**9,
        "git": {"commit_sha": SHA, "repository_id": "github.com/acme/shop"},
        "custom_tags": ["department:eng", "region:eu-1,region:eu-2"],
    }
    [arrived] = pipeline.arrived()
    # What follows from the fact may stand beside it already.
    assert told == {name: arrived.get(name) for name in told}


def test_what_the_checkout_says_arrives_without_its_password(pipeline: Pipeline, tmp_path: Path) -> None:
    sha = a_checkout(tmp_path)

    ended = pipeline.deployment("--service", "shop", "--started-at", str(STARTED_S), cwd=tmp_path)

    assert 0 == ended.code, ended.printed
    [arrived] = pipeline.arrived()
    assert {"commit_sha": sha, "repository_id": "github.com/acme/shop"} == arrived["git"]
    stored = b"".join(path.read_bytes() for path in pipeline.server.data_dir.glob("fairlead.db*"))
    assert SECRET.encode() not in stored
    assert SECRET not in pipeline.server.log


def test_service_and_environment_may_come_from_the_environment(pipeline: Pipeline, tmp_path: Path) -> None:
    ended = pipeline.deployment(
        "--started-at",
        "2025-03-12T12:46:40+01:00",
        "--skip-git",
        cwd=tmp_path,
        DD_SERVICE="shop",
        DD_ENV="prod",
    )

    assert 0 == ended.code, ended.printed
    [arrived] = pipeline.arrived()
    assert ("shop", "prod", STARTED_S * 10**9) == (arrived["service"], arrived["env"], arrived["started_at"])
    assert "git" not in arrived


@pytest.mark.parametrize("started_at", ["0", "20261120T100000Z"], ids=["0", "null"])
def test_a_start_that_is_no_time_fails_the_pipeline_and_says_so(
    pipeline: Pipeline, tmp_path: Path, started_at: str
) -> None:
    ended = pipeline.deployment("--service", "shop", "--started-at", started_at, "--skip-git", cwd=tmp_path)

    assert 1 == ended.code
    assert "started_at" in ended.printed
    assert [] == pipeline.arrived()


def test_a_tag_without_a_value_fails_the_pipeline_and_says_so(pipeline: Pipeline, tmp_path: Path) -> None:
    told = ("--service", "shop", "--started-at", str(STARTED_S), "--skip-git", "--custom-tags", "urgent")

    ended = pipeline.deployment(*told, cwd=tmp_path)

    assert 1 == ended.code
    assert "custom_tags" in ended.printed


def test_a_wrong_key_fails_the_pipeline(pipeline: Pipeline, tmp_path: Path) -> None:
    told = ("--service", "shop", "--started-at", str(STARTED_S), "--skip-git")

    ended = pipeline.deployment(*told, cwd=tmp_path, DD_API_KEY="nobody's")

    assert 1 == ended.code
    assert [] == pipeline.arrived()


def test_a_dry_run_sends_nothing(pipeline: Pipeline, tmp_path: Path) -> None:
    told = ("--service", "shop", "--started-at", str(STARTED_S), "--skip-git", "--dry-run")

    assert 0 == pipeline.deployment(*told, cwd=tmp_path).code
    assert [] == pipeline.arrived()
