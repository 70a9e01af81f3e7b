"""What deployments have in common is noted once in a flood, and never taken for noted when it was undone."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import Deployment
from fairlead.store import kinds, tables
from fairlead.store.engine import Transaction, WritingConnection
from fairlead.store.ledger import Ledger
from tests.factories import a_deployment
from tests.waiting import became


@pytest.fixture
def connection(ledger: Ledger) -> Iterator[WritingConnection]:
    kept = WritingConnection(ledger.engine)
    yield kept
    kept.release()


@pytest.fixture
def fact(org_id: OrgId) -> Deployment:
    return a_deployment(org_id=org_id, service="cart", tags=("region:eu",))


def note(connection: WritingConnection, *facts: Deployment) -> None:
    with connection.writing() as transaction:
        kinds.note(transaction, facts)


def noted(ledger: Ledger) -> list[tuple[str, str]]:
    """Return the services of kinds, with each of their tags."""
    k, t = tables.deployment_kinds.c, tables.deployment_kind_tags.c
    wanted = select(k.service, t.tag).where(k.kind == t.kind, k.org_id == t.org_id).order_by(t.tag)
    return ledger.read(lambda transaction: [(row[0], row[1]) for row in transaction.execute(wanted)])


def test_what_a_kept_connection_has_noted_stays_noted(
    ledger: Ledger, connection: WritingConnection, fact: Deployment
) -> None:
    note(connection, fact)
    note(connection, fact)

    assert [("cart", "region:eu")] == noted(ledger)


def test_a_new_tag_of_a_kind_that_was_noted_is_noted(
    ledger: Ledger, connection: WritingConnection, org_id: OrgId, fact: Deployment
) -> None:
    note(connection, fact)
    note(connection, fact, a_deployment(org_id=org_id, service="cart", tags=("region:eu", "region:us")))

    assert [("cart", "region:eu"), ("cart", "region:us")] == noted(ledger)


def test_what_was_undone_with_its_transaction_is_noted_the_next_time(
    ledger: Ledger, connection: WritingConnection, fact: Deployment
) -> None:
    with pytest.raises(KeyError), connection.writing() as transaction:
        stumble_after_noting(transaction, fact)

    note(connection, fact)

    assert [("cart", "region:eu")] == noted(ledger)


def test_what_was_undone_alone_is_noted_the_next_time(
    ledger: Ledger, connection: WritingConnection, fact: Deployment
) -> None:
    with connection.writing() as transaction, pytest.raises(KeyError), transaction.begin_nested():
        stumble_after_noting(transaction, fact)

    note(connection, fact)

    assert [("cart", "region:eu")] == noted(ledger)


def test_the_writer_lets_go_of_its_connection_when_nothing_more_comes(
    ledger: Ledger, fact: Deployment
) -> None:
    ledger.write(note_and_count, fact)

    assert became(lambda: "Current Checked out connections: 0" in ledger.engine.pool.status(), 10)


def note_and_count(transaction: Transaction, facts: Sequence[Any]) -> Sequence[int]:
    kinds.note(transaction, facts)
    return [len(facts)]


def stumble_after_noting(transaction: Transaction, fact: Deployment) -> None:
    kinds.note(transaction, [fact])
    raise KeyError
