"""How late a worker decides when a thousand evaluations run at once and end at the same instant.

    python -m benchmarks.gate_deadlines                       1 000 evaluations on a file of SQLite
    python -m benchmarks.gate_deadlines --engine postgresql
    python -m benchmarks.gate_deadlines --evaluations 200

One `fairlead work`, a program of its own, decides rules that each watch four of two hundred monitors.
Meanwhile one of the others changes its state every tenth of a second, so that all are looked at over
and over. Ends with 1 if the promise is not kept. The yardstick is how long one round of reading
and deciding as many takes in this process.
"""

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fairlead.domain.access import DEFAULT_ORGANISATION, organisation_id
from fairlead.domain.authors import Author
from fairlead.domain.evaluations import Evaluation, watch_of
from fairlead.domain.gates import RuleKind, RuleOptions
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.monitors import Monitor, MonitorId, MonitorState, Span
from fairlead.store import evaluations, monitor_states, monitors, schema
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.usecases.observe import Observer
from fairlead.usecases.tell_states import StatesTold, tell_states
from fairlead.usecases.trigger_evaluations import (
    EvaluationWanted,
    InlineRules,
    RuleWanted,
    trigger_evaluations,
)
from tests.databases import a_postgresql

PROMISED_S: Final = 2.0
ORG: Final = organisation_id(DEFAULT_ORGANISATION)
ME: Final = Author("bench", "bench")
MONITORS: Final = 200
SERVICES: Final = 50
WATCHED_S: Final = 20
PATIENCE_S: Final = 60


def main() -> int:
    """Measure, print, and say whether the promise is kept."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="fairlead-gates-") as name, _database(asked, Path(name)) as url:
        ledger = Ledger(url)
        schema.migrate(ledger.engine)
        ledger.write(_put, [_monitor(number) for number in range(1, MONITORS + 1)])
        with _worker(url, Path(name)):
            triggered, took_s = _trigger(ledger, asked.evaluations)
            lateness_s: list[float] = []
            watching = threading.Thread(target=_watched, args=(ledger, triggered, lateness_s))
            watching.start()
            flaps = _flap_until(ledger, watching)
            watching.join()
        yardstick_s = _yardstick_s(ledger, triggered)
        ledger.close()
    lateness_s.sort()
    worst, middle = lateness_s[-1], lateness_s[len(lateness_s) // 2]
    print(f"{asked.evaluations} evaluations triggered in {took_s:.2f} s; {flaps} changes of state meanwhile")
    print(f"deciding all in one round, in this process  {yardstick_s:6.2f} s")
    print(f"told after the deadline:    half within     {middle:6.2f} s")
    print(f"                            all within      {worst:6.2f} s (at most {PROMISED_S})")
    return int(worst > PROMISED_S)


def _trigger(ledger: Ledger, number: int) -> tuple[list[Evaluation], float]:
    """Trigger so many evaluations that all end at one instant; return them and how long it took."""
    started_s = time.perf_counter()
    ends_at = time.time_ns() + WATCHED_S * NS_PER_S
    triggered: list[Evaluation] = []
    for place in range(number):
        # All of them end at one instant, so the later ones watch a little less.
        at = ends_at - WATCHED_S * NS_PER_S
        options = RuleOptions(query=f"service:service-{place % SERVICES}", duration_s=WATCHED_S)
        rule = RuleWanted(name="monitors", kind=RuleKind.MONITOR, options=options, dry_run=False)
        wanted = EvaluationWanted(
            org_id=ORG,
            service="shop",
            env="prod",
            identifier="default",
            inline=InlineRules(rules=(rule,), dry_run=False),
            by=ME,
            at=at,
            chance=secrets.token_bytes(10),
        )
        triggered.append(ledger.write(trigger_evaluations, wanted))
    return triggered, time.perf_counter() - started_s


def _flap_until(ledger: Ledger, watching: threading.Thread) -> int:
    """Let a monitor that nothing watches change its state until all are told; return how often it did."""
    changes = 0
    while watching.is_alive():
        now = time.time_ns()
        state = MonitorState.ALERT if changes % 2 else MonitorState.OK
        span = Span(monitor_id=MonitorId(MONITORS), state=state, from_at=now)
        told = StatesTold(org_id=ORG, monitor_id=MonitorId(MONITORS), spans=(span,), at=now)
        ledger.write(tell_states, told)
        changes += 1
        time.sleep(0.1)
    return changes


def _watched(ledger: Ledger, triggered: Sequence[Evaluation], lateness_s: list[float]) -> None:
    """Note for each evaluation how long after its end whoever asks is told."""
    [ends_at] = {rule.until_at for one in triggered for rule in one.rules}
    left = len(triggered)
    patience = time.monotonic() + WATCHED_S + PATIENCE_S
    time.sleep(max(0, (ends_at - time.time_ns()) / NS_PER_S))
    while left:
        undecided = len(ledger.read(evaluations.watching, ORG, RuleKind.MONITOR, time.time_ns()))
        lateness_s += [(time.time_ns() - ends_at) / NS_PER_S] * (left - undecided)
        left = undecided
        assert time.monotonic() < patience, "some are never decided"
        time.sleep(0.02)


def _yardstick_s(ledger: Ledger, triggered: Sequence[Evaluation]) -> float:
    def look(transaction: Transaction) -> None:
        found = evaluations.by_id(transaction, ORG, [one.id for one in triggered]).values()
        watches = [watch_of(rule, one) for one in found for rule in one.rules]
        observer = Observer(transaction, ORG, watches, time.time_ns())
        for watch in watches:
            observer.look(watch)

    started_s = time.perf_counter()
    ledger.read(look)
    return time.perf_counter() - started_s


def _monitor(number: int) -> Monitor:
    # The last one belongs to no service that anything watches.
    service = "elsewhere" if number == MONITORS else f"service-{number % SERVICES}"
    now = time.time_ns()
    return Monitor(
        org_id=ORG,
        id=MonitorId(number),
        kind="service check",
        query="is up",
        name=f"Monitor {number}",
        tags=(f"service:{service}", "env:prod"),
        created_at=now,
        created_by=ME,
        updated_at=now,
    )


def _put(transaction: Transaction, facts: Sequence[Sequence[Monitor]]) -> list[None]:
    for monitor in (one for fact in facts for one in fact):
        monitors.put(transaction, monitor)
        span = Span(monitor_id=monitor.id, state=MonitorState.OK, from_at=monitor.created_at)
        monitor_states.tell(transaction, ORG, span)
    return [None] * len(facts)


@contextmanager
def _worker(url: str, folder: Path) -> Iterator[None]:
    program = str(Path(sys.executable).parent / "fairlead")
    environ = os.environ | {"FAIRLEAD_LOG_LEVEL": "warning"}
    process = subprocess.Popen([program, "work", "--database", url, "--data-dir", str(folder)], env=environ)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _database(asked: argparse.Namespace, folder: Path) -> Iterator[str]:
    if asked.engine == "sqlite":
        yield f"sqlite:///{folder / 'fairlead.db'}"
        return
    with a_postgresql(f"gates{os.getpid()}") as server:
        name = f"gates_{os.getpid()}"
        yield server.create(name)
        server.drop(name)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--evaluations", type=int, default=1_000)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
