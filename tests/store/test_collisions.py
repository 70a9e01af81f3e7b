"""Two processes that write to one PostgreSQL and stand in each other's way."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from psycopg.errors import SerializationFailure

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Unavailable
from fairlead.store import writer as writer_room
from fairlead.store.engine import Transaction, WritingConnection, open_engine, writing
from fairlead.store.holding import hold_facts
from fairlead.store.ledger import Ledger
from fairlead.store.writer import MOST_TRIES, Unit, Verb
from tests.databases import PostgreSQL

ORG_ID = OrgId(1)
WAIT_S = 20


@pytest.fixture
def two(postgresql: PostgreSQL) -> Iterator[tuple[Ledger, Ledger]]:
    """The ledgers of two processes on one database."""
    name = f"two_{uuid4().hex}"
    url = postgresql.create(name)
    one, other = Ledger(url), Ledger(url)
    yield one, other
    one.close()
    other.close()
    postgresql.drop(name)


class Crossing:
    """A verb that takes two locks, and waits between them for somebody who takes them the other way round."""

    def __init__(self, first: str, second: str, both_hold_one: threading.Barrier) -> None:
        self.names = first, second
        self.tries = 0
        self._both_hold_one = both_hold_one

    def __call__(self, transaction: Transaction, facts: Sequence[Any], /) -> list[str]:
        self.tries += 1
        first, second = self.names
        hold_facts(transaction, "test", [(ORG_ID, first)])
        if self.tries == 1:
            self._both_hold_one.wait(WAIT_S)
        hold_facts(transaction, "test", [(ORG_ID, second)])
        return ["done" for _ in facts]


def test_of_two_that_wait_for_each_other_one_tries_again(two: tuple[Ledger, Ledger]) -> None:
    barrier = threading.Barrier(2)
    verbs = Crossing("a", "b", barrier), Crossing("b", "a", barrier)

    with ThreadPoolExecutor(2) as processes:
        results = list(processes.map(lambda ledger, verb: ledger.write(verb, None), two, verbs))

    assert ["done", "done"] == results
    assert [1, 2] == sorted(verb.tries for verb in verbs)


def test_a_server_that_keeps_transactions_serial_by_default_changes_nothing(postgresql: PostgreSQL) -> None:
    name = f"serial_{uuid4().hex}"
    url = postgresql.create(name)
    engine = open_engine(url)
    with writing(engine) as transaction:
        statement = f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"
        transaction.exec_driver_sql(statement)
    engine.dispose()

    with writing(engine) as transaction:
        level = transaction.exec_driver_sql("SHOW transaction_isolation").scalar_one()

    assert "read committed" == level
    engine.dispose()
    postgresql.drop(name)


class Colliding:
    """A verb that collides a number of times, as databases that keep transactions serial have it."""

    def __init__(self, times: int, *, only_alone: bool) -> None:
        self._times = times
        self._only_alone = only_alone

    def __call__(self, transaction: Transaction, facts: Sequence[Any], /) -> list[Any]:
        if len(facts) > 1 and self._only_alone:
            raise ValueError("a fact among them is bad")
        if "bad" in facts:
            raise ValueError("a bad fact")
        if self._times:
            self._times -= 1
            transaction.exec_driver_sql("SELECT 1")
            raise SerializationFailure
        return [f"{fact} is kept" for fact in facts]


@pytest.mark.parametrize("only_alone", [False, True])
def test_a_collision_is_not_the_fault_of_the_facts(two: tuple[Ledger, Ledger], only_alone: bool) -> None:
    verb = Colliding(MOST_TRIES - 1, only_alone=only_alone)
    facts = ["a", "bad", "b"] if only_alone else ["a", "b"]

    units = written_together(two[0], verb, facts)

    assert ["a is kept", "b is kept"] == [unit.result for unit in units if unit.fact != "bad"]
    assert [ValueError] * only_alone == [type(unit.error) for unit in units if unit.fact == "bad"]


@pytest.mark.parametrize("only_alone", [False, True])
def test_who_collides_again_and_again_may_try_later(two: tuple[Ledger, Ledger], only_alone: bool) -> None:
    units = written_together(two[0], Colliding(MOST_TRIES, only_alone=only_alone), ["a", "b"])

    assert [Unavailable, Unavailable] == [type(unit.error) for unit in units]


def written_together(ledger: Ledger, verb: Verb, facts: Sequence[str]) -> list[Unit]:
    """Write facts as one batch and return what became of each."""
    units = [Unit(verb, fact, lambda _units: None) for fact in facts]
    connection = WritingConnection(ledger.engine)
    writer_room._write(connection, units)
    connection.release()
    return units


def test_who_holds_a_fact_makes_others_wait_for_it_and_for_nothing_else(two: tuple[Ledger, Ledger]) -> None:
    one, other = two
    holding, done = threading.Event(), threading.Event()

    def hold_long(transaction: Transaction, facts: Sequence[Any]) -> list[None]:
        hold_facts(transaction, "test", [(ORG_ID, "a")])
        holding.set()
        assert done.wait(WAIT_S)
        return [None for _ in facts]

    def hold(transaction: Transaction, facts: Sequence[Any]) -> list[None]:
        hold_facts(transaction, facts[0][0], [facts[0][1]])
        return [None for _ in facts]

    with ThreadPoolExecutor(2) as processes:
        long = processes.submit(one.write, hold_long, None)
        assert holding.wait(WAIT_S)
        for free in (("test", (ORG_ID, "b")), ("test", (OrgId(2), "a")), ("other", (ORG_ID, "a"))):
            other.write(hold, free)
        waiting = processes.submit(other.write, hold, ("test", (ORG_ID, "a")))
        assert not waiting.done()
        done.set()
        long.result(WAIT_S)
        waiting.result(WAIT_S)


def test_a_batch_is_written_while_another_takes_its_time(two: tuple[Ledger, Ledger]) -> None:
    writer, told = two[0].writer, threading.Event()
    began, may_end = threading.Event(), threading.Event()

    def slowly(_transaction: Transaction, facts: Sequence[Any], /) -> list[None]:
        began.set()
        assert may_end.wait(WAIT_S)
        return [None] * len(facts)

    def at_once(_transaction: Transaction, facts: Sequence[Any], /) -> list[None]:
        return [None] * len(facts)

    writer.submit(Unit(slowly, None, lambda _units: None))
    assert began.wait(WAIT_S)
    writer.submit(Unit(at_once, None, lambda _units: told.set()))

    assert told.wait(WAIT_S)
    may_end.set()
