"""`fairlead gates`: list, show and create gates, and ask one whether a version may go on."""

import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fairlead.cli.backtest import backtest
from fairlead.cli.options import ORG_DEFAULT, Database, DataDir, Json, Org, settings_from
from fairlead.domain.authors import Author
from fairlead.domain.errors import FairleadError, Rejected
from fairlead.domain.evaluations import Evaluation, Status
from fairlead.domain.gates import DEFAULT_IDENTIFIER, Gate, GateId, Rule, RuleId, RuleKind, RuleOptions
from fairlead.domain.identity import id_from_chance

if TYPE_CHECKING:
    from fairlead.domain.access import OrgId
    from fairlead.store.ledger import Ledger
    from fairlead.usecases.trigger_evaluations import InlineRules

app = typer.Typer(help="Deployment gates: may this version go on?")
app.command()(backtest)

_BY = Author("command-line", "command line")
_MOST_SHOWN = 10_000
_LOOK_AGAIN_S = 0.3
_STOPPED = 1
_UNDECIDED = 1

Service = Annotated[str, typer.Option("--service", metavar="NAME", help="The service that is deployed.")]
Env = Annotated[str, typer.Option("--env", metavar="NAME", help="The environment it is deployed to.")]
Identifier = Annotated[
    str,
    typer.Option("--identifier", metavar="TEXT", help="Tells gates of one service and environment apart."),
]


@app.command("list")
def show_all(
    *, org: Org = ORG_DEFAULT, as_json: Json = False, database: Database = None, data_dir: DataDir = None
) -> None:
    """List the gates of an organisation."""
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.cli.printing import print_json, print_table, readable
    from fairlead.usecases.find_gates import GatesPage, find_gates

    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        found = ledger.read(find_gates, find_organisation(ledger, org), GatesPage(limit=_MOST_SHOWN))
    if as_json:
        print_json([_told(gate) for gate in found])
        return
    rows = [
        (gate.id, gate.service, gate.env, gate.identifier, _dry(gate.dry_run), readable(gate.created_at))
        for gate in found
    ]
    print_table(("ID", "SERVICE", "ENV", "IDENTIFIER", "DRY RUN", "CREATED"), rows)


@app.command()
def show(
    gate_id: Annotated[str, typer.Argument(metavar="GATE_ID", help="As `fairlead gates list` shows it.")],
    *,
    org: Org = ORG_DEFAULT,
    as_json: Json = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Show one gate with its rules."""
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.cli.printing import print_json, print_table
    from fairlead.usecases.get_gate import get_gate, get_rules

    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        org_id = find_organisation(ledger, org)
        gate = ledger.read(get_gate, org_id, GateId(gate_id))
        rules = ledger.read(get_rules, org_id, gate.id)
    if as_json:
        print_json(_told(gate) | {"rules": [_rule_told(rule) for rule in rules]})
        return
    dry = ", in dry run" if gate.dry_run else ""
    typer.echo(f"{gate.service} in {gate.env}, {gate.identifier}{dry}\n")
    rows = [
        (rule.id, rule.name, rule.kind.value, _dry(rule.dry_run), _options_told(rule.options))
        for rule in rules
    ]
    print_table(("RULE", "NAME", "KIND", "DRY RUN", "OPTIONS"), rows)


@app.command()
def create(
    *,
    service: Service,
    env: Env,
    identifier: Identifier = DEFAULT_IDENTIFIER,
    monitors: Annotated[
        list[str] | None,
        typer.Option(
            "--monitors",
            metavar="QUERY",
            help="Add a rule: no monitor that this finds may alert. Repeatable.",
        ),
    ] = None,
    detection: Annotated[
        bool,
        typer.Option(
            "--faulty-deployment-detection", help="Add a rule: no more errors than in earlier versions."
        ),
    ] = False,
    duration: Annotated[
        int | None, typer.Option("--duration", metavar="SECONDS", help="How long those rules watch.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Let it stop nobody yet.")] = False,
    org: Org = ORG_DEFAULT,
    as_json: Json = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Create a gate, with rules if any are named."""
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.cli.printing import print_json
    from fairlead.usecases.create_gates import create_gates
    from fairlead.usecases.create_rules import create_rules

    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        gate = _gate(find_organisation(ledger, org), service, env, identifier, dry_run=dry_run)
        rules = _rules(gate, monitors or (), duration, detection=detection)
        ledger.write(create_gates, gate)
        for rule in rules:
            ledger.write(create_rules, rule)
    if as_json:
        print_json(_told(gate) | {"rules": [_rule_told(rule) for rule in rules]})
        return
    typer.echo(f"Created gate {gate.id} with {len(rules)} rules.")


@app.command()
def evaluate(
    *,
    service: Service,
    env: Env,
    version: Annotated[
        str, typer.Option("--version", metavar="TEXT", help="The version that is deployed.")
    ] = "",
    identifier: Identifier = DEFAULT_IDENTIFIER,
    primary_tag: Annotated[
        str, typer.Option("--primary-tag", metavar="KEY:VALUE", help="Look at this part of the traffic only.")
    ] = "",
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="Rules as for `datadog-ci`, instead of a gate that is kept."
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait for the answer; exit with 1 if it is fail.")
    ] = False,
    timeout: Annotated[
        int, typer.Option("--timeout", metavar="SECONDS", help="How long to wait at most.")
    ] = 10_800,
    org: Org = ORG_DEFAULT,
    as_json: Json = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Ask a gate whether a version may go on.

    With `--wait` this program decides what is due itself, so no server need run.
    """
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.gates.findings import Policy
    from fairlead.usecases.trigger_evaluations import EvaluationWanted, trigger_evaluations

    settings = settings_from(database=database, data_dir=data_dir)
    inline = None if config is None else _inline(config)
    with open_ledger(settings) as ledger:
        wanted = EvaluationWanted(
            org_id=find_organisation(ledger, org),
            service=service,
            env=env,
            identifier=identifier,
            version=version,
            primary_tag=primary_tag,
            inline=inline,
            by=_BY,
            at=time.time_ns(),
            chance=os.urandom(10),
        )
        asked: Evaluation = ledger.write(trigger_evaluations, wanted)
        if not wait:
            _print(asked, as_json=as_json)
            return
        found = _awaited(ledger, asked, Policy(settings.gate_without_data), timeout)
    _print(found, as_json=as_json)
    if found.told_status is not Status.PASS:
        raise typer.Exit(_STOPPED)


def _awaited(ledger: "Ledger", asked: Evaluation, policy: Any, timeout_s: int) -> Evaluation:
    from fairlead.usecases.decide_rules import decide_rules
    from fairlead.usecases.find_evaluations import get_evaluation

    until = time.monotonic() + timeout_s
    while True:
        decide_rules(ledger, time.time_ns(), policy)
        found = ledger.read(get_evaluation, asked.org_id, asked.id)
        if found.told_status is not Status.IN_PROGRESS:
            return found
        if time.monotonic() > until:
            raise FairleadError(f"evaluation {found.id} is still in progress after {timeout_s} s")
        time.sleep(_LOOK_AGAIN_S)


def _gate(org_id: "OrgId", service: str, env: str, identifier: str, *, dry_run: bool) -> Gate:
    now = time.time_ns()
    return Gate(
        org_id=org_id,
        id=GateId(id_from_chance(now, os.urandom(10))),
        service=service,
        env=env,
        identifier=identifier,
        dry_run=dry_run,
        created_at=now,
        created_by=_BY,
        updated_at=now,
        updated_by=_BY,
    )


def _rules(gate: Gate, queries: Sequence[str], duration_s: int | None, *, detection: bool) -> list[Rule]:
    from fairlead.domain.monitor_search import monitor_query

    for query in queries:
        monitor_query(query)
    wanted = [(query, RuleKind.MONITOR, RuleOptions(query=query, duration_s=duration_s)) for query in queries]
    if detection:
        wanted.append(
            ("faulty deployment detection", RuleKind.FAULTY_DEPLOYMENT, RuleOptions(duration_s=duration_s))
        )
    return [
        Rule(
            org_id=gate.org_id,
            gate_id=gate.id,
            id=RuleId(id_from_chance(gate.created_at + number, os.urandom(10))),
            name=name[:1000],
            kind=kind,
            options=options,
            created_at=gate.created_at + number,
            created_by=_BY,
            updated_at=gate.created_at + number,
            updated_by=_BY,
        )
        for number, (name, kind, options) in enumerate(wanted)
    ]


def _inline(config: Path) -> "InlineRules":
    """Return the rules that a configuration file of `datadog-ci` holds."""
    from fairlead.dialects.datadog.gates_translate import inline_from

    try:
        told = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Rejected(f"--config {config} cannot be read: {error}", field="config") from error
    return inline_from(told)


def _print(evaluation: Evaluation, *, as_json: bool) -> None:
    from fairlead.cli.printing import print_json, print_table

    if as_json:
        print_json(_evaluation_told(evaluation))
        return
    typer.echo(f"{evaluation.told_status.value.upper()}  evaluation {evaluation.id}\n")
    rows = [(rule.name, rule.status.value, _dry(rule.dry_run), rule.reason) for rule in evaluation.rules]
    print_table(("RULE", "STATUS", "DRY RUN", "REASON"), rows)


def _told(gate: Gate) -> dict[str, Any]:
    names = ("id", "service", "env", "identifier", "dry_run")
    return {name: getattr(gate, name) for name in names}


def _rule_told(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "name": rule.name,
        "type": rule.kind,
        "dry_run": rule.dry_run,
        "options": _options(rule.options),
    }


def _evaluation_told(evaluation: Evaluation) -> dict[str, Any]:
    rules = [
        {"name": one.name, "status": one.status, "dry_run": one.dry_run, "reason": one.reason}
        for one in evaluation.rules
    ]
    return {
        "id": evaluation.id,
        "status": evaluation.told_status,
        "dry_run": evaluation.dry_run,
        "rules": rules,
    }


def _options(options: RuleOptions) -> dict[str, Any]:
    """Return what was told of a rule, by the names that the API has for it."""
    from fairlead.dialects.datadog.gates_answers import options_seen

    return options_seen(options)


def _options_told(options: RuleOptions) -> str:
    return "\n".join(f"{name}: {value}" for name, value in _options(options).items())


def _dry(dry_run: bool) -> str:
    return "yes" if dry_run else ""
