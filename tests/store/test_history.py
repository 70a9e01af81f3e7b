"""Ancestry from the database equals ancestry from the parents alone, in whatever order commits came."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, event

from fairlead.domain.access import OrgId
from fairlead.domain.changes import CommitsOf, RepositoryId, Sha
from fairlead.domain.errors import Rejected
from fairlead.store import commits
from fairlead.store.engine import reading, writing
from fairlead.store.history import History
from fairlead.store.ledger import Ledger
from fairlead.store.tables import commits as commits_table
from fairlead.store.tables import missing_parents
from fairlead.usecases.record_commits import record_commits
from tests.databases import PostgreSQL, rows_counted_on
from tests.factories import a_commit, a_sha

REPOSITORY = RepositoryId("github.com/shopist/checkout")
Parents = Mapping[Sha, Sequence[Sha]]


def _reached(parents: Parents, heads: Sequence[Sha]) -> set[Sha]:
    seen: set[Sha] = set()
    waiting = list(heads)
    while waiting:
        sha = waiting.pop()
        if sha not in seen and sha in parents:
            seen.add(sha)
            waiting.extend(parents[sha])
    return seen


def _record(ledger: Ledger, org_id: OrgId, parents: Parents, lots: Sequence[Sequence[Sha]]) -> None:
    with writing(ledger.engine) as transaction:
        for lot in lots:
            told = tuple(a_commit(sha=sha, parents=tuple(parents[sha])) for sha in lot)
            commits.put(transaction, CommitsOf(org_id=org_id, repository_id=REPOSITORY, commits=told))


def _empty(ledger: Ledger) -> None:
    with writing(ledger.engine) as transaction:
        for table in (commits_table, missing_parents):
            transaction.execute(delete(table))


@st.composite
def _histories(draw: st.DrawFn) -> tuple[Parents, list[list[Sha]]]:
    """Draw a history with merges, octopuses and several roots, and an order to tell of it in."""
    size = draw(st.integers(1, 24))
    shas = [a_sha(number) for number in range(size)]
    parents: dict[Sha, list[Sha]] = {}
    for number, sha in enumerate(shas):
        near = shas[max(0, number - 6) : number]
        parents[sha] = draw(st.lists(st.sampled_from(near), max_size=3, unique=True)) if near else []
    order = draw(st.permutations(shas))
    lots: list[list[Sha]] = [[]]
    for sha in order:
        if draw(st.booleans()):
            lots.append([])
        lots[-1].append(sha)
    return parents, lots


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=_histories(), data=st.data())
def test_a_walk_finds_what_one_commit_has_and_another_has_not(
    ledger: Ledger, org_id: OrgId, history: tuple[Parents, list[list[Sha]]], data: st.DataObject
) -> None:
    parents, lots = history
    _empty(ledger)
    _record(ledger, org_id, parents, lots)
    new, old = data.draw(st.sampled_from(sorted(parents))), data.draw(st.sampled_from(sorted(parents)))

    with reading(ledger.engine) as transaction:
        found = History(transaction, org_id, REPOSITORY).difference(new, [old], 1000)

    assert _reached(parents, [new]) - _reached(parents, [old]) == {step.sha for step in found}


def test_children_come_before_their_parents(ledger: Ledger, org_id: OrgId) -> None:
    line = [a_sha(number) for number in range(5)]
    parents = {sha: line[max(0, place - 1) : place] for place, sha in enumerate(line)}
    _record(ledger, org_id, parents, [line[3:], line[:2], line[2:3]])

    with reading(ledger.engine) as transaction:
        found = History(transaction, org_id, REPOSITORY).difference(line[4], [], 1000)

    assert list(reversed(line)) == [step.sha for step in found]


def test_a_walk_stops_at_the_cap(ledger: Ledger, org_id: OrgId) -> None:
    line = [a_sha(number) for number in range(9)]
    _record(ledger, org_id, {sha: line[max(0, place - 1) : place] for place, sha in enumerate(line)}, [line])

    with reading(ledger.engine) as transaction:
        found = History(transaction, org_id, REPOSITORY).difference(line[8], [], 3)

    assert [line[8], line[7], line[6]] == [step.sha for step in found]


def test_a_commit_that_is_its_own_ancestor_is_refused(ledger: Ledger, org_id: OrgId) -> None:
    a, b, c = (a_sha(number) for number in range(3))
    parents = {a: [c], b: [a], c: [b]}

    with pytest.raises(Rejected, match="its own ancestor"):
        _record(ledger, org_id, parents, [[b], [c], [a]])


def test_twice_the_history_takes_no_more_statements(ledger: Ledger, org_id: OrgId) -> None:
    line = [a_sha(number) for number in range(800)]
    parents = {sha: line[max(0, place - 1) : place] for place, sha in enumerate(line)}
    _record(ledger, org_id, parents, [line[:400]])
    short = _statements_of_a_walk(ledger, org_id, line[399], line[389])
    _record(ledger, org_id, parents, [line[400:]])

    assert short == _statements_of_a_walk(ledger, org_id, line[799], line[789])


def _statements_of_a_walk(ledger: Ledger, org_id: OrgId, new: Sha, old: Sha) -> int:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(ledger.engine, "before_cursor_execute", note)
    with reading(ledger.engine) as transaction:
        History(transaction, org_id, REPOSITORY).difference(new, [old], 1000)
    event.remove(ledger.engine, "before_cursor_execute", note)
    return len([statement for statement in statements if statement.startswith("SELECT")])


def test_postgresql_knows_how_large_a_history_is_that_has_just_come_in(
    postgresql: PostgreSQL, postgresql_template: str, org_id: OrgId
) -> None:
    ledger = Ledger(postgresql.create("just_in", template=postgresql_template))
    told = tuple(a_commit() for _ in range(1000))

    ledger.write(record_commits, CommitsOf(org_id=org_id, repository_id=REPOSITORY, commits=told))

    known = rows_counted_on(ledger.engine, "commits")
    ledger.close()
    postgresql.drop("just_in")
    assert len(told) == known
