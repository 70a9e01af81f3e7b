"""Monitors whose states come from a real Prometheus."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.gate_requests import a_monitor_rule, a_trigger, inline
from tests.monitoring_programs import Exporter, a_prometheus, an_alertmanager, telling_at_once
from tests.programs import Program
from tests.running import Running, running
from tests.waiting import became

PATIENCE_S = 60
GROUP = "instance:{target},job:demo,route:/pay"


def test_a_monitor_follows_what_prometheus_says(program: Program, tmp_path: Path) -> None:
    with Exporter() as exporter, a_prometheus(tmp_path / "p", targets=[exporter.target]) as prometheus:
        exporter.values = {'errors{route="/pay"}': 1, 'errors{route="/buy"}': 4}
        variables = {"FAIRLEAD_PROMETHEUS_URL": prometheus.address, "FAIRLEAD_PROMETHEUS_POLL_S": "1"}
        with running(program, **variables) as fairlead:
            value = a_monitor(fairlead, "errors > 5", options={"thresholds": {"critical": 5, "warning": 3}})
            alerting = a_monitor(fairlead, "errors > 5 or errors > 100")
            wrong = a_monitor(fairlead, "rate(errors) > 1")
            absent = a_monitor(fairlead, "nothing_of_that_name > 1")
            state = seen_by(fairlead)

            assert became(lambda: state(value) == "Warn", PATIENCE_S), fairlead.server.log
            assert became(lambda: state(alerting) == "OK", PATIENCE_S)
            evaluation = fairlead.server.post(
                "/api/v2/deployments/gates/evaluation",
                headers=fairlead.headers,
                json=a_trigger(**inline(a_monitor_rule(str(value), options={"duration": 7200}))),
            ).json()["data"]["id"]
            exporter.values['errors{route="/pay"}'] = 9
            assert became(lambda: (state(value), state(alerting)) == ("Alert", "Alert"), PATIENCE_S)

            group = GROUP.format(target=exporter.target)
            [pay] = [one for one in lasting(fairlead, value) if one["group"] == group]
            assert ("alert", "9 > 5", "prometheus") == (pay["state"], pay["reason"], pay["source"])
            path = f"/api/v2/deployments/gates/evaluation/{evaluation}"

            def result() -> Any:
                return fairlead.server.get(path, headers=fairlead.headers).json()["data"]["attributes"]

            assert became(lambda: result()["gate_status"] == "fail", PATIENCE_S)
            [rule] = result()["rules"]
            assert f"for {group} since" in rule["reason"]
            assert "(9 > 5)" in rule["reason"]

            assert became(lambda: (state(wrong), state(absent)) == ("No Data", "No Data"), PATIENCE_S)
            assert "the query is refused: " in lasting(fairlead, wrong)[0]["reason"]
            assert "the query returned no series" == lasting(fairlead, absent)[0]["reason"]

            prometheus.process.kill()
            assert became(lambda: state(value) == "No Data", PATIENCE_S)
            assert {"Prometheus cannot be reached"} == {one["reason"] for one in lasting(fairlead, value)}


def a_monitor(fairlead: Running, query: str, **more: Any) -> int:
    told = {"type": "query alert", "name": query, "query": query, "tags": ["team:shop"]} | more
    answer = fairlead.server.post("/api/v1/monitor", headers=fairlead.headers, json=told)
    assert 200 == answer.status_code, answer.text
    id: int = answer.json()["id"]
    return id


def seen_by(fairlead: Running) -> Callable[[int], str]:
    def state(id: int) -> str:
        told: str = fairlead.server.get(f"/api/v1/monitor/{id}", headers=fairlead.headers).json()[
            "overall_state"
        ]
        return told

    return state


def lasting(fairlead: Running, id: int) -> list[dict[str, Any]]:
    answer = fairlead.server.get(f"/api/fairlead/v1/monitors/{id}/states", headers=fairlead.headers)
    return [one for one in answer.json()["states"] if one["until_at"] is None]


RULES = """
groups:
  - name: shop
    rules:
      - alert: TooManyErrors
        expr: errors > 5
        labels: {service: shop, env: prod}
        annotations: {summary: '{{ $value }} errors a second'}
"""


def test_alertmanager_tells_of_alerts_and_their_end(program: Program, tmp_path: Path) -> None:
    with running(program) as fairlead:
        hook = json.loads(program.here("hooks", "create", "alertmanager", "--json"))
        watching = a_monitor(
            fairlead, "alertmanager:TooManyErrors", type="event-v2 alert", tags=["service:shop"], name="Mine"
        )
        state = seen_by(fairlead)
        assert "OK" == state(watching), "nothing is told while there is no alert"
        webhook = f"{fairlead.address}{hook['path']}"
        with (
            Exporter() as exporter,
            an_alertmanager(tmp_path / "a", telling_at_once(webhook, hook["secret"])) as alertmanager,
            a_prometheus(
                tmp_path / "p", targets=[exporter.target], rules=RULES, alertmanager=alertmanager.address
            ),
        ):
            exporter.values = {'errors{route="/pay"}': 9}
            assert became(lambda: state(watching) == "Alert", PATIENCE_S), fairlead.server.log
            [told] = lasting(fairlead, watching)
            assert ("9 errors a second", "alertmanager") == (told["reason"], told["source"])
            assert "route:/pay" in told["group"]
            exporter.values = {'errors{route="/pay"}': 1}
            assert became(lambda: state(watching) == "OK", PATIENCE_S), fairlead.server.log
        assert [watching] == [one["id"] for one in all_monitors(fairlead)], "none was made beside it"


def all_monitors(fairlead: Running) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = fairlead.server.get("/api/v1/monitor", headers=fairlead.headers).json()
    return listed
