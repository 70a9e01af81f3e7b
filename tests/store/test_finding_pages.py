"""Pages are found through indexes, by a number of statements that does not grow, whatever is asked."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, Select, event, text

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import Deployment, DeploymentId, Outcome
from fairlead.domain.failures import Failure
from fairlead.domain.links import STAGES, Lead, Link, LinkedCommit
from fairlead.search.parse import parse
from fairlead.store import deployments, failures, links
from fairlead.store.engine import SQLITE, engine_name, reading, writing
from fairlead.store.ledger import Ledger
from tests.conftest import ENGINES, database_for_a_session
from tests.factories import MINUTE_NS, NOON, a_deployment, a_failure, a_sha
from tests.search_records import a_new_organisation, every_way, found_deployments, found_failures

DEPLOYMENT_SEARCHES = [
    *("", "service:checkout", "service:checkout env:prod", "service:(checkout OR search) env:prod", "team:a"),
    *("version:1.4.2", "version:*rc*", "version:1.4.*", "service:check*", "-service:checkout", "checkout"),
    *("region:eu", "region:e*", "tags:region*", "change_failure:true", "deployment_type:rollback", "id:d1"),
    *("commit_sha:66adc9350f2cc9b250b69abddab733dd55e1a588", "commit_sha:66*", "region:eu OR commit_sha:66*"),
    *(
        f"commits:{a_sha(4)}",
        f"commits:{a_sha(4)[:2]}*",
        "pull_requests:4",
        "pull_requests:[4 TO 6] env:prod",
    ),
    *(
        "started_at:>2025-01-01T00\\:00\\:00Z",
        "duration:>600",
        "duration:>1000000",
        "service:checkout team:nobody",
        "zzz",
    ),
]
FAILURE_SEARCHES = [
    *(
        "",
        "service:checkout",
        "services:check*",
        "severity:High",
        "env:prod team:a",
        "region:eu",
        "region:e*",
    ),
    *("checkout", "duration:>600", "id:f1", "service:(checkout OR search)"),
]


@dataclass(frozen=True, slots=True)
class Shelf:
    """A ledger, and an organisation with a few dozen deployments and failures that stay as they are."""

    ledger: Ledger
    org_id: OrgId


@pytest.fixture(scope="session", params=ENGINES)
def shelf_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a database for everything here that only looks."""
    yield from database_for_a_session(request, tmp_path_factory, "shelf")


@pytest.fixture(scope="session")
def shelf(shelf_database: str) -> Iterator[Shelf]:
    """What is looked for again and again, recorded once."""
    ledger, org_id = Ledger(shelf_database), a_new_organisation()
    _record(ledger, org_id, 40)
    yield Shelf(ledger, org_id)
    ledger.close()


@pytest.mark.parametrize("sort", deployments.SORTABLE)
@pytest.mark.parametrize("searched", DEPLOYMENT_SEARCHES)
def test_a_search_for_deployments_uses_an_index(shelf: Shelf, searched: str, sort: str) -> None:
    page = deployments.Page(where=parse(searched), sort=sort, limit=3)

    with every_way(2, 1), _statements(shelf.ledger.engine) as asked:
        found_deployments(shelf.ledger, shelf.org_id, page)

    assert [] == _whole_walks(shelf.ledger, asked, "deployments", "deployment_tags", "deployment_commits")


@pytest.mark.parametrize("searched", FAILURE_SEARCHES)
def test_a_search_for_failures_uses_an_index(shelf: Shelf, searched: str) -> None:
    page = failures.Page(where=parse(searched), limit=3)

    with every_way(2, 1), _statements(shelf.ledger.engine) as asked:
        found_failures(shelf.ledger, shelf.org_id, page)

    assert [] == _whole_walks(shelf.ledger, asked, "failures", "failure_tags", "failure_services")


@pytest.mark.parametrize("searched", [*DEPLOYMENT_SEARCHES, "region:eu env:prod version:1.4.* checkout"])
def test_twice_the_deployments_take_as_many_statements(ledger: Ledger, searched: str) -> None:
    org_id, page = a_new_organisation(), deployments.Page(where=parse(searched), limit=100)
    _record(ledger, org_id, 40)
    with every_way(10, 5), _statements(ledger.engine) as before:
        found_deployments(ledger, org_id, page)

    _record(ledger, org_id, 40, first=40)

    with every_way(10, 5), _statements(ledger.engine) as after:
        found_deployments(ledger, org_id, page)
    assert len(before) == len(after)


@pytest.mark.parametrize("searched", ["service:checkout", "team:a", "change_failure:true"])
def test_where_there_is_one_way_nothing_is_counted(shelf: Shelf, searched: str) -> None:
    page = deployments.Page(where=parse(searched), limit=10)

    with every_way(2, 1), _statements(shelf.ledger.engine) as asked:
        found_deployments(shelf.ledger, shelf.org_id, page)

    assert [] == [statement for statement, _ in asked if "count(" in statement]


def test_what_became_of_a_service_is_read_without_looking_at_other_services(shelf: Shelf) -> None:
    page = deployments.Page(where=parse("change_failure:true service:checkout"), limit=10)

    with every_way(1, 0), _statements(shelf.ledger.engine) as asked:
        found = found_deployments(shelf.ledger, shelf.org_id, page)

    assert ["d21", "d0"] == found
    assert "kind IN (SELECT" in _on_one_line(asked[-1][0])


@pytest.mark.parametrize(
    ("searched", "expected"),
    [("service:search version:1.2*", ["d29", "d26", "d23"]), ("team:a version:9*", [])],
)
def test_versions_of_a_service_are_sought_between_bounds_of_its_own(
    shelf: Shelf, searched: str, expected: list[str]
) -> None:
    page = deployments.Page(where=parse(searched), limit=3)

    with every_way(1, 50), _statements(shelf.ledger.engine) as asked:
        found = found_deployments(shelf.ledger, shelf.org_id, page)

    assert expected == found
    told = [_on_one_line(statement) for statement, _ in asked if "version >=" in statement]
    assert told
    assert all("asked.kind =" in statement for statement in told)


def test_a_service_is_walked_in_order_of_its_versions(shelf: Shelf) -> None:
    page = deployments.Page(where=parse("service:search"), sort="version", limit=3)

    with every_way(1, 0), _statements(shelf.ledger.engine) as asked:
        found = found_deployments(shelf.ledger, shelf.org_id, page)

    assert ["d8", "d5", "d38"] == found
    if shelf.ledger.engine.name == SQLITE:
        assert "INDEXED BY deployments_by_kind_and_version" in asked[-1][0]


@pytest.mark.parametrize("searched", ["duration:>60 env:prod", "version:*.2* service:search"])
def test_an_index_that_knows_kinds_is_not_asked_for_rows_of_others(shelf: Shelf, searched: str) -> None:
    page = deployments.Page(where=parse(searched), limit=10)

    with every_way(1, 50), _statements(shelf.ledger.engine) as asked:
        found_deployments(shelf.ledger, shelf.org_id, page)

    found = _on_one_line(asked[-1][0])
    assert "kind IN (SELECT" in found
    assert "deployments.env =" not in found
    assert "asked.service =" not in found


def test_a_word_of_few_versions_is_sought_among_these(shelf: Shelf) -> None:
    page = deployments.Page(where=parse("17"), limit=1)

    with every_way(2, 0), _statements(shelf.ledger.engine) as asked:
        found = found_deployments(shelf.ledger, shelf.org_id, page)

    assert ["d17"] == found
    assert "asked.version = " in _on_one_line(asked[-1][0])


def test_what_two_terms_find_is_counted_no_further_than_few(shelf: Shelf) -> None:
    page = deployments.Page(where=parse("service:checkout OR change_failure:true"), limit=10)

    with every_way(1, 2), _statements(shelf.ledger.engine) as asked:
        found = found_deployments(shelf.ledger, shelf.org_id, page)

    [counted] = (_on_one_line(statement) for statement, _ in asked if "count(" in statement)
    assert "UNION SELECT" not in counted
    assert len(set(found)) == len(found) == 10


@pytest.mark.parametrize("searched", ["duration:>60", "commit_sha:66*"])
def test_rows_that_an_index_knows_are_counted_without_a_look_at_them(shelf: Shelf, searched: str) -> None:
    page = deployments.Page(where=parse(searched), limit=50)

    with every_way(1, 50), _statements(shelf.ledger.engine) as asked:
        found_deployments(shelf.ledger, shelf.org_id, page)

    [counted] = (_on_one_line(statement) for statement, _ in asked if "count(" in statement)
    assert "deployments.id" not in counted


@pytest.mark.parametrize("way", [(1_000, 3_000), (2, 3_000), (2, 0)])
@pytest.mark.parametrize("sort", ["finished_at", "started_at", "version"])
@pytest.mark.parametrize("searched", ["", "env:prod", "region:eu", "service:search team:a", "version:*2*"])
def test_a_search_asked_again_is_answered_for_the_window_that_is_asked_then(
    shelf: Shelf, searched: str, sort: str, way: tuple[int, int]
) -> None:
    def found(first: int, last: int) -> list[str]:
        page = deployments.Page(
            where=parse(searched), from_at=at(first), until_at=at(last), sort=sort, limit=40
        )
        return found_deployments(shelf.ledger, shelf.org_id, page)

    def at(number: int) -> int:
        return NOON + number * MINUTE_NS

    with every_way(*way):
        every = found(0, 40)
        windows = {window: found(*window) for window in ((3, 30), (12, 20), (30, 50), (50, 60))}

    expected = {
        (first, last): [id for id in every if first <= int(id.removeprefix("d")) <= last]
        for first, last in windows
    }
    assert len(every) > 2
    assert expected == windows


@pytest.mark.parametrize("searched", ["service:checkout region:eu", "duration:>60 env:prod"])
def test_a_search_asked_again_in_another_window_is_not_put_together_again(
    shelf: Shelf, searched: str
) -> None:
    made: list[list[Any]] = []
    page = deployments.Page(where=parse(searched), from_at=NOON, limit=10)

    with every_way(1, 0):
        for from_at in (NOON, NOON + MINUTE_NS):
            with _put_together(shelf.ledger.engine) as statements:
                found_deployments(shelf.ledger, shelf.org_id, replace(page, from_at=from_at))
            made.append(statements)

    assert len(made[0]) > 2
    assert all(one is other for one, other in zip(*made, strict=True))


@pytest.mark.parametrize("way", [(1_000, 3_000), (1, 3_000), (1, 0)])
@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("sort", deployments.SORTABLE)
def test_ties_are_ordered_by_end_and_id_in_the_same_direction(
    ledger: Ledger, sort: str, descending: bool, way: tuple[int, int]
) -> None:
    org_id = a_new_organisation()
    facts = [
        a_deployment(org_id=org_id, id=f"d{number}", finished_at=NOON + number // 2, started_at=NOON)
        for number in range(6)
    ]
    with writing(ledger.engine) as transaction:
        deployments.put(transaction, facts)

    with every_way(*way):
        page = deployments.Page(where=parse("region:*"), sort=sort, descending=descending, limit=10)
        found = found_deployments(ledger, org_id, page)

    assert sorted((fact.id for fact in facts), reverse=descending) == found


@pytest.mark.parametrize("descending", [True, False])
def test_a_failure_that_is_open_ends_after_all_others(ledger: Ledger, descending: bool) -> None:
    org_id = a_new_organisation()
    ends = {"f1": NOON + 2, "f2": None, "f3": NOON + 1, "f4": None}
    with writing(ledger.engine) as transaction:
        for id, finished_at in ends.items():
            failures.put(
                transaction, a_failure(org_id=org_id, id=id, finished_at=finished_at, started_at=NOON)
            )

    page = failures.Page(where=parse(""), sort="finished_at", descending=descending, limit=10)

    expected = ["f3", "f1", "f2", "f4"]
    assert (expected[::-1] if descending else expected) == found_failures(ledger, org_id, page)


def _record(ledger: Ledger, org_id: OrgId, count: int, *, first: int = 0) -> None:
    numbers = range(first, first + count)
    with writing(ledger.engine) as transaction:
        known = [_deployment(org_id, number) for number in numbers]
        deployments.put(transaction, known)
        links.put(transaction, [_link_of(*pair) for pair in zip(known, numbers, strict=True)])
        for number in numbers:
            failures.put(transaction, _failure(org_id, number))
            if number % 7 == 0:
                id = DeploymentId(f"d{number}")
                deployments.put_outcome(transaction, org_id, id, Outcome(change_failure=True))


def _deployment(org_id: OrgId, number: int) -> Deployment:
    return a_deployment(
        **_told(org_id, number),
        id=f"d{number}",
        service=_service(number),
        finished_at=NOON + number * MINUTE_NS,
    )


def _failure(org_id: OrgId, number: int) -> Failure:
    return a_failure(
        **_told(org_id, number),
        id=f"f{number}",
        services=(_service(number),),
        started_at=NOON + number * MINUTE_NS,
    )


def _service(number: int) -> str:
    return ("checkout", "checkout-api", "search")[number % 3]


def _told(org_id: OrgId, number: int) -> dict[str, Any]:
    tags = (f"region:{('eu', 'us')[number % 2]}",)
    return {"org_id": org_id, "team": "ab"[number % 2], "version": f"1.{number}", "tags": tags}


def _link_of(fact: Deployment, number: int) -> Link:
    lead = Lead(lead_time_ns=None, stages_ns=(None,) * len(STAGES))
    commit = LinkedCommit(sha=a_sha(number), exclusion=None, pull_request=number, lead=lead)
    return Link(deployment=fact.place, reason=None, commits=(commit,))


@contextmanager
def _statements(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that look for rows, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def see(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if " FROM " in statement.replace("\n", " "):
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", see)
    yield seen
    event.remove(engine, "before_cursor_execute", see)


@contextmanager
def _put_together(engine: Engine) -> Iterator[list[Any]]:
    """Collect the statements as they were put together."""
    seen: list[Any] = []

    def see(_connection: Any, statement: Any, *_rest: Any) -> None:
        if isinstance(statement, Select):
            seen.append(statement)

    event.listen(engine, "before_execute", see)
    yield seen
    event.remove(engine, "before_execute", see)


def _on_one_line(statement: str) -> str:
    return " ".join(statement.split())


def _whole_walks(ledger: Ledger, asked: list[tuple[str, Any]], *tables: str) -> list[str]:
    """Return the lines of the engine's plans that say a table is gone through without an index."""
    with reading(ledger.engine) as transaction:
        on_sqlite = engine_name(transaction) == SQLITE
        if not on_sqlite:
            # So small a table would be read as a whole whatever indexes it has.
            transaction.execute(text("SET LOCAL enable_seqscan = off"))
        explain = "EXPLAIN QUERY PLAN " if on_sqlite else "EXPLAIN "
        lines = [
            str(row[-1])
            for statement, parameters in asked
            for row in transaction.exec_driver_sql(explain + statement, parameters)
        ]
    whole = ("SCAN {}", "SCAN asked", "SCAN brought") if on_sqlite else ("Seq Scan on {}",)
    wanted = tuple(form.format(table) for form in whole for table in tables)
    return [line for line in lines if line.strip(" ->").startswith(wanted)]
