"""`fairlead gates backtest`: what a gate would have said about past deployments."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli.options import ORG_DEFAULT, Database, DataDir, Json, Org, settings_from
from fairlead.domain.gates import GateId

if TYPE_CHECKING:
    from fairlead.gates.backtesting import Score, Tried
    from fairlead.usecases.backtest_gate import Backtest

_WORDS = {True: "failure", False: "fine", None: "not known"}


def backtest(
    gate_id: Annotated[
        str, typer.Argument(metavar="GATE", help="Its id, as `fairlead gates list` shows it.")
    ],
    *,
    last: Annotated[
        int, typer.Option("--last", min=1, max=1000, metavar="N", help="How many deployments to look at.")
    ] = 200,
    org: Org = ORG_DEFAULT,
    as_json: Json = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Tell which past deployments a gate would have stopped, and which of those turned out to be failures."""
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.cli.printing import print_json, print_table
    from fairlead.dialects.native.backtest_translate import seen_backtest
    from fairlead.usecases.backtest_gate import backtest_gate

    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        org_id = find_organisation(ledger, org)
        found = ledger.read(backtest_gate, org_id, GateId(gate_id), last, time.time_ns())
    if as_json:
        print_json(seen_backtest(found))
        return
    print_table(("FINISHED", "VERSION", "GATE", "OUTCOME", "REASON"), list(_rows(found)))
    typer.echo("")
    print_table(("", "FAILURE", "FINE"), _table(found.score))
    typer.echo("")
    typer.echo(
        f"precision {_share(found.score.precision)}, recall {_share(found.score.recall)}, "
        f"{found.score.undecided} without enough data"
    )


def _rows(found: "Backtest") -> Iterator[tuple[str, ...]]:
    from fairlead.cli.printing import readable

    for one in found.tried:
        fact = one.deployment.fact
        outcome = _WORDS[one.deployment.outcome.change_failure]
        yield readable(fact.finished_at), fact.version or "-", _verdict(one), outcome, _reason(one)


def _verdict(one: "Tried") -> str:
    return "stop" if one.stopped else "no data" if one.undecided else "pass"


def _reason(one: "Tried") -> str:
    return "; ".join(rule.finding.reason for rule in one.rules if rule.finding.reason)


def _table(score: "Score") -> list[tuple[str, ...]]:
    return [
        ("stopped", str(score.stopped_failed), str(score.stopped_fine)),
        ("passed", str(score.passed_failed), str(score.passed_fine)),
    ]


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
