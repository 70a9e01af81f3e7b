"""A flood of facts: the writer knows one, and the worker gives way."""

import threading
from collections.abc import Sequence
from typing import Any

from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.writer import Unit
from fairlead.worker.loop import rest_s

WAIT_S = 30


def nothing(_transaction: Transaction, facts: Sequence[Any], /) -> list[None]:
    return [None] * len(facts)


def flood(ledger: Ledger, facts: int) -> None:
    """Have that many facts gather behind one that takes its time."""
    gathered, done = threading.Event(), threading.Event()

    def slowly(transaction: Transaction, facts: Sequence[Any], /) -> list[None]:
        assert gathered.wait(WAIT_S)
        return nothing(transaction, facts)

    ledger.writer.submit(Unit(slowly, None, lambda _units: None))
    for _ in range(facts):
        ledger.writer.submit(Unit(nothing, None, lambda _units: done.set()))
    gathered.set()
    assert done.wait(WAIT_S)
    # One more, so that the commit of those before is counted.
    ledger.write(nothing, None)


def test_in_a_flood_the_worker_rests_longer(ledger: Ledger) -> None:
    calm = rest_s(0.05, ledger.writer.company)

    flood(ledger, 200)

    assert rest_s(0.05, ledger.writer.company) > calm


def test_a_flood_is_over_when_facts_come_singly_again(ledger: Ledger) -> None:
    calm = rest_s(0.05, ledger.writer.company)
    flood(ledger, 200)

    for _ in range(40):
        ledger.write(nothing, None)

    assert calm == rest_s(0.05, ledger.writer.company)
