"""What stands right before and after deployments, for more of them than one statement takes."""

import random

from fairlead.domain.access import OrgId
from fairlead.domain.links import Deployed
from fairlead.store import marks, neighbours
from fairlead.store.engine import reading, writing
from fairlead.store.ledger import Ledger
from fairlead.store.links import Key
from fairlead.usecases.record_deployments import record_deployments
from tests.factories import MINUTE_NS, NOON, a_deployment
from tests.store.test_insights_pages import counted

HOW_MANY = 130
CHOICE = random.Random(4)


def deployed(ledger: Ledger, org_id: OrgId) -> list[Deployed]:
    """Record deployments of a few services, environments and teams, many of them ending at one instant."""
    facts = [
        a_deployment(
            org_id=org_id,
            service=CHOICE.choice(("cart", "search")),
            env=CHOICE.choice(("prod", "staging")),
            team=CHOICE.choice(("web", "search", "")),
            finished_at=NOON + CHOICE.randrange(12) * MINUTE_NS,
            **({"commit_sha": "", "repository_id": ""} if CHOICE.random() < 0.2 else {}),
        )
        for _ in range(HOW_MANY)
    ]
    with writing(ledger.engine) as transaction:
        record_deployments(transaction, facts)
    return [fact.place for fact in facts]


def place(one: Deployed) -> tuple[int, int, str]:
    return one.finished_at, one.started_at, one.id


def right_before(one: Deployed, others: list[Deployed], *, with_git: bool) -> Deployed | None:
    like = [
        other
        for other in others
        if (other.service, other.env) == (one.service, one.env) and place(other) < place(one)
        if not with_git or (other.commit_sha and other.repository_id == one.repository_id)
    ]
    return max(like, key=place, default=None)


def pairs(found: dict[Key, Deployed]) -> set[tuple[str, str]]:
    return {(key[1], other.id) for key, other in found.items()}


def test_whoever_stands_right_before_is_found_for_each(ledger: Ledger, org_id: OrgId) -> None:
    ones = deployed(ledger, org_id)
    expected = {one.id: right_before(one, ones, with_git=False) for one in ones}

    with reading(ledger.engine) as transaction:
        found = neighbours.before(transaction, ones)

    assert {(id, other.id) for id, other in expected.items() if other} == pairs(found)


def test_whoever_stands_right_before_with_git_is_found_for_each(ledger: Ledger, org_id: OrgId) -> None:
    ones = deployed(ledger, org_id)
    with_git = [one for one in ones if one.commit_sha]
    expected = {one.id: right_before(one, ones, with_git=True) for one in with_git}

    with reading(ledger.engine) as transaction:
        found = neighbours.previous(transaction, with_git)

    assert {(id, other.id) for id, other in expected.items() if other} == pairs(found)


def test_after_is_the_reverse_of_before(ledger: Ledger, org_id: OrgId) -> None:
    ones = deployed(ledger, org_id)

    with reading(ledger.engine) as transaction:
        before, after = neighbours.before(transaction, ones), neighbours.after(transaction, ones)

    assert {(other, id) for id, other in pairs(before)} == pairs(after)


def test_a_mark_is_found_where_it_comes_closest(ledger: Ledger, org_id: OrgId) -> None:
    ones = sorted(deployed(ledger, org_id), key=place)
    there = ones[10]
    mark = marks.mark(there, "version", "1.4.2")
    with writing(ledger.engine) as transaction:
        marks.put(transaction, [(there, {mark})])

        found = neighbours.marked(transaction, org_id, [(one, mark) for one in ones], before=True)

    assert {(one.id, mark): there.id for one in ones[11:]} == found


def test_nothing_of_another_organisation_is_near(ledger: Ledger, org_id: OrgId) -> None:
    ones = deployed(ledger, org_id)
    strangers = deployed(ledger, OrgId(org_id + 1))

    with reading(ledger.engine) as transaction:
        found = neighbours.before(transaction, [*ones, *strangers])

    assert all(org == other.org_id for (org, _), other in found.items())


def test_as_many_statements_are_asked_for_one_as_for_many(ledger: Ledger, org_id: OrgId) -> None:
    ones = deployed(ledger, org_id)
    numbers, found = [], []
    for some in (ones[:1], ones, ones * 5):
        with counted(ledger) as told, reading(ledger.engine) as transaction:
            found.append(neighbours.before(transaction, some))
        numbers.append(len(told))

    assert 1 == len(set(numbers)), numbers
    assert found[1] == found[2]
