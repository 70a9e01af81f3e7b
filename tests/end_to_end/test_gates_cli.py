"""`fairlead gates`: made, shown and asked without any server."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from fairlead.domain.monitors import Monitor
from fairlead.store import monitor_states, monitors
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.usecases.record_deployments import record_deployments
from tests.factories import a_deployment
from tests.gate_factories import a_monitor, a_span
from tests.programs import Commands

SHOP = ("--service", "shop", "--env", "prod")


def put(transaction: Transaction, told: Sequence[tuple[Monitor, str]]) -> list[None]:
    for monitor, state in told:
        monitors.put(transaction, monitor)
        monitor_states.tell(transaction, monitor.org_id, a_span(state, monitor_id=monitor.id))
    return [None] * len(told)


@pytest.fixture
def good_and_bad(ledger: Ledger) -> None:
    """A monitor that is well and one in alert."""
    ledger.write(put, (a_monitor(1, name="Good", tags=("service:good",)), "ok"))
    ledger.write(put, (a_monitor(2, name="Bad", tags=("service:bad",)), "alert"))


def told(commands: Commands, *args: str) -> Any:
    return json.loads(commands.run("gates", *args, "--json"))


def test_a_gate_is_created_listed_and_shown(commands_on: Commands) -> None:
    made = told(
        commands_on,
        *("create", *SHOP, "--monitors", "service:good", "--faulty-deployment-detection"),
        *("--duration", "60", "--dry-run"),
    )

    assert [{name: made[name] for name in made if name != "rules"}] == told(commands_on, "list")
    shown = told(commands_on, "show", made["id"])
    assert made == shown
    assert [
        ("service:good", "monitor", {"query": "service:good", "duration": 60}),
        ("faulty deployment detection", "faulty_deployment_detection", {"duration": 60}),
    ] == [(rule["name"], rule["type"], rule["options"]) for rule in shown["rules"]]
    assert ("shop", "prod", "default", True) == tuple(
        made[name] for name in ("service", "env", "identifier", "dry_run")
    )
    table = commands_on.run("gates", "show", made["id"])
    assert "shop in prod, default, in dry run" in table
    assert "query: service:good" in table
    assert "shop" in commands_on.run("gates", "list")


def test_a_gate_that_cannot_be_is_refused_in_one_line(commands_on: Commands) -> None:
    commands_on.run("gates", "create", *SHOP)

    for args, said in (
        (("create", *SHOP), "Gate already exists with the given env, service and identifier"),
        (("create", *SHOP, "--identifier", "x", "--monitors", "a AND"), "cannot be read"),
        (("create", *SHOP, "--identifier", "x", "--monitors", "a", "--duration", "9999"), "duration"),
        (("show", "nothing"), "Gate does not exist"),
        (("evaluate", *SHOP), "no gate found for service shop, env prod, and identifier default"),
        (("evaluate", *SHOP, "--config", "/nowhere"), "--config /nowhere cannot be read"),
    ):
        printed = commands_on.run("gates", *args, code=1)
        assert said in printed
        assert 1 == len(printed.strip().splitlines())
    assert 1 == len(told(commands_on, "list"))


@pytest.mark.usefixtures("good_and_bad")
@pytest.mark.parametrize(
    ("query", "code", "status"), [("service:good", 0, "pass"), ("service:bad", 1, "fail")]
)
def test_a_gate_is_asked_and_its_answer_is_the_exit_code(
    commands_on: Commands, query: str, code: int, status: str, capsys: pytest.CaptureFixture[str]
) -> None:
    commands_on.run("gates", "create", *SHOP, "--monitors", query)

    asked = told(commands_on, "evaluate", *SHOP, "--version", "2")
    assert "in_progress" == asked["status"]
    with pytest.raises(SystemExit) as ended:
        _main("gates", "evaluate", *SHOP, "--version", "2", "--wait", "--json")

    answer = json.loads(capsys.readouterr().out)
    assert (code, status) == (ended.value.code, answer["status"])
    [rule] = answer["rules"]
    assert ("Bad" in rule["reason"]) is bool(code)


@pytest.mark.usefixtures("good_and_bad")
def test_rules_come_from_a_file_as_for_datadog_ci(
    commands_on: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    config = commands_on.home / "gate.json"
    rule = {"type": "monitor", "name": "bad", "options": {"query": "service:bad"}}
    config.write_text(json.dumps({"dryRun": True, "rules": [rule]}), encoding="utf-8")

    printed = commands_on.run("gates", "evaluate", *SHOP, "--config", str(config), "--wait")

    assert printed.startswith("PASS  evaluation ")
    assert "fail" in printed
    wrongs: list[Any] = [{"rules": []}, {"rules": [{"type": "monitor"}]}, []]
    for wrong in wrongs:
        config.write_text(json.dumps(wrong), encoding="utf-8")
        commands_on.run("gates", "evaluate", *SHOP, "--config", str(config), code=1)


@pytest.mark.usefixtures("good_and_bad")
def test_whoever_waits_too_long_is_told(commands_on: Commands) -> None:
    commands_on.run("gates", "create", *SHOP, "--monitors", "service:good", "--duration", "7200")

    printed = commands_on.run("gates", "evaluate", *SHOP, "--wait", "--timeout", "0", code=1)

    assert "is still in progress after 0 s" in printed


def _main(*args: str) -> None:
    from fairlead.cli.main import main  # noqa: PLC0415 — `Commands` gives stdout only where nothing failed.

    main(args)


def test_a_backtest_tells_what_a_gate_would_have_stopped(commands_on: Commands, ledger: Ledger) -> None:
    gate = told(commands_on, "create", *SHOP, "--monitors", "service:nothing")
    deployment = a_deployment(service="shop", env="prod", version="7")
    ledger.write(record_deployments, deployment)

    found = told(commands_on, "backtest", gate["id"], "--last", "5")
    printed = commands_on.run("gates", "backtest", gate["id"])

    [tried] = found["deployments"]
    assert (deployment.id, "7", True, None) == tuple(
        tried[name] for name in ("id", "version", "stopped", "change_failure")
    )
    assert (0, 1, 0.0, None) == tuple(
        found["score"][name] for name in ("stopped_failed", "stopped_fine", "precision", "recall")
    )
    assert "No monitors match the query 'service:nothing'" in printed
    assert "precision 0%, recall -, 0 without enough data" in printed
    assert "Gate does not exist" in commands_on.run("gates", "backtest", "nothing", code=1)
