"""Which flags a pull request or deployment added or removed, from scans, extinctions and links."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, insert

from fairlead.cli.explain import page
from fairlead.dialects.native.deployment_translate import explained
from fairlead.domain.access import OrgId
from fairlead.domain.changes import Commit, CommitsOf, PullRequestState, RepositoryId, Sha
from fairlead.domain.code_references import Extinction, Hunk, code_repository_key
from fairlead.domain.deployments import Deployment
from fairlead.store.engine import Transaction, writing
from fairlead.store.ledger import Ledger
from fairlead.store.tables import flag_links
from fairlead.usecases.add_code_repositories import add_code_repositories
from fairlead.usecases.explain_deployment import explain_deployment
from fairlead.usecases.find_flag_references import (
    flag_references_of_deployments,
    flag_references_of_pull_requests,
)
from fairlead.usecases.put_references import put_references
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_extinctions import ExtinctionsOf, record_extinctions
from fairlead.usecases.record_pull_requests import record_pull_requests
from tests.factories import (
    MINUTE_NS,
    NOON,
    ORG_ID,
    a_branch,
    a_code_repository,
    a_commit,
    a_deployment,
    a_hunk,
    a_report,
    a_sha,
)
from tests.linking import work_off

REPOSITORY = RepositoryId("github.com/shopist/checkout")
KEY = code_repository_key("checkout")
PULL = (str(REPOSITORY), 17)
Told = tuple[str, int, int]
_chances = iter(range(1, 1_000_000))


@pytest.fixture(autouse=True)
def repository(ledger: Ledger) -> None:
    """The repository that deployments and pull requests are of."""
    ledger.write(add_code_repositories, a_code_repository())


def hunks(*flags: str) -> list[Hunk]:
    return [a_hunk(flag, starting_line_number=line) for line, flag in enumerate(flags, 1)]


def scan(ledger: Ledger, sha: str, *flags: str, branch: str = "main") -> None:
    chance = next(_chances).to_bytes(10, "big")
    put_references(ledger, a_branch(head=sha, name=branch), hunks(*flags), now=NOON, chance=chance)


def extinguish(ledger: Ledger, sha: str, flag: str) -> None:
    one = Extinction(
        org_id=ORG_ID,
        repository=KEY,
        branch="main",
        project_key="default",
        flag_key=flag,
        revision=sha,
        message="Remove it",
        extinct_at=NOON,
    )
    told = ExtinctionsOf(org_id=ORG_ID, repository=KEY, branch="main", extinctions=(one,))
    ledger.write(record_extinctions, told)


def report(ledger: Ledger, **told: Any) -> None:
    ledger.write(record_pull_requests, a_report(repository_id=REPOSITORY, **told))


def link(ledger: Ledger, flag: str, *, is_added: bool, number: int = 17) -> None:
    values = {
        "org_id": ORG_ID,
        "project_key": "default",
        "flag_key": flag,
        "id": f"{number}-{flag}",
        "key": f"github-pr-{number}-{flag}",
        "integration_key": "github",
        "repository_id": REPOSITORY,
        "pull_request": number,
        "is_added": is_added,
        "created_at": NOON,
        "record": "{}",
    }
    with writing(ledger.engine) as transaction:
        transaction.execute(insert(flag_links).values(values))


def history(ledger: Ledger, *numbers: int) -> list[Sha]:
    """Record commits, each the child of the one before."""
    commits: list[Commit] = []
    for number in numbers:
        parents = (commits[-1].sha,) if commits else ()
        at = NOON - (100 - number) * MINUTE_NS
        commits.append(a_commit(sha=a_sha(number), parents=parents, authored_at=at, committed_at=at))
    ledger.write(record_commits, CommitsOf(org_id=ORG_ID, repository_id=REPOSITORY, commits=tuple(commits)))
    return [commit.sha for commit in commits]


def deploy(ledger: Ledger, sha: str, minute: int) -> Deployment:
    told = a_deployment(commit_sha=Sha(sha), finished_at=NOON + minute * MINUTE_NS)
    ledger.write(record_deployments, told)
    work_off(ledger)
    return told


def of_pull(ledger: Ledger, org_id: OrgId = ORG_ID) -> list[Told]:
    found = ledger.read(flag_references_of_pull_requests, org_id, [PULL])
    return [(one.flag_key, one.added, one.removed) for one in found[PULL]]


def of_deployment(ledger: Ledger, told: Deployment, org_id: OrgId = ORG_ID) -> list[Told]:
    found = ledger.read(flag_references_of_deployments, org_id, [told.id])
    return [(one.flag_key, one.added, one.removed) for one in found[told.id]]


def test_a_pull_request_is_the_difference_between_its_base_and_its_head(ledger: Ledger) -> None:
    scan(ledger, a_sha(1), "a", "b")
    scan(ledger, a_sha(2), "a", "c", "c", branch="feature")
    report(ledger, base_sha=a_sha(1), head_sha=a_sha(2))

    assert [("b", 0, 1), ("c", 2, 0)] == of_pull(ledger)


def test_a_head_is_compared_with_the_default_branch_where_its_base_was_not_scanned(ledger: Ledger) -> None:
    scan(ledger, a_sha(1), "a")
    scan(ledger, a_sha(2), "a", "b", branch="feature")
    scan(ledger, a_sha(3), "a", "other")
    scan(ledger, a_sha(4), "a", "b", "c", branch="feature")
    report(ledger, base_sha=a_sha(99), head_sha=a_sha(4))

    assert [("b", 1, 0), ("c", 1, 0)] == of_pull(ledger)


def test_a_pull_request_whose_branch_was_never_scanned_is_what_its_merge_changed(ledger: Ledger) -> None:
    scan(ledger, a_sha(1), "a")
    scan(ledger, a_sha(5), "a", "b")
    report(
        ledger,
        base_sha=a_sha(98),
        head_sha=a_sha(99),
        merge_sha=a_sha(5),
        merged_at=NOON,
        state=PullRequestState.MERGED,
    )

    assert [("b", 1, 0)] == of_pull(ledger)


def test_the_first_scan_of_a_repository_adds_nothing(ledger: Ledger) -> None:
    scan(ledger, a_sha(2), "a")
    report(ledger, head_sha=a_sha(2))

    assert [] == of_pull(ledger)


def test_a_scan_repeated_at_the_same_commit_changes_nothing(ledger: Ledger) -> None:
    scan(ledger, a_sha(1), "a")
    scan(ledger, a_sha(2), "a", "b")
    scan(ledger, a_sha(2), "a", "b")
    scan(ledger, a_sha(3), "b")
    report(ledger, head_sha=a_sha(3), base_sha=a_sha(77))

    assert [("a", 0, 1)] == of_pull(ledger)


def test_an_extinction_is_one_reference_removed_where_no_scan_says_more(ledger: Ledger) -> None:
    scan(ledger, a_sha(1), "a", "a")
    extinguish(ledger, a_sha(2), "old")
    report(ledger, head_sha=a_sha(2))

    assert [("old", 0, 1)] == of_pull(ledger)

    scan(ledger, a_sha(2))
    assert [("a", 0, 2), ("old", 0, 1)] == of_pull(ledger)


def test_links_of_a_pull_request_tell_of_flags_that_no_scan_knows(ledger: Ledger) -> None:
    scan(ledger, a_sha(1), "a")
    scan(ledger, a_sha(2), "a", "b", "b", branch="feature")
    report(ledger, base_sha=a_sha(1), head_sha=a_sha(2))
    link(ledger, "b", is_added=True)
    link(ledger, "z", is_added=False)

    assert [("b", 2, 0), ("z", 0, 1)] == of_pull(ledger)


def test_a_pull_request_that_only_links_tell_of_is_known_by_them(ledger: Ledger) -> None:
    link(ledger, "b", is_added=True)

    assert [("b", 1, 0)] == of_pull(ledger)


def test_a_deployment_is_the_difference_between_its_commit_and_the_one_before(ledger: Ledger) -> None:
    scan(ledger, a_sha(1), "a")
    scan(ledger, a_sha(2), "a", "b")
    scan(ledger, a_sha(3), "b", "c")
    first, second = deploy(ledger, a_sha(1), 0), deploy(ledger, a_sha(3), 10)
    back = deploy(ledger, a_sha(1), 20)

    assert [] == of_deployment(ledger, first)
    assert [("a", 0, 1), ("b", 1, 0), ("c", 1, 0)] == of_deployment(ledger, second)
    assert [("a", 1, 0), ("b", 0, 1), ("c", 0, 1)] == of_deployment(ledger, back)


def test_a_deployment_whose_ends_were_not_scanned_is_what_its_commits_changed(ledger: Ledger) -> None:
    shas = history(ledger, 1, 2, 3, 4, 5)
    scan(ledger, shas[0], "a")
    scan(ledger, shas[2], "a", "b")
    scan(ledger, shas[3], "b", "b")
    deploy(ledger, shas[0], 0)
    second = deploy(ledger, shas[4], 10)

    assert [("a", 0, 1), ("b", 2, 0)] == of_deployment(ledger, second)


def test_a_deployment_has_the_flags_of_its_pull_requests(ledger: Ledger) -> None:
    shas = history(ledger, 1, 2, 3)
    link(ledger, "linked", is_added=True)
    report(
        ledger,
        base_sha=shas[0],
        head_sha=shas[1],
        merge_sha=shas[1],
        merged_at=NOON,
        state=PullRequestState.MERGED,
    )
    deploy(ledger, shas[0], 0)
    second = deploy(ledger, shas[2], 10)

    assert [("linked", 1, 0)] == of_deployment(ledger, second)


def test_a_deployment_has_the_extinctions_of_its_commits(ledger: Ledger) -> None:
    shas = history(ledger, 1, 2, 3)
    scan(ledger, a_sha(99))
    extinguish(ledger, shas[1], "old")
    deploy(ledger, shas[0], 0)
    second, third = deploy(ledger, shas[2], 10), deploy(ledger, shas[2], 20)

    assert [("old", 0, 1)] == of_deployment(ledger, second)
    assert [] == of_deployment(ledger, third)


def test_scans_of_another_repository_tell_nothing(ledger: Ledger) -> None:
    other = a_code_repository(name="other", source_link="https://github.com/shopist/other")
    ledger.write(add_code_repositories, other)
    for sha, flags in ((a_sha(1), ("a",)), (a_sha(2), ("b",))):
        branch = a_branch(head=sha, repository=other.key)
        put_references(ledger, branch, hunks(*flags), now=NOON, chance=next(_chances).to_bytes(10, "big"))
    deploy(ledger, a_sha(1), 0)

    assert [] == of_deployment(ledger, deploy(ledger, a_sha(2), 10))


def test_a_repository_without_a_link_is_known_by_its_name(ledger: Ledger) -> None:
    shop = a_code_repository(name="Shop", source_link="")
    ledger.write(add_code_repositories, shop)
    for sha, flags in ((a_sha(1), ("a",)), (a_sha(2), ("a", "b"))):
        branch = a_branch(head=sha, repository=shop.key)
        put_references(ledger, branch, hunks(*flags), now=NOON, chance=next(_chances).to_bytes(10, "big"))
    ids = [
        a_deployment(
            repository_id="gitlab.example.com/any/shop", commit_sha=a_sha(number), finished_at=NOON + number
        )
        for number in (1, 2)
    ]
    for one in ids:
        ledger.write(record_deployments, one)

    assert [("b", 1, 0)] == of_deployment(ledger, ids[1])


def test_nobody_sees_the_flags_of_another_organisation(ledger: Ledger, other_org_id: OrgId) -> None:
    scan(ledger, a_sha(1), "a")
    scan(ledger, a_sha(2), "b")
    first = deploy(ledger, a_sha(1), 0)
    second = deploy(ledger, a_sha(2), 10)
    report(ledger, base_sha=a_sha(1), head_sha=a_sha(2))
    link(ledger, "c", is_added=True)

    assert [] == of_deployment(ledger, second, other_org_id)
    assert [] == of_deployment(ledger, first, other_org_id)
    assert [] == of_pull(ledger, other_org_id)


def test_an_explained_deployment_names_its_flags(ledger: Ledger) -> None:
    scan(ledger, a_sha(1), "a")
    scan(ledger, a_sha(3), "b", "b")
    deploy(ledger, a_sha(1), 0)
    second = deploy(ledger, a_sha(3), 10)

    told = ledger.read(explain_deployment, ORG_ID, second.id)

    assert [("a", 0, 1), ("b", 2, 0)] == [
        (one.flag_key, one.references_added, one.references_removed)
        for one in explained(told).flag_references
    ]
    assert [
        "",
        "Flags in code",
        "  default/a  0 added, 1 removed",
        "  default/b  2 added, 0 removed",
    ] == list(page(told))[-4:]


@pytest.fixture
def statements(ledger: Ledger) -> Iterator[list[str]]:
    """Everything that is asked of the database."""
    told: list[str] = []

    def note(*args: Any) -> None:
        told.append(args[2])

    event.listen(ledger.engine, "before_cursor_execute", note)
    yield told
    event.remove(ledger.engine, "before_cursor_execute", note)


def test_a_longer_page_costs_no_more_statements(ledger: Ledger, statements: list[str]) -> None:
    shas = history(ledger, *range(1, 12))
    for number, sha in enumerate(shas):
        scan(ledger, sha, *(["a"] * number))
    ids = [deploy(ledger, sha, minute).id for minute, sha in enumerate(shas)]

    def cost(page: list[Any]) -> int:
        statements.clear()
        ledger.read(flag_references_of_deployments, ORG_ID, page)
        return len(statements)

    assert cost(ids[:2]) == cost(ids)


@pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
def test_sqlite_looks_commits_up_by_deployment_and_never_walks_through_all(ledger: Ledger) -> None:
    told = deploy(ledger, a_sha(1), 0)
    asked: list[tuple[str, Any]] = []

    def note(*args: Any) -> None:
        asked.append((args[2], args[3]))

    event.listen(ledger.engine, "before_cursor_execute", note)
    ledger.read(flag_references_of_deployments, ORG_ID, [told.id])
    event.remove(ledger.engine, "before_cursor_execute", note)
    plans = [
        step.detail
        for statement, parameters in asked
        if "FROM deployment_commits" in statement and statement.startswith("SELECT")
        for step in ledger.read(_explained, statement, parameters)
        if "SEARCH deployment_commits" in step.detail
    ]

    assert {"SEARCH deployment_commits USING PRIMARY KEY (org_id=? AND deployment_id=?)"} == set(plans)


def _explained(transaction: Transaction, statement: str, parameters: Any) -> list[Any]:
    return list(transaction.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters))
