"""Scanned branches on both engines: what replaces what, and what a broken upload leaves."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from fairlead.domain.access import OrgId
from fairlead.domain.code_references import (
    MOST_HUNKS,
    Branch,
    CodeRepository,
    Extinction,
    Host,
    Hunk,
    code_repository_key,
)
from fairlead.domain.errors import Conflict, NotFound, Rejected, TooLarge
from fairlead.domain.instants import NS_PER_S
from fairlead.store import code_uploads
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.store.tables import code_flag_counts, code_hunks, code_scans
from fairlead.store.tables import code_uploads as open_uploads
from fairlead.usecases.add_code_repositories import add_code_repositories
from fairlead.usecases.change_code_repositories import CodeRepositoryChange, change_code_repositories
from fairlead.usecases.delete_code_repositories import (
    BranchesNamed,
    delete_code_branches,
    delete_code_repositories,
)
from fairlead.usecases.find_code_references import (
    ExtinctionsAsked,
    RepositoryAsked,
    extinctions_found,
    find_code_branch,
    find_code_branches,
    find_code_repositories,
    find_code_repository,
    flag_uses,
    projects_named,
)
from fairlead.usecases.put_references import put_references
from fairlead.usecases.record_extinctions import ExtinctionsOf, record_extinctions
from tests.factories import NOON, ORG_ID, a_branch, a_code_repository, a_hunk, a_sha

KEY = code_repository_key("checkout")
_chances = iter(range(1, 1_000_000))


@pytest.fixture
def repository(ledger: Ledger) -> CodeRepository:
    """A repository that nobody has scanned yet."""
    kept: CodeRepository = ledger.write(add_code_repositories, a_code_repository())
    return kept


def scan(ledger: Ledger, branch: Branch, *hunks: Hunk, now: int = NOON) -> None:
    put_references(ledger, branch, hunks, now=now, chance=next(_chances).to_bytes(10, "big"))


def named(ledger: Ledger, branch: str = "main", org_id: OrgId = ORG_ID, **asked: Any) -> list[Hunk]:
    found = ledger.read(find_code_branch, org_id, KEY, branch, RepositoryAsked(**asked))
    return list(found.hunks or ())


def rows(ledger: Ledger, table: Any) -> int:
    with writing(ledger.engine) as transaction:
        return len(list(transaction.execute(table.select())))


def an_extinction(**changes: Any) -> Extinction:
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "repository": KEY,
        "branch": "main",
        "project_key": "default",
        "flag_key": "old-flag",
        "revision": a_sha(1),
        "message": "Remove old-flag\n",
        "extinct_at": NOON,
    }
    return Extinction(**fields | changes)


def extinguish(ledger: Ledger, *extinctions: Extinction, branch: str = "main") -> None:
    told = ExtinctionsOf(org_id=ORG_ID, repository=KEY, branch=branch, extinctions=extinctions)
    ledger.write(record_extinctions, told)


def test_a_repository_comes_back_as_it_was_told_and_by_any_case_of_its_name(ledger: Ledger) -> None:
    told = a_code_repository(name="My.Repo_1-x", host=Host.GITLAB, hunk_url_template="${lineNumber}")

    ledger.write(add_code_repositories, told)

    assert told == ledger.read(find_code_repository, ORG_ID, code_repository_key("mY.rEPO_1-X"))


def test_a_name_that_is_taken_in_another_case_is_taken(ledger: Ledger, repository: CodeRepository) -> None:
    with pytest.raises(Conflict, match="CHECKOUT"):
        ledger.write(add_code_repositories, a_code_repository(name="CHECKOUT"))


@pytest.mark.parametrize("name", ["", "a/b", "a b", "ä", "..", "a\n", "x" * 201])
def test_a_name_that_cannot_stand_in_a_path_is_refused(name: str) -> None:
    with pytest.raises(Rejected) as refused:
        a_code_repository(name=name)

    assert "name" == refused.value.field


def test_a_change_counts_a_version_and_no_change_does_not(ledger: Ledger, repository: CodeRepository) -> None:
    def renamed(known: CodeRepository) -> CodeRepository:
        return a_code_repository(default_branch="trunk", version=known.version, updated_at=known.updated_at)

    change = CodeRepositoryChange(org_id=ORG_ID, key=KEY, changed=renamed, at=NOON + 9)
    first: CodeRepository = ledger.write(change_code_repositories, change)
    second: CodeRepository = ledger.write(change_code_repositories, change)

    assert ("trunk", 2, NOON + 9) == (first.default_branch, first.version, first.updated_at)
    assert first == second


def test_a_branch_comes_back_as_it_was_scanned(ledger: Ledger, repository: CodeRepository) -> None:
    branch = a_branch(name="feature/x y", update_sequence_id=2**62)
    hunks = [a_hunk(), a_hunk("b", lines=None, hint="py"), a_hunk(path="z.py", aliases=("x", "y"))]

    scan(ledger, branch, *hunks)

    found = ledger.read(find_code_branch, ORG_ID, KEY, "feature/x y", RepositoryAsked())
    assert (branch, tuple(hunks)) == (found.branch, found.hunks)
    assert [branch] == ledger.read(find_code_branches, ORG_ID, KEY)


def test_an_upload_replaces_all_that_the_branch_had(ledger: Ledger, repository: CodeRepository) -> None:
    scan(ledger, a_branch(), *[a_hunk(starting_line_number=line) for line in range(1, 1200)])
    scan(ledger, a_branch(), a_hunk("b"))

    assert [a_hunk("b")] == named(ledger)
    assert (1, 0) == (rows(ledger, code_hunks), rows(ledger, open_uploads))


def test_an_upload_without_references_clears_the_branch(ledger: Ledger, repository: CodeRepository) -> None:
    scan(ledger, a_branch(), a_hunk())
    scan(ledger, a_branch())

    assert [] == named(ledger)


def test_hunks_are_found_by_project_and_flag(ledger: Ledger, repository: CodeRepository) -> None:
    scan(ledger, a_branch(), a_hunk("a"), a_hunk("b"), a_hunk("a", project_key="other"))

    assert [a_hunk("a"), a_hunk("b")] == named(ledger, project_key="default")
    assert [a_hunk("b")] == named(ledger, project_key="default", flag_key="b")


@pytest.mark.parametrize("given", [7, 6])
def test_an_upload_must_give_a_higher_number_than_the_last(
    ledger: Ledger, repository: CodeRepository, given: int
) -> None:
    scan(ledger, a_branch(update_sequence_id=7), a_hunk("a"))

    with pytest.raises(Conflict, match="greater than 7"):
        scan(ledger, a_branch(update_sequence_id=given), a_hunk("b"))

    assert [a_hunk("a")] == named(ledger)


def test_an_upload_without_a_number_overwrites_and_keeps_the_number(
    ledger: Ledger, repository: CodeRepository
) -> None:
    scan(ledger, a_branch(update_sequence_id=7), a_hunk("a"))
    scan(ledger, a_branch(), a_hunk("b"))

    assert [a_hunk("b")] == named(ledger)
    with pytest.raises(Conflict):
        scan(ledger, a_branch(update_sequence_id=7))
    scan(ledger, a_branch(update_sequence_id=8), a_hunk("c"))


class Broken(Exception):
    """What a body raises that turns out to be wrong half way."""


def breaking_after(number: int) -> Iterator[Hunk]:
    yield from (a_hunk(starting_line_number=line) for line in range(1, number))
    raise Broken


def test_an_upload_that_breaks_off_leaves_the_branch_and_no_trace(
    ledger: Ledger, repository: CodeRepository
) -> None:
    scan(ledger, a_branch(), a_hunk("a"))
    chance = b"0123456789"

    with pytest.raises(Broken):
        put_references(ledger, a_branch(), breaking_after(1300), now=NOON, chance=chance)

    assert [a_hunk("a")] == named(ledger)
    assert (1, 0) == (rows(ledger, code_hunks), rows(ledger, open_uploads))


def test_a_branch_is_as_before_until_the_upload_is_whole(ledger: Ledger, repository: CodeRepository) -> None:
    scan(ledger, a_branch(), a_hunk("a"))
    seen: list[list[Hunk]] = []

    def watched() -> Iterator[Hunk]:
        for line in range(1, 1301):
            yield a_hunk("b", starting_line_number=line)
            if line % 600 == 0:
                seen.append(named(ledger))

    put_references(ledger, a_branch(), watched(), now=NOON, chance=b"0123456789")

    assert [[a_hunk("a")]] * 2 == seen
    assert 1300 == len(named(ledger))


def test_what_a_crash_left_behind_is_removed_by_a_later_upload(
    ledger: Ledger, repository: CodeRepository
) -> None:
    with writing(ledger.engine) as transaction:
        code_uploads.begin(transaction, ORG_ID, "left", NOON)
        code_uploads.add(transaction, ORG_ID, "left", 0, [a_hunk("a")])

    scan(ledger, a_branch(), now=NOON + 3600 * NS_PER_S)
    assert (1, 1) == (rows(ledger, code_hunks), rows(ledger, open_uploads))
    scan(ledger, a_branch(), now=NOON + 3601 * NS_PER_S)
    assert (0, 0) == (rows(ledger, code_hunks), rows(ledger, open_uploads))


def test_more_hunks_than_anybody_needs_are_refused(ledger: Ledger, repository: CodeRepository) -> None:
    def endless() -> Iterable[Hunk]:
        one = a_hunk(lines=None)
        return (one for _ in range(MOST_HUNKS + 1))

    with pytest.raises(TooLarge, match="exclude files"):
        put_references(ledger, a_branch(), endless(), now=NOON, chance=b"0123456789")

    assert 0 == rows(ledger, code_hunks)


def test_nothing_is_kept_of_a_repository_that_is_not_known(ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="checkout"):
        scan(ledger, a_branch(), a_hunk())

    assert 0 == rows(ledger, code_hunks)


def test_branches_are_forgotten_by_name_and_unknown_ones_are_no_error(
    ledger: Ledger, repository: CodeRepository
) -> None:
    scan(ledger, a_branch(), a_hunk())
    scan(ledger, a_branch(name="gone/branch"), a_hunk())

    ledger.write(delete_code_branches, BranchesNamed(org_id=ORG_ID, key=KEY, names=("gone/branch", "never")))

    assert ["main"] == [one.name for one in ledger.read(find_code_branches, ORG_ID, KEY)]
    assert 1 == rows(ledger, code_hunks)


def test_a_repository_is_forgotten_with_all_that_was_scanned(
    ledger: Ledger, repository: CodeRepository
) -> None:
    scan(ledger, a_branch(), a_hunk())
    extinguish(ledger, an_extinction())

    ledger.write(delete_code_repositories, BranchesNamed(org_id=ORG_ID, key=KEY))

    assert [0, 0, 0] == [rows(ledger, table) for table in (code_hunks, code_scans, code_flag_counts)]
    assert [] == ledger.read(extinctions_found, ORG_ID, ExtinctionsAsked(branch="main"))
    with pytest.raises(NotFound):
        ledger.write(delete_code_repositories, BranchesNamed(org_id=ORG_ID, key=KEY))


def test_extinctions_told_again_are_one(ledger: Ledger, repository: CodeRepository) -> None:
    scan(ledger, a_branch())
    extinguish(ledger, an_extinction(), an_extinction())
    extinguish(ledger, an_extinction())

    assert [an_extinction()] == ledger.read(extinctions_found, ORG_ID, ExtinctionsAsked())


def test_extinctions_are_found_by_everything_they_tell(ledger: Ledger, repository: CodeRepository) -> None:
    scan(ledger, a_branch())
    scan(ledger, a_branch(name="side"))
    old, new = an_extinction(), an_extinction(flag_key="b", extinct_at=NOON + 5, revision=a_sha(2))
    aside = an_extinction(branch="side", extinct_at=NOON + 9)
    extinguish(ledger, old, new)
    extinguish(ledger, aside, branch="side")

    def found(**asked: Any) -> list[Extinction]:
        return ledger.read(extinctions_found, ORG_ID, ExtinctionsAsked(**asked))

    assert [new, old] == found()
    assert [aside] == found(branch="side")
    assert [old] == found(flag_key="old-flag")
    assert [] == found(project_key="other")
    assert [new] == found(from_at=NOON + 5, until_at=NOON + 5)
    assert [] == found(repository="elsewhere")


def test_extinctions_of_a_branch_that_was_never_scanned_are_refused(
    ledger: Ledger, repository: CodeRepository
) -> None:
    with pytest.raises(NotFound, match='no branch "main"'):
        extinguish(ledger, an_extinction())


def test_flags_are_counted_on_default_branches_only(ledger: Ledger, repository: CodeRepository) -> None:
    scan(ledger, a_branch(name="side"), a_hunk("a"))
    scan(ledger, a_branch(), a_hunk("a"), a_hunk("a", path="b.py"), a_hunk("a", path="b.py"), a_hunk("b"))

    found = ledger.read(flag_uses, ORG_ID, "default")

    assert [("a", 3, 2), ("b", 1, 1)] == [
        (use.count.flag_key, use.count.hunks, use.count.files) for use in found
    ]
    assert ["b"] == [use.count.flag_key for use in ledger.read(flag_uses, ORG_ID, "default", "b")]
    assert ["default"] == ledger.read(projects_named, ORG_ID)


def test_nobody_sees_or_changes_what_another_organisation_scanned(
    ledger: Ledger, repository: CodeRepository, other_org_id: OrgId
) -> None:
    scan(ledger, a_branch(), a_hunk())
    extinguish(ledger, an_extinction())

    assert [] == ledger.read(find_code_repositories, other_org_id, RepositoryAsked(with_branches=True))
    assert [] == ledger.read(flag_uses, other_org_id, "default")
    assert [] == ledger.read(extinctions_found, other_org_id, ExtinctionsAsked(branch="main"))
    with pytest.raises(NotFound):
        named(ledger, org_id=other_org_id)
    with pytest.raises(NotFound):
        scan(ledger, a_branch(org_id=other_org_id))
    with pytest.raises(NotFound):
        ledger.write(delete_code_branches, BranchesNamed(org_id=other_org_id, key=KEY, names=("main",)))
