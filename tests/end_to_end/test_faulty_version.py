"""A pipeline stops at a version that fails more than before, and goes on with the next one."""

import json
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from fairlead.store.ledger import Ledger
from tests.casts import Cast, a_cast
from tests.instrumented_service import Checkout
from tests.monitoring_programs import a_prometheus
from tests.official_clients import DatadogCi, Ended, datadog_ci, tls_server
from tests.programs import Program, Server
from tests.waiting import became

REQUESTS = 300
PATIENCE_S = 60
# Half of all requests failing is for the monitor to see; a twentieth of one route is not.
BROKEN = 'sum(http_requests_total{service="checkout",status="500"}) / sum(http_requests_total) > 0.5'
RULES = [
    {"type": "faulty_deployment_detection", "name": "faults", "options": {"duration": 2}},
    {"type": "monitor", "name": "monitors", "options": {"query": "service:checkout"}},
]


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that a release passes through."""

    server: Server
    cast: Cast
    ci: DatadogCi
    folder: Path
    versions: dict[str, Checkout]

    def ship(self, version: str) -> None:
        """Let customers use a version."""
        self.versions[version].serve(REQUESTS, self.server.address, self.cast.robot.headers)

    def gate(self, version: str) -> Ended:
        """Ask the gate as a pipeline does."""
        told = ("--service", "checkout", "--env", "prod", "--version", version)
        config = ("--config", str(self.folder / "gate.json"))
        app_key = self.cast.ada.headers["DD-APPLICATION-KEY"]
        limits = ("--timeout", "90", "--fail-on-error")
        return self.ci.run("deployment", "gate", *told, *limits, *config, cwd=self.folder, DD_APP_KEY=app_key)

    def verdicts(self) -> dict[str, str]:
        """Return what each version's evaluation came to."""
        answer = self.cast.ada.get("/api/v2/deployment_gates/evaluations")
        told = [one["attributes"] for one in answer.json()["data"]]
        return {one["version"]: one["status"] for one in told}


@contextmanager
def a_stage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Run three versions of a service, Prometheus that looks at them, Fairlead, and a pipeline."""
    with ExitStack() as running:
        checkouts = [Checkout("1.0.0"), Checkout("2.0.0", fails_every=20), Checkout("3.0.0")]
        for checkout in checkouts:
            running.enter_context(checkout)
        targets = [checkout.target for checkout in checkouts]
        prometheus = running.enter_context(a_prometheus(folder / "prometheus", targets=targets))
        variables = {"FAIRLEAD_PROMETHEUS_URL": prometheus.address, "FAIRLEAD_PROMETHEUS_POLL_S": "1"}
        server, authority = running.enter_context(tls_server(Program(folder, **variables)))
        # What the exporter stands on asks the environment whom to trust, whatever it is told.
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
        trusted = ssl.create_default_context(cafile=str(authority))
        http = running.enter_context(httpx.Client(base_url=server.address, verify=trusted, timeout=30))
        ledger = Ledger(f"sqlite:///{server.data_dir / 'fairlead.db'}")
        cast = a_cast(http, ledger)
        ledger.close()
        (folder / "gate.json").write_text(json.dumps({"rules": RULES}), encoding="utf-8")
        ci = running.enter_context(datadog_ci(server, authority, cast.ada.headers["DD-API-KEY"]))
        yield Stage(server, cast, ci, folder, {one.version: one for one in checkouts})


def test_datadog_ci_stops_version_2_and_lets_version_3_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with a_stage(tmp_path, monkeypatch) as stage, ThreadPoolExecutor() as beside:
        monitor = {"type": "query alert", "name": "Broken", "query": BROKEN, "tags": ["service:checkout"]}
        told = stage.cast.ada.post("/api/v1/monitor", monitor).json()
        path = f"/api/v1/monitor/{told['id']}"
        stage.ship("1.0.0")
        assert became(lambda: stage.cast.ada.get(path).json()["overall_state"] == "OK", PATIENCE_S)

        stage.ship("2.0.0")
        second = beside.submit(stage.gate, "2.0.0")
        # datadog-ci waits 15 seconds between two looks; the verdict is there long before.
        assert became(lambda: stage.verdicts().get("2.0.0") == "fail", PATIENCE_S), stage.server.log
        stage.ship("3.0.0")
        passed, stopped = stage.gate("3.0.0"), second.result()

    assert (1, 0) == (stopped.code, passed.code), (stopped.printed, passed.printed)
    assert "GET /pay answers 15 of 300 requests (5.00%) with an error" in stopped.printed
    assert "earlier versions 0 of 300 requests (0.00%)" in stopped.printed
    assert "PaymentRefused (15)" in stopped.printed
    assert "GET /cart answers" not in stopped.printed
