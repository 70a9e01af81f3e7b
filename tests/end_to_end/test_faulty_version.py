"""A pipeline stops at a version that fails more than before, and goes on with the next one."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.instrumented_service import Checkout
from tests.monitoring_programs import a_prometheus, an_alertmanager, telling_at_once
from tests.official_clients import DatadogCi, Ended, datadog_ci, tls_server
from tests.programs import Program
from tests.running import Running, a_key
from tests.waiting import became

REQUESTS = 300
PATIENCE_S = 60
# Half of all requests failing is for the monitor to see; a twentieth of one route is not.
BROKEN = 'sum(http_requests_total{service="checkout",status="500"}) / sum(http_requests_total) > 0.5'
ALERTS = """
groups:
  - name: checkout
    rules:
      - alert: Watchdog
        expr: vector(1)
      - alert: CheckoutBroken
        expr: sum(rate(http_requests_total{status="500"}[1m])) / sum(rate(http_requests_total[1m])) > 0.5
"""
RULES = [
    {"type": "faulty_deployment_detection", "name": "faults", "options": {"duration": 2}},
    {"type": "monitor", "name": "monitors", "options": {"query": "service:checkout"}},
]


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that a release passes through."""

    fairlead: Running
    ci: DatadogCi
    folder: Path
    versions: list[Checkout]

    def ship(self, version: str) -> None:
        """Let customers use a version."""
        [checkout] = [one for one in self.versions if one.version == version]
        checkout.serve(REQUESTS, self.fairlead.address, {"DD-API-KEY": self.fairlead.api_key})

    def gate(self, version: str) -> Ended:
        """Ask the gate as a pipeline does."""
        told = ("--service", "checkout", "--env", "prod", "--version", version)
        config = ("--config", str(self.folder / "gate.json"))
        limits = ("--timeout", "90", "--fail-on-error")
        app_key = self.fairlead.app_key
        return self.ci.run("deployment", "gate", *told, *limits, *config, cwd=self.folder, DD_APP_KEY=app_key)

    def monitor(self, **told: Any) -> int:
        """Make a monitor of the service, and return its id."""
        body = {"tags": ["service:checkout"]} | told
        answer = self.fairlead.server.post("/api/v1/monitor", headers=self.fairlead.headers, json=body)
        id: int = answer.json()["id"]
        return id

    def state(self, monitor: int) -> str:
        """Return in which state a monitor is."""
        answer = self.fairlead.server.get(f"/api/v1/monitor/{monitor}", headers=self.fairlead.headers)
        return str(answer.json()["overall_state"])

    def alerting(self) -> list[str]:
        """Return the queries of the monitors in alert, also of those that an alert made."""
        answer = self.fairlead.server.get("/api/v1/monitor", headers=self.fairlead.headers)
        return [one["query"] for one in answer.json() if one["overall_state"] == "Alert"]

    def verdicts(self) -> dict[str, str]:
        """Return what each version's evaluation came to."""
        path = "/api/v2/deployment_gates/evaluations"
        answer = self.fairlead.server.get(path, headers=self.fairlead.headers)
        told = [one["attributes"] for one in answer.json()["data"]]
        return {one["version"]: one["status"] for one in told}


@contextmanager
def a_stage(folder: Path) -> Iterator[Stage]:
    """Run three versions of a service, Prometheus with Alertmanager that look at them, Fairlead, a pipeline.

    Fairlead runs twice on one database: Alertmanager and the service reach it in the clear, and the
    pipeline, which will have nothing else, over TLS.
    """
    with ExitStack() as running:
        checkouts = [Checkout("1.0.0"), Checkout("2.0.0", fails_every=20), Checkout("3.0.0")]
        for checkout in checkouts:
            running.enter_context(checkout)
        program = Program(folder)
        keys = {kind: a_key(program, kind)["key"] for kind in ("api", "app")}
        plain = running.enter_context(program.server("serve", "--no-worker"))
        hook = json.loads(program.run("hooks", "create", "alertmanager", "--json"))
        config = telling_at_once(f"{plain.address}{hook['path']}", hook["secret"])
        alertmanager = running.enter_context(an_alertmanager(folder / "a", config))
        prometheus = running.enter_context(
            a_prometheus(
                folder / "p",
                targets=[checkout.target for checkout in checkouts],
                rules=ALERTS,
                alertmanager=alertmanager.address,
            )
        )
        variables = {"FAIRLEAD_PROMETHEUS_URL": prometheus.address, "FAIRLEAD_PROMETHEUS_POLL_S": "1"}
        secured, authority = running.enter_context(tls_server(Program(folder, **variables)))
        (folder / "gate.json").write_text(json.dumps({"rules": RULES}), encoding="utf-8")
        ci = running.enter_context(datadog_ci(secured, authority, keys["api"]))
        yield Stage(Running(plain, keys["api"], keys["app"]), ci, folder, checkouts)


@pytest.mark.timeout(300)  # Six programs and two pipelines, on two cores that others may share.
def test_datadog_ci_stops_version_2_and_lets_version_3_go_on(tmp_path: Path) -> None:
    with a_stage(tmp_path) as stage, ThreadPoolExecutor() as beside:
        polled = stage.monitor(type="query alert", name="Broken", query=BROKEN)
        told = stage.monitor(type="event-v2 alert", name="Alerts", query="alertmanager:CheckoutBroken")
        stage.ship("1.0.0")
        # The alert that always fires shows that the others would be heard.
        assert became(lambda: "alertmanager:Watchdog" in stage.alerting(), PATIENCE_S)
        assert became(lambda: ("OK", "OK") == (stage.state(polled), stage.state(told)), PATIENCE_S)

        stage.ship("2.0.0")
        second = beside.submit(stage.gate, "2.0.0")
        # datadog-ci waits 15 seconds between two looks; the verdict is there long before.
        assert became(lambda: stage.verdicts().get("2.0.0") == "fail", PATIENCE_S), stage.fairlead.server.log
        stage.ship("3.0.0")
        passed, stopped = stage.gate("3.0.0"), second.result()

    assert (1, 0) == (stopped.code, passed.code), (stopped.printed, passed.printed)
    assert "GET /pay answers 15 of 300 requests (5.00%) with an error" in stopped.printed
    assert "earlier versions 0 of 300 requests (0.00%)" in stopped.printed
    assert "PaymentRefused (15)" in stopped.printed
    assert "GET /cart answers" not in stopped.printed
