"""A flood of facts: the writer knows one, and the worker gives way until it has passed."""

import asyncio
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from fairlead.domain.access import OrgId
from fairlead.store import work
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.writer import Unit
from fairlead.worker import loop
from fairlead.worker.loop import rest_s
from tests.waiting import became

WAIT_S = 30
MANY = 50
CALM = 0.0


def nothing(_transaction: Transaction, facts: Sequence[Any], /) -> list[None]:
    return [None] * len(facts)


def flood(ledger: Ledger, facts: int) -> float:
    """Have that many facts share a commit; return the company that the next one has."""
    company: list[float] = []

    def look(transaction: Transaction, facts: Sequence[Any], /) -> list[None]:
        company.append(ledger.writer.company)
        return nothing(transaction, facts)

    together(ledger, facts)
    ledger.write(look, None)
    return company[-1]


def together(ledger: Ledger, facts: int) -> None:
    written = threading.Event()

    def deliver(_units: Sequence[Unit]) -> None:
        written.set()

    ledger.writer.submit(*(Unit(nothing, None, deliver) for _ in range(facts)))
    assert written.wait(WAIT_S)


def test_in_a_flood_the_worker_rests_longer(ledger: Ledger) -> None:
    assert rest_s(0.05, flood(ledger, 200)) > rest_s(0.05, CALM)


def test_a_flood_is_over_when_facts_come_singly_again(ledger: Ledger) -> None:
    flood(ledger, 200)

    company = [flood(ledger, 1) for _ in range(40)]

    assert rest_s(0.05, company[-1]) == rest_s(0.05, CALM)


def test_a_flood_is_over_when_nothing_comes_any_more(ledger: Ledger) -> None:
    flood(ledger, 200)

    assert became(lambda: ledger.writer.company == CALM, WAIT_S)


def test_the_worker_goes_on_as_soon_as_a_flood_has_passed(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "_REST_PER_WORK_IN_A_FLOOD", math.inf)
    monkeypatch.setattr(loop, "_LONGEST_REST_IN_A_FLOOD_S", 2 * WAIT_S)
    passed = threading.Event()

    with ThreadPoolExecutor() as threads, working(ledger):
        flooding = threads.submit(keep_flooding, ledger, passed)
        try:
            assert became(lambda: ledger.writer.company > MANY / 2, WAIT_S)
            ask(ledger, "first")
            assert became(lambda: not ledger.read(work.waiting), WAIT_S)
            ask(ledger, "second")
        finally:
            passed.set()
        flooding.result()
        assert became(lambda: not ledger.read(work.waiting), WAIT_S)


@contextmanager
def working(ledger: Ledger) -> Iterator[None]:
    """Have a worker look for work meanwhile."""
    stop: list[Callable[[], object]] = []

    async def work_until_told() -> None:
        told = asyncio.Event()
        stop.append(partial(asyncio.get_running_loop().call_soon_threadsafe, told.set))
        await loop.run(ledger, told)

    with ThreadPoolExecutor(1) as thread:
        worked = thread.submit(asyncio.run, work_until_told())
        try:
            yield
        finally:
            assert became(lambda: bool(stop), WAIT_S)
            stop[0]()
        worked.result()


def keep_flooding(ledger: Ledger, passed: threading.Event) -> None:
    while not passed.is_set():
        together(ledger, MANY)


def ask(ledger: Ledger, service: str) -> None:
    """Ask for work that is done at once: no deployment is of that service."""
    item = work.Item(OrgId(1), work.Kind.RELINK_SERVICE, service)

    def verb(transaction: Transaction, items: Sequence[work.Item], /) -> list[None]:
        work.ask(transaction, items, due_at=0)
        return [None] * len(items)

    ledger.write(verb, item)
