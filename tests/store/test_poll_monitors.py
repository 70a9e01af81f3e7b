"""Polling on both engines: what an answer or its absence becomes, and that one that hangs stops nothing."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from fairlead.domain.monitors import KnownMonitor
from fairlead.domain.promql import Series, Unanswered
from fairlead.store import work
from fairlead.store.ledger import Ledger
from fairlead.usecases.create_monitors import MonitorWanted, create_monitors
from fairlead.usecases.delete_monitors import MonitorNamed, delete_monitors
from fairlead.usecases.find_monitors import get_monitor
from fairlead.usecases.poll_monitors import KINDS
from fairlead.worker import polling
from tests import waiting
from tests.gate_factories import ORG, a_monitor, after

EVERY_S = 15
PATIENCE_S = 60


class Scripted:
    """Answers each query with what it is told to, or hangs where it is told nothing."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.is_closed = False

    async def ask(self, query: str) -> Sequence[Series]:
        self.asked.append(query)
        if query not in self.answers:
            await asyncio.Event().wait()
        answer = self.answers[query]
        if isinstance(answer, Unanswered):
            raise answer
        return [Series(labels, value) for labels, value in answer]

    async def close(self) -> None:
        self.is_closed = True


def polled(ledger: Ledger, asker: Scripted, at_s: float, until: Callable[[], bool]) -> None:
    """Run the poller, with the clock standing still, until it is so."""

    async def until_so() -> None:
        stop = asyncio.Event()
        running = asyncio.create_task(polling.run(ledger, stop, asker, EVERY_S, lambda: after(at_s)))
        is_so = await asyncio.to_thread(waiting.became, until, PATIENCE_S)
        stop.set()
        await running
        assert is_so

    asyncio.run(until_so())


def groups_are(ledger: Ledger, known: KnownMonitor, **expected: tuple[str, str]) -> Callable[[], bool]:
    """Return the question whether groups are as expected; `pod_a` stands for `pod:a`, `all` for no group."""
    wanted = {"" if name == "all" else name.replace("_", ":"): state for name, state in expected.items()}
    return lambda: states(ledger, known) == wanted


def a_polled(ledger: Ledger, query: str, **changes: Any) -> KnownMonitor:
    told = a_monitor(kind="query alert", query=query, created_at=after(0), **changes)
    created: KnownMonitor = ledger.write(create_monitors, MonitorWanted(monitor=told, chance=query.encode()))
    return created


def states(ledger: Ledger, known: KnownMonitor) -> dict[str, tuple[str, str]]:
    seen = ledger.read(get_monitor, ORG, known.monitor.id, after(10_000))
    return {span.group: (span.state.value, span.reason) for span in seen.spans}


def test_each_series_is_a_group_and_one_that_is_gone_ends(ledger: Ledger) -> None:
    known = a_polled(ledger, "x > 5")
    first, second = ({"pod": "a"}, 9.0), ({"pod": "b"}, 1.0)

    is_so = groups_are(ledger, known, pod_a=("alert", "9 > 5"), pod_b=("ok", "value 1"))
    polled(ledger, Scripted(x=[first, second]), 1, is_so)
    is_so = groups_are(ledger, known, pod_b=("ok", "value 1"), pod_c=("ok", "value 2"))
    polled(ledger, Scripted(x=[({"pod": "b"}, 2.0), ({"pod": "c"}, 2.0)]), 17, is_so)


def test_without_an_answer_every_group_has_no_data_and_comes_back(ledger: Ledger) -> None:
    known = a_polled(ledger, "x > 5")
    answer = Scripted(x=[({"pod": "a"}, 9.0)])
    polled(ledger, answer, 1, groups_are(ledger, known, pod_a=("alert", "9 > 5")))

    reason = "Prometheus cannot be reached"
    is_so = groups_are(ledger, known, pod_a=("no_data", reason))
    polled(ledger, Scripted(x=Unanswered(reason)), 17, is_so)
    polled(ledger, answer, 40, groups_are(ledger, known, pod_a=("alert", "9 > 5")))


def test_without_any_answer_ever_the_whole_monitor_has_no_data(ledger: Ledger) -> None:
    known = a_polled(ledger, "x > 5")

    is_so = groups_are(ledger, known, all=("no_data", "the query is refused: no"))
    polled(ledger, Scripted(x=Unanswered("the query is refused: no")), 1, is_so)


def test_one_that_hangs_holds_up_no_other(ledger: Ledger) -> None:
    a_polled(ledger, "hangs > 5")
    known = a_polled(ledger, "x > 5")
    asker = Scripted(x=[({}, 9.0)])

    polled(ledger, asker, 1, groups_are(ledger, known, all=("alert", "9 > 5")))

    assert ["hangs", "x"] == sorted(asker.asked)
    assert asker.is_closed


def test_a_monitor_that_was_deleted_is_not_asked_for_any_more(ledger: Ledger) -> None:
    known = a_polled(ledger, "x > 5")
    ledger.write(delete_monitors, MonitorNamed(org_id=ORG, monitor_id=known.monitor.id, at=after(1)))
    asker = Scripted()

    polled(ledger, asker, 2, lambda: not ledger.read(work.is_due, now=after(1e6), kinds=KINDS))

    assert [] == asker.asked


@pytest.mark.parametrize("kind", ["service check", "event-v2 alert"])
def test_monitors_of_other_types_are_not_asked_for(ledger: Ledger, kind: str) -> None:
    told = a_monitor(kind=kind, query="x > 5", created_at=after(0))

    ledger.write(create_monitors, MonitorWanted(monitor=told, chance=b"1"))

    assert not ledger.read(work.is_due, now=after(1e6), kinds=KINDS)
