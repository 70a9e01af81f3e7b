"""Facts that come in one moment of an event loop: one commit, and an answer to each."""

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

from fairlead.domain.errors import Rejected, Unavailable
from fairlead.intake.gathering import ENOUGH, Gathering
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger


class Recorder:
    """A verb that keeps what each call was told, and refuses what is negative."""

    def __init__(self) -> None:
        self.calls: list[Sequence[int]] = []

    def __call__(self, _transaction: Transaction, facts: Sequence[int], /) -> list[Any]:
        self.calls.append(list(facts))
        return [Rejected("negative") if fact < 0 else 2 * fact for fact in facts]


def told(ledger: Ledger, verb: Recorder, facts: Sequence[int]) -> list[Any]:
    """Return what becomes of each of `facts`, told by as many tasks at once."""

    async def all_at_once() -> list[Any]:
        gathering = Gathering(ledger.writer)

        async def one(fact: int) -> Any:
            return await gathering.add(verb, fact)

        return await asyncio.gather(*map(one, facts), return_exceptions=True)

    return asyncio.run(all_at_once())


def test_facts_of_one_moment_share_a_commit(ledger: Ledger) -> None:
    verb = Recorder()
    facts = range(ENOUGH - 1)

    results = told(ledger, verb, facts)

    assert [2 * fact for fact in facts] == results
    assert [list(facts)] == verb.calls


def calls_while_one_is_written(ledger: Ledger, facts: Sequence[int]) -> list[Sequence[int]]:
    """Return what each call was told where all but the first of `facts` come while that is written."""
    started, may_end = threading.Event(), threading.Event()

    class Slow(Recorder):
        def __call__(self, transaction: Transaction, facts: Sequence[int], /) -> list[Any]:
            started.set()
            assert may_end.wait(30)
            return super().__call__(transaction, facts)

    verb = Slow()

    async def one_after_the_other() -> None:
        gathering = Gathering(ledger.writer)
        waiting = [gathering.add(verb, facts[0])]
        await asyncio.to_thread(started.wait, 30)
        for fact in facts[1:]:
            waiting.append(gathering.add(verb, fact))
            for _ in range(5):
                await asyncio.sleep(0)
        may_end.set()
        await asyncio.gather(*waiting)

    asyncio.run(one_after_the_other())
    return verb.calls


def test_facts_that_come_while_others_are_written_share_the_next_commit(ledger: Ledger) -> None:
    assert [[0], [1, 2, 3]] == calls_while_one_is_written(ledger, range(4))


def test_when_enough_have_come_they_do_not_wait_to_be_joined_by_more(ledger: Ledger) -> None:
    first, enough, more = calls_while_one_is_written(ledger, range(ENOUGH + 3))

    assert [0] == first
    assert list(range(1, ENOUGH + 1)) == enough
    assert [ENOUGH + 1, ENOUGH + 2] == more


def test_more_than_one_commit_takes_at_once_are_all_answered(ledger: Ledger) -> None:
    verb = Recorder()

    results = told(ledger, verb, range(700))

    assert [2 * fact for fact in range(700)] == results
    assert list(range(700)) == sorted(fact for call in verb.calls for fact in call)


def test_a_refused_fact_is_refused_alone(ledger: Ledger) -> None:
    first, refused, last = told(ledger, Recorder(), [1, -1, 2])

    assert (2, 4) == (first, last)
    assert isinstance(refused, Rejected)


def test_whoever_comes_after_the_end_is_told_so(ledger: Ledger) -> None:
    ledger.writer.close()

    [answer] = told(ledger, Recorder(), [1])

    assert isinstance(answer, Unavailable)


def test_what_is_gathered_can_be_handed_over_at_once(ledger: Ledger) -> None:
    async def closed_behind() -> Any:
        gathering = Gathering(ledger.writer)
        waiting = gathering.add(Recorder(), 21)
        gathering.hand_over()
        await asyncio.to_thread(ledger.writer.close)
        return await waiting

    assert 42 == asyncio.run(closed_behind())
