"""Lists of attempts: how many statements a page takes, and totals that are remembered but never stale."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import event

from fairlead.domain.access import OrgId
from fairlead.domain.attempts import AttemptEvent, AttemptKind, Correction, EventType, Series
from fairlead.domain.deployments import Deployment, DeploymentType, Outcome
from fairlead.domain.insights import ListPage, Territory
from fairlead.store import deployments, kind_counts, territories
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.store.segments import NS_PER_DAY
from fairlead.usecases.correct_attempts import AttemptCorrected, correct_attempts
from fairlead.usecases.find_attempts import Expanded, find_attempts
from fairlead.usecases.record_attempts import record_attempts
from fairlead.usecases.record_deployments import record_deployments
from tests.factories import MINUTE_NS, NOON, a_deployment, a_sha
from tests.linking import work_off

DAYS = 12
BOTH = Expanded(pull_requests=True, flag_references=True)


@contextmanager
def counted(ledger: Ledger) -> Iterator[list[str]]:
    """Gather the statements that are executed meanwhile."""
    told: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.append(statement)

    event.listen(ledger.engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(ledger.engine, "before_cursor_execute", note)


def page(org_id: OrgId, **changes: Any) -> ListPage:
    """Return a page of production, twelve days before noon and after."""
    fields: dict[str, Any] = {
        "territory": Territory(org_id=org_id, project_key="default", env="prod"),
        "from_at": NOON - DAYS * NS_PER_DAY,
        "until_at": NOON + DAYS * NS_PER_DAY,
        "limit": 100,
    }
    return ListPage(**fields | changes)


def tell(ledger: Ledger, org_id: OrgId, number: int) -> None:
    """Tell of so many deployments, and of a tenth as many attempts that failed."""
    facts = [
        a_deployment(
            org_id=org_id,
            id=f"d-{place}",
            finished_at=NOON - place * 3 * MINUTE_NS,
            commit_sha=a_sha(place),
            service=f"service-{place % 5}",
        )
        for place in range(number)
    ]
    ledger.write(_record_all, facts)
    series = [Series(org_id, "default", "prod", "web", f"v{place}") for place in range(number // 10)]
    for one in series:
        failed = AttemptEvent(series=one, type=EventType.FAILED, at=NOON, received_at=NOON)
        ledger.write(record_attempts, failed)


def _record_all(transaction: Any, lots: Any) -> list[Any]:
    """Record lots of deployments, each of which is one fact to the writer."""
    return [record_deployments(transaction, lot) for lot in lots]


@pytest.mark.parametrize("expanded", [Expanded(), BOTH])
def test_statements_do_not_grow_with_the_page(ledger: Ledger, org_id: OrgId, expanded: Expanded) -> None:
    tell(ledger, org_id, 120)
    numbers = []
    for limit in (5, 10, 100):
        with counted(ledger) as told:
            found = ledger.read(find_attempts, page(org_id, limit=limit), expanded)
        assert (limit, 132) == (len(found.items), found.total)
        numbers.append(len(told))

    # A page that holds all of something spares the counting of it.
    assert max(numbers) == numbers[0], numbers
    assert numbers[0] < 40


def total(ledger: Ledger, org_id: OrgId, **changes: Any) -> int:
    """Return how many attempts a list says there are."""
    return ledger.read(find_attempts, page(org_id, limit=1, **changes), Expanded()).total


def test_totals_are_remembered_and_never_stale(ledger: Ledger, org_id: OrgId) -> None:
    facts = [
        a_deployment(org_id=org_id, finished_at=NOON - day * NS_PER_DAY) for day in range(DAYS) for _ in "ab"
    ]
    ledger.write(_record_all, facts)
    work_off(ledger)

    assert [24, 24] == [total(ledger, org_id) for _ in range(2)]
    with counted(ledger) as told:
        total(ledger, org_id)
    assert not [one for one in told if "GROUP BY day" in one]
    late = a_deployment(org_id=org_id, id="late", finished_at=NOON - 5 * NS_PER_DAY)
    elsewhere = a_deployment(org_id=org_id, env="dev", finished_at=NOON - 5 * NS_PER_DAY)
    ledger.write(_record_all, [late, elsewhere])
    assert 25 == total(ledger, org_id)
    work_off(ledger)
    assert [25, 25] == [total(ledger, org_id) for _ in range(2)]
    assert 13 == total(ledger, org_id, from_at=NOON - 5 * NS_PER_DAY)
    assert 12 == total(ledger, org_id, from_at=NOON - 5 * NS_PER_DAY + 1, until_at=NOON) + 2


def test_a_short_window_is_counted_anew(ledger: Ledger, org_id: OrgId) -> None:
    ledger.write(_record_all, [a_deployment(org_id=org_id)])
    work_off(ledger)

    assert None is ledger.read(kind_counts.count, org_id, [1], (NOON - NS_PER_DAY, NOON))
    assert None is ledger.read(kind_counts.count, org_id, [1], (NOON + NS_PER_DAY, NOON + 9 * NS_PER_DAY))


def _correct(ledger: Ledger, org_id: OrgId, uuid: str, kind: AttemptKind) -> None:
    told = AttemptCorrected(
        org_id=org_id, uuid=uuid, correction=Correction(kind=kind), at=NOON, by="somebody"
    )
    assert [None] == [ledger.write(correct_attempts, told)]


def test_the_few_of_a_kind_are_found_and_counted_among_the_many(ledger: Ledger, org_id: OrgId) -> None:
    def one(number: int) -> Deployment:
        at = NOON - number * NS_PER_DAY // 6
        return a_deployment(org_id=org_id, id=f"d-{number:02}", finished_at=at, service=f"s-{number % 2}")

    ledger.write(_record_all, [one(number) for number in range(6 * DAYS)])
    work_off(ledger)
    back = Outcome(deployment_type=DeploymentType.ROLLBACK)
    few = {f"d-{number:02}": back for number in (3, 4, 17, 40, 41, 42, 60, 65)}
    with writing(ledger.engine) as transaction:
        deployments.put_outcomes(transaction, org_id, few)
    work_off(ledger)
    every = ledger.read(find_attempts, page(org_id), Expanded()).items
    _correct(ledger, org_id, every[17].listed.uuid, AttemptKind.DEPLOYMENT)
    _correct(ledger, org_id, every[50].listed.uuid, AttemptKind.ROLLBACK)

    told = [3, 4, 40, 41, 42, 50, 60, 65]
    assert told == _numbers(ledger, page(org_id, kind=AttemptKind.ROLLBACK))
    assert [64, 8] == [
        total(ledger, org_id, kind=kind) for kind in (AttemptKind.DEPLOYMENT, AttemptKind.ROLLBACK)
    ]
    for place in told:
        edge = every[place].listed.at, every[place].listed.id
        asked = page(org_id, kind=AttemptKind.ROLLBACK, limit=2)
        assert [number for number in told if number > place][:2] == _numbers(ledger, asked, after=edge)
        assert [number for number in told if number < place][-2:] == _numbers(ledger, asked, before=edge)


def _numbers(ledger: Ledger, asked: ListPage, **beyond: Any) -> list[int]:
    found = ledger.read(find_attempts, replace(asked, **beyond), Expanded())
    return [int(one.listed.id.removeprefix("d-")) for one in found.items]


def test_of_the_few_of_a_kind_only_their_days_are_looked_at(ledger: Ledger, org_id: OrgId) -> None:
    facts = [
        a_deployment(org_id=org_id, id=f"d-{day}", finished_at=NOON - day * NS_PER_DAY) for day in range(9)
    ]
    ledger.write(_record_all, facts)
    work_off(ledger)
    with writing(ledger.engine) as transaction:
        outcome = Outcome(deployment_type=DeploymentType.ROLLBACK)
        deployments.put_outcomes(transaction, org_id, {"d-2": outcome, "d-6": outcome})
    work_off(ledger)
    kinds = ledger.read(territories.kind_numbers, page(org_id).territory)

    def places(*, enough: int, newest_first: bool) -> list[int]:
        window = (NOON - 9 * NS_PER_DAY, NOON)
        found = ledger.read(
            kind_counts.places_of, org_id, kinds, "rollback", window, enough=enough, newest_first=newest_first
        )
        assert found is not None
        return [NOON // NS_PER_DAY - start // NS_PER_DAY for _, start, _ in found]

    assert [2, 6] == [day for day in places(enough=2, newest_first=True) if day < 9]
    assert [2] == places(enough=1, newest_first=True)
    assert 2 not in places(enough=1, newest_first=False)
