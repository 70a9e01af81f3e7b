"""Gates and monitors through the official clients: `datadog-api-client`, and `datadog-ci` over TLS."""

import json
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException, NotFoundException
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v2.api.deployment_gates_api import DeploymentGatesApi

from fairlead.store.ledger import Ledger
from tests.casts import Cast, a_cast
from tests.gate_requests import NIL, a_gate, a_monitor_rule, a_rule, a_trigger, inline
from tests.official_clients import DatadogCi, Ended, datadog_ci, tls_server
from tests.programs import Program, Server
from tests.waiting import became

# The client says so at each call of an operation that its specification calls unstable.
pytestmark = pytest.mark.filterwarnings("ignore:Using unstable operation")

OPERATIONS = (
    "list_deployment_gates",
    "create_deployment_gate",
    "get_deployment_gate",
    "update_deployment_gate",
    "delete_deployment_gate",
    "get_deployment_gate_rules",
    "create_deployment_rule",
    "get_deployment_rule",
    "update_deployment_rule",
    "delete_deployment_rule",
    "trigger_deployment_gates_evaluation",
    "get_deployment_gates_evaluation_result",
    "list_deployment_gate_evaluations",
    "list_deployment_rule_evaluations",
)
FAULTY = {"type": "faulty_deployment_detection", "options": {"excluded_resources": []}}
A_MONITOR = {"type": "service check", "query": "shop is up", "name": "Shop", "tags": ["service:shop"]}


@pytest.fixture
def client(server: Server, keys: dict[str, str]) -> Iterator[ApiClient]:
    configuration = Configuration(
        host=server.address, api_key={"apiKeyAuth": keys["api"], "appKeyAuth": keys["app"]}
    )
    for operation in OPERATIONS:
        configuration.unstable_operations[operation] = True
    with ApiClient(configuration) as opened:
        yield opened


@pytest.fixture
def gates(client: ApiClient) -> DeploymentGatesApi:
    return DeploymentGatesApi(client)


@pytest.fixture
def monitors(client: ApiClient) -> MonitorsApi:
    return MonitorsApi(client)


def told(answer: Any) -> Any:
    """Return an answer as plain data; nothing in it may be of a shape that the client does not know."""
    assert not getattr(answer, "_unparsed", False)
    return answer.to_dict() if hasattr(answer, "to_dict") else answer


def refusal(error: ApiException) -> tuple[int, str]:
    detail: str = error.body["errors"][0]["detail"]
    return error.status, detail


def test_every_operation_on_gates_is_read_by_the_client(gates: DeploymentGatesApi) -> None:
    gate = told(gates.create_deployment_gate(a_gate(identifier="my-gate-1")))["data"]
    change = {"data": {"id": NIL, "type": "deployment_gate", "attributes": {"dry_run": True}}}

    assert gate == told(gates.get_deployment_gate(gate["id"]))["data"]
    assert told(gates.update_deployment_gate(gate["id"], change))["data"]["attributes"]["dry_run"] is True
    listed = told(gates.list_deployment_gates(filter_service="my-service", filter_dry_run=True, page_size=10))
    assert [gate["id"]] == [one["id"] for one in listed["data"]]
    assert gates.delete_deployment_gate(gate["id"]) is None
    with pytest.raises(NotFoundException) as refused:
        gates.get_deployment_gate(gate["id"])
    assert (404, "Gate does not exist") == refusal(refused.value)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        (FAULTY, "deployment_rule_options_faulty_deployment_detection"),
        ({"options": {"query": "service:shop", "duration": 300, "warmup": 5}}, "monitor"),
        ({"options": {"monitor_ids": [{"id": "320387601", "groups": []}]}}, "monitor_ids"),
        ({"options": {"query": "x", "fail_on_no_data": False, "fail_on_no_groups_found": True}}, "monitor"),
    ],
)
def test_every_operation_on_rules_is_read_by_the_client(
    gates: DeploymentGatesApi, changes: Any, kind: str
) -> None:
    gate = gates.create_deployment_gate(a_gate())["data"]["id"]
    request = a_rule(**changes)
    options = request["data"]["attributes"]["options"]

    answer = gates.create_deployment_rule(gate, request)
    rule = told(answer)["data"]

    assert options == rule["attributes"]["options"]
    assert rule == told(gates.get_deployment_rule(gate, rule["id"]))["data"]
    change = {"name": "Updated", "options": options, "dry_run": True}
    changed = gates.update_deployment_rule(
        gate, rule["id"], {"data": {"type": "deployment_rule", "attributes": change}}
    )
    assert ("Updated", True) == (
        changed["data"]["attributes"]["name"],
        changed["data"]["attributes"]["dry_run"],
    )
    [listed] = told(gates.get_deployment_gate_rules(gate))["data"]["attributes"]["rules"]
    assert options == listed["options"]
    assert gates.delete_deployment_rule(gate, rule["id"]) is None
    assert [] == told(gates.get_deployment_gate_rules(gate))["data"]["attributes"]["rules"]


def test_the_recorded_refusals_are_read_by_the_client(gates: DeploymentGatesApi) -> None:
    gates.create_deployment_gate(a_gate(identifier="twice"))
    both = {"options": {"query": "x", "monitor_ids": [{"id": "123456", "groups": []}]}}
    gate = gates.create_deployment_gate(a_gate())["data"]["id"]

    for ask, expected in (
        (lambda: gates.create_deployment_gate(a_gate(env="")), 'attribute "env" is required'),
        (
            lambda: gates.create_deployment_gate(a_gate(identifier="twice")),
            "Gate already exists with the given env, service and identifier",
        ),
        (lambda: gates.get_deployment_gate("invalid-gate-id"), 'attribute "id" Invalid id'),
        (lambda: gates.delete_deployment_gate(NIL), "Gate does not exist"),
        (lambda: gates.get_deployment_rule(NIL, NIL), "Rule does not exist"),
        (lambda: gates.delete_deployment_rule("not-a", "not-a"), 'attribute "gate_id" Invalid id'),
        (
            lambda: gates.create_deployment_rule(gate, a_rule(type="fdd")),
            'attribute "type" must be one of "monitor faulty_deployment_detection"',
        ),
        (
            lambda: gates.create_deployment_rule(gate, a_rule(**both)),
            "options.query and options.monitor_ids are mutually exclusive",
        ),
        (
            lambda: gates.trigger_deployment_gates_evaluation(a_trigger(env="")),
            "required env field is missing",
        ),
        (
            lambda: gates.get_deployment_gates_evaluation_result(UUID(NIL)),
            f"gate evaluation with id {NIL} not found",
        ),
    ):
        with pytest.raises(ApiException) as refused:
            ask()  # type: ignore[no-untyped-call] # the types of the client are skipped
        assert expected == refusal(refused.value)[1]


def test_an_evaluation_is_triggered_fetched_and_listed_by_the_client(
    gates: DeploymentGatesApi, monitors: MonitorsApi
) -> None:
    monitor = monitors.create_monitor(A_MONITOR)["id"]
    identifier = a_gate()["data"]["attributes"]["identifier"]
    gate = gates.create_deployment_gate(a_gate(identifier=identifier))["data"]["id"]
    gates.create_deployment_rule(gate, a_rule())
    request = a_trigger(identifier=identifier, version="1.4.0", primary_tag="region:eu")

    triggered = told(gates.trigger_deployment_gates_evaluation(request))["data"]
    id = UUID(triggered["attributes"]["evaluation_id"])

    def result() -> Any:
        return told(gates.get_deployment_gates_evaluation_result(id))["data"]["attributes"]

    assert became(lambda: result()["gate_status"] != "in_progress", 30)
    [rule] = result()["rules"]
    assert ("fail", "fail", str(gate)) == (result()["gate_status"], rule["status"], str(result()["gate_id"]))
    assert f'One or more monitors in NO_DATA state: "Shop" (monitor {monitor})' in rule["reason"]
    since = datetime.now(UTC) - timedelta(hours=1)
    [seen] = gates.list_deployment_gate_evaluations_with_pagination(
        filter_from=since, filter_service=["my-service"]
    )
    assert (id, "fail", "1.4.0") == (
        seen["id"],
        str(seen["attributes"]["status"]),
        seen["attributes"]["version"],
    )
    [rule] = gates.list_deployment_rule_evaluations_with_pagination(filter_gate_id=UUID(str(gate)))
    attributes = told(rule)["attributes"]
    assert {"query": "service:shop"} == attributes["configuration"]
    assert [(str(monitor), "NO_DATA")] == [
        (one["id"], one["state"]) for one in attributes["failures"]["monitors"]
    ]


def test_inline_rules_are_evaluated_without_a_gate(gates: DeploymentGatesApi) -> None:
    request = a_trigger(**inline(a_monitor_rule("service:nothing"), dry_run=True))

    id = UUID(gates.trigger_deployment_gates_evaluation(request)["data"]["attributes"]["evaluation_id"])

    def result() -> Any:
        return told(gates.get_deployment_gates_evaluation_result(id))["data"]["attributes"]

    assert became(lambda: result()["rules"][0]["status"] == "fail", 30)
    assert ("pass", NIL, True) == (result()["gate_status"], str(result()["gate_id"]), result()["dry_run"])
    [listed] = gates.list_deployment_gate_evaluations()["data"]
    assert ("fail", None) == (str(listed["attributes"]["status"]), listed["attributes"]["gate_id"])


def test_every_operation_on_monitors_is_read_by_the_client(monitors: MonitorsApi) -> None:
    assert {} == told(monitors.validate_monitor(A_MONITOR))
    created = told(monitors.create_monitor(A_MONITOR | {"options": {"thresholds": {"critical": 1.5}}}))
    id = created["id"]

    changed = told(monitors.update_monitor(id, {"name": "Store", "options": {"silenced": {"*": None}}}))
    assert ("Store", "No Data") == (changed["name"], str(changed["overall_state"]))
    assert {} == told(monitors.validate_existing_monitor(id, A_MONITOR))
    fetched = told(monitors.get_monitor(id, group_states="all", with_downtimes=True))
    assert "No Data" == fetched["state"]["groups"]["total"]["status"]
    assert [id] == [one["id"] for one in monitors.list_monitors(name="Store")]
    assert [id] == [one["id"] for one in monitors.list_monitors_with_pagination(page_size=2)]
    found = told(monitors.search_monitors(query="muted:true service:shop", per_page=5))
    assert (id, 1) == (found["monitors"][0]["id"], found["metadata"]["total_count"])
    groups = told(monitors.search_monitor_groups(query="service:shop"))
    assert ("total", id) == (groups["groups"][0]["group"], groups["groups"][0]["monitor_id"])
    assert [id] == told(monitors.check_can_delete_monitor([id]))["data"]["ok"]
    assert id == told(monitors.delete_monitor(id))["deleted_monitor_id"]
    with pytest.raises(NotFoundException) as refused:
        monitors.get_monitor(id)
    assert ["Monitor not found"] == refused.value.body["errors"]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline that asks gates, with a monitor in alert and one that is well."""

    ci: DatadogCi
    folder: Path
    app_key: str

    def gate(self, name: str, *args: str, **configuration: Any) -> Ended:
        config = self.folder / f"{name}.json"
        config.write_text(json.dumps(configuration), encoding="utf-8")
        told = ("--service", "shop", "--env", "prod", "--timeout", "60", "--fail-on-error", *args)
        if configuration:
            told = (*told, "--config", str(config))
        return self.ci.run("deployment", "gate", *told, cwd=self.folder, DD_APP_KEY=self.app_key)


@contextmanager
def a_pipeline(folder: Path) -> Iterator[tuple[Pipeline, httpx.Client, Cast]]:
    with tls_server(Program(folder)) as (server, authority):
        ledger = Ledger(f"sqlite:///{server.data_dir / 'fairlead.db'}")
        trusted = ssl.create_default_context(cafile=str(authority))
        with httpx.Client(base_url=server.address, verify=trusted, timeout=30) as http:
            cast = a_cast(http, ledger)
            headers = cast.ada.headers
            with datadog_ci(server, authority, headers["DD-API-KEY"]) as ci:
                yield Pipeline(ci, folder, headers["DD-APPLICATION-KEY"]), http, cast
        ledger.close()


def test_datadog_ci_stops_or_goes_on(tmp_path: Path) -> None:
    def monitor_rule(query: str, **more: Any) -> dict[str, Any]:
        return {"type": "monitor", "name": query, "options": {"query": query, "duration": 1}, **more}

    good, bad = monitor_rule("service:good"), monitor_rule("service:bad")
    with a_pipeline(tmp_path) as (pipeline, _http, cast):
        for name, state in (("good", "ok"), ("bad", "alert")):
            request = A_MONITOR | {"name": f"The {name} one", "tags": [f"service:{name}"]}
            id = cast.ada.post("/api/v1/monitor", request).json()["id"]
            cast.ada.post(f"/api/fairlead/v1/monitors/{id}/state", {"state": state})
        gate = cast.ada.post("/api/v2/deployment_gates", a_gate(service="shop", env="prod", identifier=None))
        rules = f"/api/v2/deployment_gates/{gate.json()['data']['id']}/rules"
        cast.ada.post(rules, a_rule(options={"query": "service:bad"}))

        # Between two looks it waits 15 seconds, so all of them wait together.
        with ThreadPoolExecutor() as together:
            kept = together.submit(pipeline.gate, "kept", "--version", "2", "--apm-primary-tag", "region:eu")
            passes = together.submit(pipeline.gate, "passes", rules=[good])
            stops = together.submit(pipeline.gate, "stops", rules=[good, bad])
            dry_rule = together.submit(pipeline.gate, "dry_rule", rules=[good, bad | {"dryRun": True}])
            dry_gate = together.submit(pipeline.gate, "dry_gate", dryRun=True, rules=[bad])
            refused = together.submit(pipeline.gate, "refused", rules=[monitor_rule("a AND")])
            bare = together.submit(pipeline.gate, "bare", rules=[{"type": "monitor", "name": "bare"}])

    codes = [one.result().code for one in (kept, passes, stops, dry_rule, dry_gate, refused, bare)]
    assert [1, 0, 1, 0, 0, 1, 1] == codes, [kept.result().printed, passes.result().printed]
    assert 'in ALERT state: "The bad one"' in kept.result().printed
    assert 'in ALERT state: "The bad one"' in stops.result().printed
    assert 'attribute "query" cannot be read' in refused.result().printed
    assert 'attribute "query" or "monitor_ids" is required' in bare.result().printed
