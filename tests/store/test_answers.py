"""Answers that are remembered: how often they are worked out, and how many are kept."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import event

from fairlead.domain.access import OrgId
from fairlead.store import answers
from fairlead.store.answers import Asked
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.segments import NS_PER_DAY
from fairlead.usecases.delete_deployments import DeploymentNamed, delete_deployments
from fairlead.usecases.record_deployments import record_deployments
from tests.factories import NOON, a_deployment
from tests.linking import work_off


def asker(ledger: Ledger, org_id: OrgId) -> Callable[[str], int]:
    """Return what asks a question about the ten days before noon, and says how often any was worked out."""
    worked_out: list[str] = []

    def ask(transaction: Transaction, question: str) -> str:
        asked = Asked(org_id=org_id, from_at=NOON - 10 * NS_PER_DAY, until_at=NOON, question=question)

        def work_out() -> str:
            worked_out.append(question)
            return question.upper()

        return answers.remembered(transaction, asked, work_out, len)

    def count(question: str) -> int:
        assert question.upper() == ledger.read(ask, question)
        return len(worked_out)

    return count


def test_two_who_ask_at_once_get_what_is_worked_out_once(ledger: Ledger, org_id: OrgId) -> None:
    asked = Asked(org_id=org_id, from_at=NOON - NS_PER_DAY, until_at=NOON, question="which")
    is_begun, is_asked_again = Event(), Event()
    worked_out: list[object] = []

    def work_out() -> object:
        worked_out.append(object())
        is_begun.set()
        assert is_asked_again.wait(30)
        return worked_out[-1]

    def ask() -> object:
        return ledger.read(lambda transaction: answers.remembered(transaction, asked, work_out, lambda _: 1))

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        # What is asked last of how the days stand.
        if is_begun.is_set() and "ticket" in statement:
            is_asked_again.set()

    event.listen(ledger.engine, "after_cursor_execute", note)
    with ThreadPoolExecutor(2) as people:
        first = people.submit(ask)
        assert is_begun.wait(30)
        second = people.submit(ask)

    assert [first.result()] == worked_out == [second.result()]


def test_an_answer_is_worked_out_once_until_a_day_of_it_changes(ledger: Ledger, org_id: OrgId) -> None:
    def tell(id: str, days: int) -> None:
        fact = a_deployment(org_id=org_id, id=id, service=id, finished_at=NOON - days * NS_PER_DAY)
        ledger.write(record_deployments, fact)

    count = asker(ledger, org_id)
    tell("first", 3)
    assert [1, 1, 2, 2] == [count("a"), count("a"), count("b"), count("a")]
    work_off(ledger)
    # From rows or from a segment it is the same, but that is not known of it.
    assert [3, 3] == [count("a"), count("a")]
    tell("second", 3)
    assert [4, 4] == [count("a"), count("a")]
    work_off(ledger)
    assert 5 == count("a")
    tell("outside", 30)
    work_off(ledger)
    assert 5 == count("a")
    ledger.write(delete_deployments, DeploymentNamed(org_id=org_id, id="first", at=NOON))
    assert [6, 6] == [count("a"), count("a")]


def test_what_was_not_asked_for_longest_is_forgotten_first(
    ledger: Ledger, org_id: OrgId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MOST_WEIGHT", 6)
    count = asker(ledger, org_id)

    assert [1, 2, 2] == [count("long"), count("b"), count("long")]
    assert 3 == count("cc")
    assert 3 == count("long")
    assert 4 == count("b")
