"""Pull requests in the database stand as the reports of them add up, whatever their order."""

import threading
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text
from sqlalchemy.exc import DBAPIError

from fairlead.domain.access import OrgId
from fairlead.domain.changes import PullRequest, PullRequestState, RepositoryId, Sha
from fairlead.domain.reports import Account, Opinion, PullRequestReport, Review
from fairlead.store import pull_requests, work
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.store.tables import pull_request_reviews
from fairlead.store.tables import pull_requests as pull_requests_table
from fairlead.usecases.record_pull_requests import record_pull_requests
from tests.factories import MINUTE_NS, NOON, a_report, a_sha

REPOSITORY = RepositoryId("github.com/shopist/checkout")


def record(ledger: Ledger, *reports: PullRequestReport) -> None:
    with writing(ledger.engine) as transaction:
        record_pull_requests(transaction, reports)


def known(ledger: Ledger, org_id: OrgId, number: int = 17) -> PullRequest | None:
    return ledger.read(pull_requests.get, org_id, REPOSITORY, number)


def landed(ledger: Ledger, org_id: OrgId, *shas: Sha) -> list[int]:
    return sorted(one.number for one in ledger.read(pull_requests.landed, org_id, REPOSITORY, shas))


def a_merged(number: int, **changes: object) -> PullRequestReport:
    fields: dict[str, object] = {
        "number": number,
        "state": PullRequestState.MERGED,
        "merged_at": NOON,
        "merge_sha": a_sha(number),
        "head_sha": a_sha(100 + number),
    }
    return a_report(**fields | changes)


# A life of a pull request, with a review that is taken back and clocks that agree.
LIFE = (
    a_report(is_draft=True, author="ada", commits=1),
    a_report(marked_ready=True, updated_at=NOON + MINUTE_NS, labels=("a",), commits=2),
    a_report(updated_at=NOON + MINUTE_NS, labels=("a", "b"), head_sha=a_sha(2)),
    a_report(
        updated_at=NOON + 3 * MINUTE_NS, reviews=(Review("grace", NOON + 2 * MINUTE_NS, Opinion.APPROVED),)
    ),
    a_report(
        updated_at=NOON + 4 * MINUTE_NS, reviews=(Review("grace", NOON + 2 * MINUTE_NS, Opinion.WITHDRAWN),)
    ),
    a_report(
        updated_at=NOON + 6 * MINUTE_NS, reviews=(Review("bob", NOON + 5 * MINUTE_NS, Opinion.APPROVED),)
    ),
    a_merged(17, updated_at=NOON + 7 * MINUTE_NS, merged_at=NOON + 7 * MINUTE_NS, commits=3),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_order_and_the_company_in_which_reports_arrive_change_nothing(
    ledger: Ledger, org_id: OrgId, data: st.DataObject
) -> None:
    told = data.draw(st.permutations([*LIFE, *data.draw(st.lists(st.sampled_from(LIFE), max_size=4))]))
    cuts = sorted(data.draw(st.sets(st.integers(1, len(told) - 1), max_size=4)))
    _empty(ledger)
    for start, end in zip([0, *cuts], [*cuts, len(told)], strict=True):
        record(ledger, *told[start:end])
    found = known(ledger, org_id)

    _empty(ledger)
    record(ledger, *LIFE)
    assert known(ledger, org_id) == found
    assert found is not None
    assert ["bob"] == [approval.reviewer for approval in found.approvals]
    assert (("a", "b"), 3, NOON + MINUTE_NS) == (found.labels, found.commits, found.ready_at)


def test_a_pull_request_that_nobody_told_of_is_none(ledger: Ledger, org_id: OrgId) -> None:
    assert known(ledger, org_id) is None


def test_a_pull_request_comes_back_with_what_was_told_and_no_more(ledger: Ledger, org_id: OrgId) -> None:
    record(ledger, a_report())

    assert known(ledger, org_id) == PullRequest(
        org_id=org_id,
        repository_id=REPOSITORY,
        number=17,
        title="Charge cards through the new gateway",
        opened_at=NOON - 24 * 60 * MINUTE_NS,
        ready_at=NOON - 24 * 60 * MINUTE_NS,
        updated_at=NOON,
    )


def test_those_that_landed_are_found_by_what_the_merge_put_on_the_base_branch(
    ledger: Ledger, org_id: OrgId
) -> None:
    record(ledger, a_merged(1), a_merged(2), a_report(number=3, head_sha=a_sha(3)))

    assert [1, 2] == landed(ledger, org_id, a_sha(1), a_sha(2), a_sha(3), a_sha(101))


def test_without_that_they_are_found_by_their_head(ledger: Ledger, org_id: OrgId) -> None:
    record(ledger, a_merged(1, merge_sha=""))

    assert [1] == landed(ledger, org_id, a_sha(101))


def test_those_that_landed_come_with_their_approvals(ledger: Ledger, org_id: OrgId) -> None:
    review = Review("grace", NOON, Opinion.APPROVED)
    record(ledger, a_merged(1), a_merged(2, reviews=(review,)))

    found = ledger.read(pull_requests.landed, org_id, REPOSITORY, [a_sha(1), a_sha(2)])
    assert {1: 0, 2: 1} == {one.number: len(one.approvals) for one in found}


def test_what_landed_is_found_by_the_head_of_the_branch(ledger: Ledger, org_id: OrgId) -> None:
    record(ledger, a_merged(1), a_report(number=3, head_sha=a_sha(3)))

    found = ledger.read(pull_requests.landed_from, org_id, REPOSITORY, [a_sha(101), a_sha(3)])
    assert [a_sha(1)] == found


def test_more_commits_than_one_statement_takes_are_looked_up(ledger: Ledger, org_id: OrgId) -> None:
    record(ledger, a_merged(1), a_merged(2))
    many = [a_sha(number) for number in range(1000, 3000)]

    assert [1, 2] == landed(ledger, org_id, a_sha(1), *many, a_sha(2))


def test_an_organisation_sees_its_own_pull_requests_only(
    ledger: Ledger, org_id: OrgId, other_org_id: OrgId
) -> None:
    review = Review("grace", NOON, Opinion.APPROVED)
    record(ledger, a_merged(1, org_id=other_org_id, reviews=(review,)), a_merged(1, merge_sha=a_sha(5)))

    mine = known(ledger, org_id, 1)
    assert mine is not None
    assert () == mine.approvals
    assert [] == landed(ledger, org_id, a_sha(1))
    assert [1] == landed(ledger, other_org_id, a_sha(1))
    assert [a_sha(5)] == ledger.read(pull_requests.landed_from, org_id, REPOSITORY, [a_sha(101)])


def test_repositories_are_kept_apart(ledger: Ledger, org_id: OrgId) -> None:
    record(ledger, a_merged(1, repository_id="github.com/shopist/cart"))

    assert known(ledger, org_id, 1) is None
    assert [] == landed(ledger, org_id, a_sha(1))


def test_a_merge_asks_for_the_deployments_that_brought_it(ledger: Ledger, org_id: OrgId) -> None:
    record(ledger, a_report(number=1))
    assert 0 == ledger.read(work.waiting)

    record(ledger, a_merged(1, updated_at=NOON + 1))

    item = work.pull_request_item(org_id, REPOSITORY, 1)
    assert {item} == ledger.read(work.asked_for, [item])


def test_two_processes_that_hear_of_one_pull_request_at_once_both_count(database: str, org_id: OrgId) -> None:
    ledgers = [Ledger(database) for _ in range(2)]
    together = threading.Barrier(2)

    def tell(ledger: Ledger, reports: Sequence[PullRequestReport]) -> None:
        together.wait(timeout=60)
        for report in reports:
            ledger.write(record_pull_requests, report)

    lots = [[a_report(number=number, **told) for number in range(20)] for told in (EARLIER, LATER)]
    threads = [threading.Thread(target=tell, args=pair) for pair in zip(ledgers, lots, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    found = [known(ledgers[0], org_id, number) for number in range(20)]
    for ledger in ledgers:
        ledger.close()

    assert [(3, "bob")] * 20 == [(one.commits, one.author) for one in found if one is not None]


EARLIER = {"commits": 3}
LATER = {"author": "bob", "updated_at": NOON + 1}


# SQLite has one writing transaction at a time anyway.
@pytest.mark.parametrize("engine_kind", ["postgresql"])
def test_nobody_else_writes_a_pull_request_that_was_claimed(ledger: Ledger) -> None:
    record(ledger, a_report())

    with writing(ledger.engine) as mine, writing(ledger.engine) as theirs:
        pull_requests.claim(mine, Account.of(a_report()))
        theirs.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            pull_requests.claim(theirs, Account.of(a_report()))


@pytest.mark.parametrize("number", [1, 2**63 - 1])
def test_any_number_a_host_can_give_is_kept(ledger: Ledger, org_id: OrgId, number: int) -> None:
    record(ledger, a_report(number=number))

    assert known(ledger, org_id, number) is not None


def _empty(ledger: Ledger) -> None:
    with writing(ledger.engine) as transaction:
        for table in (pull_requests_table, pull_request_reviews):
            transaction.execute(delete(table))
