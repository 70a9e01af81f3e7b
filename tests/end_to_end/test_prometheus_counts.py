"""Counts of requests from a real Prometheus, which may also be gone, or asked nonsense."""

from pathlib import Path
from typing import Any

import httpx

from tests.monitoring_programs import Exporter, a_prometheus
from tests.programs import Program
from tests.running import Running, running
from tests.waiting import became

PATIENCE_S = 60
SOURCES = "/api/fairlead/v1/traffic/sources"
QUERY = "sum by (version, route, kind) (increase({name}[5s]))"


def source(fairlead: Running, name: str, **changes: Any) -> None:
    told = {
        "service": "checkout",
        "env": "prod",
        "requests": QUERY.format(name="requests_total"),
        "errors": QUERY.format(name="errors_total"),
        "step_s": 5,
        "error_type_label": "kind",
    }
    address = f"{fairlead.address}{SOURCES}/{name}"
    answer = httpx.put(address, headers=fairlead.headers, json=told | changes, timeout=30)
    assert 200 == answer.status_code, answer.text


def test_requests_and_errors_are_counted_by_range_queries(program: Program, tmp_path: Path) -> None:
    with Exporter() as exporter, a_prometheus(tmp_path / "p", targets=[exporter.target]) as prometheus:
        labels = '{version="2",route="/pay"}'
        exporter.values = {
            f"requests_total{labels}": 0,
            'errors_total{version="2",route="/pay",kind="OSError"}': 0,
        }
        with running(program, FAIRLEAD_PROMETHEUS_URL=prometheus.address) as fairlead:
            source(fairlead, "shop")
            source(fairlead, "wrong", requests="sum by (")

            def served() -> bool:
                """Let customers be served, and look whether it was counted."""
                exporter.values[f"requests_total{labels}"] += 20
                exporter.values['errors_total{version="2",route="/pay",kind="OSError"}'] += 2
                series = traffic(fairlead)
                return bool(series) and bool(series[0]["errors"])

            assert became(served, PATIENCE_S), fairlead.server.log
            [one] = traffic(fairlead)
            assert ("prometheus:shop", "prod", "2", "/pay") == tuple(
                one[name] for name in ("source", "env", "version", "resource")
            )
            assert 0 < one["errors"] <= one["requests"]
            assert {"OSError"} == set(one["error_types"])
            assert became(lambda: "the query is refused" in (failure(fairlead, "wrong") or ""), PATIENCE_S)
            assert failure(fairlead, "shop") is None

            prometheus.process.kill()
            assert became(lambda: failure(fairlead, "shop") == "Prometheus cannot be reached", PATIENCE_S)


def traffic(fairlead: Running) -> list[dict[str, Any]]:
    answer = fairlead.server.get("/api/fairlead/v1/traffic?service=checkout", headers=fairlead.headers)
    found: list[dict[str, Any]] = answer.json()["series"]
    return found


def failure(fairlead: Running, name: str) -> str | None:
    answer = fairlead.server.get(SOURCES, headers=fairlead.headers)
    [told] = [one["failure"] for one in answer.json()["sources"] if one["name"] == name]
    return None if told is None else str(told)
