"""Where counts come from beside spans, and how strictly versions are judged."""

from typing import Any

import pytest

from tests.casts import Cast
from tests.gate_requests import a_gate

SOURCES = "/api/fairlead/v1/traffic/sources"
DETECTION = "/api/fairlead/v1/detection"
TOLD = {
    "service": "Checkout",
    "env": "prod",
    "requests": "sum by (version, route) (increase(http_requests_total[1m]))",
    "errors": 'sum by (version, route) (increase(http_requests_total{status="500"}[1m]))',
}


def put(cast: Cast, name: str = "shop", **changes: Any) -> Any:
    told = {field: value for field, value in (TOLD | changes).items() if value is not None}
    return cast.ada.send("PUT", f"{SOURCES}/{name}", told)


def test_a_source_is_kept_shown_replaced_and_deleted(cast: Cast) -> None:
    made = put(cast).json()

    assert (
        TOLD
        | {
            "name": "shop",
            "step_s": 60,
            "version_label": "version",
            "resource_labels": ["route"],
            "error_type_label": "",
            "asked_at": None,
            "failure": None,
        }
        == made
    )
    put(cast, step_s=30)
    assert [30] == [one["step_s"] for one in cast.ada.get(SOURCES).json()["sources"]]
    assert [] == cast.zoe.get(SOURCES).json()["sources"]
    assert [204, 404] == [cast.ada.delete(f"{SOURCES}/shop").status_code for _ in range(2)]
    assert [] == cast.ada.get(SOURCES).json()["sources"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"service": None}, "service"),
        ({"env": " "}, "env"),
        ({"requests": ""}, "requests"),
        ({"errors": "x" * 20_000}, "errors"),
        ({"step_s": 7}, "step_s"),
        ({"resource_labels": ["a"] * 6}, "resource_labels"),
        ({"name": "n" * 200}, "name"),
    ],
)
def test_a_source_that_cannot_be_asked_is_refused(cast: Cast, changes: dict[str, Any], field: str) -> None:
    answer = put(cast, **changes)

    assert (400, field) == (answer.status_code, answer.json()["error"]["field"])
    assert [] == cast.ada.get(SOURCES).json()["sources"]


def test_sources_and_strictness_need_permission(cast: Cast) -> None:
    assert [403, 403, 401] == [person.get(SOURCES).status_code for person in (cast.ben, cast.cleo, cast.eve)]
    assert 403 == cast.ben.send("PUT", DETECTION, {}).status_code


def test_strictness_is_told_for_all_or_for_a_service(cast: Cast) -> None:
    usual = cast.ada.get(DETECTION).json()
    assert (None, 0.99, "mid-p", "tarone", 4) == tuple(
        usual[name] for name in ("service", "confidence", "method", "correction", "looks")
    )

    cast.ada.send("PUT", DETECTION, {"confidence": 0.95, "method": "exact"})
    cast.ada.send("PUT", f"{DETECTION}?service=checkout", {"min_errors": 9})

    def told(service: str) -> tuple[Any, ...]:
        answer = cast.ada.get(f"{DETECTION}?service={service}").json()
        return answer["confidence"], answer["method"], answer["min_errors"]

    assert (0.99, "mid-p", 9) == told("checkout")
    assert (0.95, "exact", 1) == told("search")
    assert 0.95 == cast.ada.delete(f"{DETECTION}?service=checkout").json()["confidence"]
    assert 0.99 == cast.zoe.get(DETECTION).json()["confidence"]


@pytest.mark.parametrize(
    ("told", "field"),
    [({"confidence": 2}, "confidence"), ({"method": "guess"}, "method"), ({"looks": "many"}, "looks")],
)
def test_strictness_out_of_bounds_is_refused(cast: Cast, told: dict[str, Any], field: str) -> None:
    answer = cast.ada.send("PUT", DETECTION, told)

    assert (400, field) == (answer.status_code, answer.json()["error"]["field"])


def test_a_gate_is_backtested_for_whoever_may_read_gates(cast: Cast) -> None:
    gate = cast.ada.post("/api/v2/deployment_gates", a_gate(service="checkout", env="prod")).json()["data"]
    path = f"/api/fairlead/v1/gates/{gate['id']}/backtest"

    told = cast.ada.get(f"{path}?last=5").json()

    assert (gate["id"], "checkout", [], None) == (
        told["gate_id"],
        told["service"],
        told["deployments"],
        told["score"]["precision"],
    )
    assert [404, 403] == [cast.zoe.get(path).status_code, cast.ben.get(path).status_code]
    assert "last" == cast.ada.get(f"{path}?last=0").json()["error"]["field"]
