"""Work is never lost, never done by two at once, and one bad piece stops no other."""

import threading
from collections.abc import Callable, Sequence

import msgspec
import pytest
from sqlalchemy import insert, select, update
from structlog.testing import capture_logs

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Commit, CommitsOf, PullRequestState, RepositoryId, Sha
from fairlead.domain.deployments import Deployment
from fairlead.domain.errors import Unavailable
from fairlead.store import tables, work
from fairlead.store.engine import Transaction, writing
from fairlead.store.ledger import Ledger
from fairlead.store.work import Item, Kind, Taken
from fairlead.usecases import do_work as doing
from fairlead.usecases.do_work import LEASE_NS, MOST_AT_ONCE, do_work
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_pull_requests import record_pull_requests
from tests.databases import PostgreSQL, rows_counted_on
from tests.factories import MINUTE_NS, NOON, a_commit, a_deployment, a_report, a_sha
from tests.linking import LATER, linked, tell_source_patterns, work_off

REPOSITORY = RepositoryId("github.com/shopist/checkout")


def an_item(org_id: OrgId, key: str = "d-1") -> Item:
    return Item(org_id, Kind.LINK, key)


def ask(ledger: Ledger, items: Sequence[Item], *, due_at: int = NOON) -> None:
    with writing(ledger.engine) as transaction:
        work.ask(transaction, items, due_at=due_at)


def take(ledger: Ledger, *, most: int = 10, now: int = NOON) -> list[Taken]:
    with writing(ledger.engine) as transaction:
        return work.take(transaction, most, now=now, leased_until=now + LEASE_NS)


def tick_off(ledger: Ledger, done: Sequence[Taken]) -> None:
    with writing(ledger.engine) as transaction:
        work.tick_off(transaction, done)


def a_line(ledger: Ledger, org_id: OrgId, length: int) -> list[Sha]:
    """Record a line of commits, and a deployment of each, a minute apart; return the commits."""
    shas = [a_sha(number) for number in range(length)]
    commits = tuple(
        a_commit(sha=sha, parents=tuple(shas[max(0, place - 1) : place]), paths=("cart/a.py",))
        for place, sha in enumerate(shas)
    )
    tell_commits(ledger, org_id, *commits)
    for number, sha in enumerate(shas):
        ledger.write(record_deployments, a_deployment_of(org_id, number, sha))
    return shas


def tell_commits(ledger: Ledger, org_id: OrgId, *commits: Commit) -> None:
    ledger.write(record_commits, CommitsOf(org_id=org_id, repository_id=REPOSITORY, commits=commits))


def a_deployment_of(org_id: OrgId, number: int, sha: Sha, **changes: object) -> Deployment:
    fields: dict[str, object] = {
        "org_id": org_id,
        "id": f"d-{number}",
        "repository_id": REPOSITORY,
        "commit_sha": sha,
        "finished_at": NOON + (100 + number) * MINUTE_NS,
    }
    return a_deployment(**fields | changes)


def brought(ledger: Ledger, org_id: OrgId, length: int) -> list[list[Sha]]:
    kept = (linked(ledger, org_id, f"d-{number}").commits for number in range(length))
    return [[commit.sha for commit in commits] for commits in kept]


def test_asking_twice_is_one_piece(ledger: Ledger, org_id: OrgId) -> None:
    ask(ledger, [an_item(org_id), an_item(org_id)])
    ask(ledger, [an_item(org_id)])

    assert [an_item(org_id)] == [one.item for one in take(ledger)]


def test_what_somebody_holds_is_taken_again_only_when_the_lease_ends(ledger: Ledger, org_id: OrgId) -> None:
    ask(ledger, [an_item(org_id)])
    take(ledger)

    assert [] == take(ledger, now=NOON + LEASE_NS - 1)
    assert [an_item(org_id)] == [one.item for one in take(ledger, now=NOON + LEASE_NS)]


def test_what_is_asked_again_while_being_worked_on_stays(ledger: Ledger, org_id: OrgId) -> None:
    ask(ledger, [an_item(org_id)])
    taken = take(ledger)
    ask(ledger, [an_item(org_id)])

    with writing(ledger.engine) as transaction:
        assert [] == work.standing(transaction, taken)
    tick_off(ledger, taken)
    assert [an_item(org_id)] == [one.item for one in take(ledger)]


def test_what_is_ticked_off_is_gone(ledger: Ledger, org_id: OrgId) -> None:
    ask(ledger, [an_item(org_id)])

    tick_off(ledger, take(ledger))

    assert 0 == ledger.read(work.waiting)


def test_what_is_due_longest_is_taken_first_and_what_is_not_due_waits(ledger: Ledger, org_id: OrgId) -> None:
    for key, due_at in (("b", NOON), ("c", NOON + 1), ("a", NOON - 1)):
        ask(ledger, [an_item(org_id, key)], due_at=due_at)

    assert ["a", "b"] == [one.item.key for one in take(ledger)]


def test_what_was_taken_in_vain_comes_alone_after_the_others(ledger: Ledger, org_id: OrgId) -> None:
    ask(ledger, [an_item(org_id, "a")], due_at=NOON - 2)
    ask(ledger, [an_item(org_id, "b")], due_at=NOON - 1)
    take(ledger)
    ask(ledger, [an_item(org_id, "c")])

    again = take(ledger, now=NOON + LEASE_NS)

    assert [("c", 0), ("a", 1)] == [(one.item.key, one.attempts) for one in again]


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_is_found_and_taken_by_those_who_look_for_it(
    ledger: Ledger, org_id: OrgId, kind: Kind
) -> None:
    mine, others = (work.APART, set(Kind) - work.APART)[:: 1 if kind in work.APART else -1]
    ask(ledger, [Item(org_id, kind, "k")])

    with writing(ledger.engine) as transaction:
        assert work.is_due(transaction, now=NOON, kinds=mine)
        assert not work.is_due(transaction, now=NOON, kinds=others)
        for attempts, now in enumerate((NOON, NOON + LEASE_NS)):
            [taken] = work.take(transaction, 10, now=now, leased_until=now + LEASE_NS, kinds=mine)
            assert (taken.item, taken.attempts) == (Item(org_id, kind, "k"), attempts)


def test_work_that_a_newer_version_asks_for_is_left_to_it(ledger: Ledger, org_id: OrgId) -> None:
    row = {"org_id": org_id, "kind": "of-tomorrow", "key": "x", "ticket": 1, "due_at": 0, "leased_until": 0}
    with writing(ledger.engine) as transaction:
        transaction.execute(insert(tables.work).values(row))

    assert 0 == do_work(ledger, LATER)
    assert 1 == ledger.read(work.waiting)


def test_two_workers_take_each_piece_once(ledger: Ledger, org_id: OrgId, database: str) -> None:
    items = [an_item(org_id, f"d-{number}") for number in range(200)]
    ask(ledger, items)
    taken: list[list[Item]] = [[], []]

    def work_on(place: int) -> None:
        mine = Ledger(database)
        while lot := take(mine, most=7):
            taken[place] += [one.item for one in lot]
        mine.close()

    _at_once(lambda: work_on(0), lambda: work_on(1))

    assert sorted(items, key=repr) == sorted(taken[0] + taken[1], key=repr)


def test_two_workers_come_to_what_one_comes_to(ledger: Ledger, org_id: OrgId, database: str) -> None:
    shas = a_line(ledger, org_id, 60)

    def work_on() -> None:
        mine = Ledger(database)
        while do_work(mine, LATER, most=5):
            pass
        mine.close()

    _at_once(work_on, work_on)

    assert [[], *([sha] for sha in shas[1:])] == brought(ledger, org_id, 60)
    assert 0 == ledger.read(work.waiting)


def test_a_second_pass_over_the_same_facts_changes_nothing(ledger: Ledger, org_id: OrgId) -> None:
    a_line(ledger, org_id, 5)
    work_off(ledger)
    before = [linked(ledger, org_id, f"d-{number}") for number in range(5)]
    ask(ledger, [Item(org_id, Kind.RELINK_REPOSITORY, REPOSITORY)])

    work_off(ledger)

    assert before == [linked(ledger, org_id, f"d-{number}") for number in range(5)]


def test_a_bad_piece_stops_no_other_and_rests_longer_each_time(ledger: Ledger, org_id: OrgId) -> None:
    tell_source_patterns(ledger, org_id, "checkout", ("cart/**",))
    work_off(ledger)
    shas = a_line(ledger, org_id, 4)
    whole = _spoil(ledger, shas[2])

    with capture_logs() as logs:
        while do_work(ledger, LATER):
            pass

    assert [[], [shas[1]], [], [shas[3]]] == brought(ledger, org_id, 4)
    assert [("work cannot be done", "d-2", 60)] == [
        (line["event"], line["key"], line["rest_s"]) for line in logs
    ]
    assert 0 == do_work(ledger, LATER + LEASE_NS - 1)
    with capture_logs() as logs:
        assert 1 == do_work(ledger, LATER + LEASE_NS)
    assert [120] == [line["rest_s"] for line in logs]
    _mend(ledger, shas[2], whole)
    work_off(ledger, now=LATER + 10 * LEASE_NS)
    assert [shas[2]] == brought(ledger, org_id, 4)[2]


def test_a_worker_that_stalls_does_not_overwrite_what_is_known_since(ledger: Ledger, org_id: OrgId) -> None:
    shas = a_line(ledger, org_id, 3)
    work_off(ledger)
    ask(ledger, [an_item(org_id, "d-2")])
    stalled = ledger.read(doing._work_out, take(ledger, now=LATER))
    late = a_deployment_of(org_id, 1, shas[2], id="late")
    ledger.write(record_deployments, late)
    work_off(ledger)

    ledger.write(doing._keep, stalled)

    assert [] == brought(ledger, org_id, 3)[2]


def test_a_pull_request_told_while_a_worker_is_at_it_is_not_missed(ledger: Ledger, org_id: OrgId) -> None:
    shas = a_line(ledger, org_id, 2)
    stalled = ledger.read(doing._work_out, take(ledger, now=LATER))
    report = a_report(
        org_id=org_id,
        repository_id=REPOSITORY,
        state=PullRequestState.MERGED,
        merged_at=NOON,
        merge_sha=shas[1],
        head_sha=shas[1],
    )
    ledger.write(record_pull_requests, report)
    work_off(ledger)

    ledger.write(doing._keep, stalled)
    work_off(ledger)

    assert [17] == [commit.pull_request for commit in linked(ledger, org_id, "d-1").commits]


def test_a_commit_better_known_while_a_worker_is_at_it_is_not_missed(ledger: Ledger, org_id: OrgId) -> None:
    shas = a_line(ledger, org_id, 1)
    guess = a_commit(sha=a_sha(1), parents=(shas[0],), parents_exact=False)
    tell_commits(ledger, org_id, guess)
    ledger.write(record_deployments, a_deployment_of(org_id, 1, guess.sha))
    stalled = ledger.read(doing._work_out, take(ledger, now=LATER))
    tell_commits(ledger, org_id, msgspec.structs.replace(guess, parents_exact=True, authored_at=NOON))
    work_off(ledger)

    ledger.write(doing._keep, stalled)
    work_off(ledger)

    leads = [commit.lead for commit in linked(ledger, org_id, "d-1").commits]
    assert [101 * MINUTE_NS] == [lead and lead.lead_time_ns for lead in leads]


def test_a_database_out_of_reach_is_no_bad_piece(ledger: Ledger, org_id: OrgId) -> None:
    a_line(ledger, org_id, 2)
    taken = take(ledger, now=LATER)
    ledger.writer.close()

    with pytest.raises(Unavailable):
        do_work(ledger, LATER + LEASE_NS)

    assert {one.item for one in taken} == ledger.read(work.asked_for, [one.item for one in taken])


def _spoil(ledger: Ledger, sha: Sha) -> bytes:
    """Damage what is stored of a commit, and return what it was."""
    return _swap(ledger, sha, b"no zlib")


def _mend(ledger: Ledger, sha: Sha, whole: bytes) -> None:
    _swap(ledger, sha, whole)


def _swap(ledger: Ledger, sha: Sha, packed: bytes) -> bytes:
    t = tables.commits.c
    with writing(ledger.engine) as transaction:
        before = _paths(transaction, sha)
        transaction.execute(update(tables.commits).where(t.sha == sha).values(paths=packed))
    return before


def _paths(transaction: Transaction, sha: Sha) -> bytes:
    t = tables.commits.c
    return bytes(transaction.execute(select(t.paths).where(t.sha == sha)).scalar_one())


def _at_once(*pieces: Callable[[], None]) -> None:
    """Run functions in threads of their own until all are done, and hand on what they raise."""
    raised: list[BaseException] = []

    def run(piece: Callable[[], None]) -> None:
        try:
            piece()
        except BaseException as error:  # noqa: BLE001 — handed on below.
            raised.append(error)

    threads = [threading.Thread(target=run, args=(piece,)) for piece in pieces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [] == raised


def test_postgresql_knows_how_many_deployments_have_just_come_in(
    postgresql: PostgreSQL, postgresql_template: str, org_id: OrgId
) -> None:
    ledger = Ledger(postgresql.create("flooded", template=postgresql_template))
    many = [a_deployment(org_id=org_id, id=f"d-{number}") for number in range(3 * MOST_AT_ONCE)]
    with writing(ledger.engine) as transaction:
        record_deployments(transaction, many)

    do_work(ledger, LATER)

    known = rows_counted_on(ledger.engine, "deployments")
    ledger.close()
    postgresql.drop("flooded")
    assert len(many) == known
