"""Recomputing attempts from their events and corrections comes to what was worked out as they arrived."""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from fairlead.domain.access import OrgId
from fairlead.domain.attempts import AttemptEvent, AttemptKind, AttemptStatus, Correction, EventType, Series
from fairlead.search.parse import parse
from fairlead.store.engine import Transaction, writing
from fairlead.store.ledger import Ledger
from fairlead.store.tables import FACT_COLUMNS, attempts, deployments
from fairlead.usecases.correct_attempts import AttemptCorrected, correct_attempts
from fairlead.usecases.recompute import Recompute, recompute
from fairlead.usecases.record_attempts import record_attempts
from tests.factories import MINUTE_NS, NOON
from tests.linking import LATER
from tests.search_records import a_new_organisation

VERSIONS = ["v1", "v2"]
Told = tuple[str, EventType, int]


def events() -> st.SearchStrategy[Told]:
    """The version, what it tells, and the minute."""
    return st.tuples(st.sampled_from(VERSIONS), st.sampled_from(EventType), st.integers(0, 9))


def corrections() -> st.SearchStrategy[Correction]:
    """What somebody may say by hand."""
    return st.builds(
        Correction,
        status=st.none() | st.sampled_from(AttemptStatus),
        kind=st.none() | st.sampled_from(AttemptKind),
        ended_at=st.none() | st.just(NOON + 20 * MINUTE_NS),
        archived=st.none() | st.booleans(),
    )


@given(told=st.lists(events() | st.tuples(st.integers(0, 9), corrections()), min_size=1, max_size=12))
@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_recomputed_attempts_are_those_that_came_about_event_by_event(
    ledger: Ledger, told: list[Any]
) -> None:
    org_id = a_new_organisation()
    for place, one in enumerate(told):
        if isinstance(one[0], str):
            series = Series(org_id, "default", "production", "shop", one[0])
            event = AttemptEvent(series=series, type=one[1], at=NOON + one[2] * MINUTE_NS, received_at=NOON)
            assert ledger.write(record_attempts, event) is None
        elif known := ledger.read(_attempts, org_id):
            uuid = known[one[0] % len(known)][1]
            said = AttemptCorrected(org_id=org_id, uuid=uuid, correction=one[1], at=NOON + place, by="ada")
            assert ledger.write(correct_attempts, said) is None
    before = ledger.read(_attempts, org_id), ledger.read(_deployments, org_id)
    with writing(ledger.engine) as transaction:
        mine = attempts.c.org_id == org_id
        transaction.execute(update(attempts).where(mine).values(status="started", kind="", archived=False))
        transaction.execute(delete(attempts).where(mine, attempts.c.ordinal > 0))
        transaction.execute(delete(deployments).where(deployments.c.org_id == org_id))

    recompute(ledger, Recompute(org_id=org_id, where=parse("")), lambda: LATER, lambda _done, _of: None)

    assert before == (ledger.read(_attempts, org_id), ledger.read(_deployments, org_id))


def _attempts(transaction: Transaction, org_id: OrgId) -> list[tuple[Any, ...]]:
    wanted = select(attempts).where(attempts.c.org_id == org_id).order_by(attempts.c.id)
    return [tuple(row) for row in transaction.execute(wanted)]


def _deployments(transaction: Transaction, org_id: OrgId) -> list[tuple[Any, ...]]:
    c = deployments.c
    # The text of the fact may have gained an event that changed nothing about its attempt.
    wanted = (
        select(*(c[name] for name in FACT_COLUMNS if name != "fact")).where(c.org_id == org_id).order_by(c.id)
    )
    return [tuple(row) for row in transaction.execute(wanted)]
