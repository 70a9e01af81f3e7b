from typing import Any

import pytest

from fairlead.domain.changes import FARTHEST_AT, CommitsOf, Person, RepositoryId, Sha
from fairlead.domain.pushes import Push, PushedCommit, commits_of
from tests.factories import NOON, ORG_ID, a_sha

BEFORE = a_sha(0)
ADA = Person("Ada Lovelace", "ada@example.com")
MERGE = "Merge pull request #17 from shopist/gateway"


def pushed(number: int, message: str = "Change", **changes: Any) -> PushedCommit:
    fields: dict[str, Any] = {
        "sha": a_sha(number),
        "message": message,
        "at": NOON + number,
        "author": ADA,
        "committer": ADA,
        "paths": ("src/checkout.py",),
    }
    return PushedCommit(**fields | changes)


def known(number: int, message: str = "Change") -> PushedCommit:
    """A commit that was pushed to another branch before."""
    return pushed(number, message, is_new=False)


def told(*commits: PushedCommit, before: Sha | None = BEFORE, is_whole: bool = True) -> CommitsOf:
    push = Push(
        org_id=ORG_ID,
        repository_id=RepositoryId("github.com/shopist/checkout"),
        before=before,
        commits=commits,
        is_whole=is_whole,
    )
    return commits_of(push)


def parents(found: CommitsOf) -> list[list[int]]:
    """Parents by number, in the order of the list."""
    numbers = {a_sha(number): number for number in range(10)}
    return [[numbers[sha] for sha in commit.parents] for commit in found.commits]


@pytest.mark.parametrize(
    ("commits", "expected"),
    [
        ([pushed(1)], [[0]]),
        ([pushed(1), pushed(2), pushed(3)], [[0], [1], [2]]),
        # A branch that was pushed on its own and is merged now: where it began, nobody told.
        ([known(1), known(2), pushed(3, MERGE)], [[], [1], [0, 2]]),
        # A branch that nobody saw before.
        ([pushed(1), pushed(2), pushed(3, MERGE)], [[0], [1], [0, 2]]),
        # A commit on the trunk, then a merge.
        ([pushed(1), known(2), pushed(3, MERGE)], [[0], [], [1, 2]]),
        # Two merges in one push.
        ([known(1), pushed(2, MERGE), known(3), pushed(4, MERGE)], [[], [0, 1], [], [2, 3]]),
        # A branch that was only moved on.
        ([known(1), known(2)], [[0], [1]]),
        # Known commits with something new on top, without a merge.
        ([known(1), pushed(2)], [[0], [1]]),
    ],
)
def test_parents_follow_from_the_order_of_the_list(
    commits: list[PushedCommit], expected: list[list[int]]
) -> None:
    assert expected == parents(told(*commits))


def test_parents_that_follow_from_an_order_are_not_exact() -> None:
    assert not any(commit.parents_exact for commit in told(pushed(1), pushed(2)).commits)


def test_a_new_branch_begins_where_nobody_told() -> None:
    found = told(pushed(1), pushed(2), before=None)

    assert [[], [1]] == parents(found)
    assert frozenset({a_sha(1)}) == found.boundary


def test_a_list_that_leaves_commits_out_begins_where_nobody_told_and_still_merges() -> None:
    found = told(pushed(1), pushed(2), pushed(3, MERGE), is_whole=False)

    assert [[], [1], [0, 2]] == parents(found)
    assert frozenset({a_sha(1)}) == found.boundary


@pytest.mark.parametrize(
    ("message", "is_merge"),
    [
        ("Merge pull request #17 from shopist/gateway\n\nCharge cards", True),
        ("Merge branch 'gateway' into 'main'", True),
        ("Merge branches 'a' and 'b'", True),
        ("Merge remote-tracking branch 'origin/main'", True),
        ("Merge tag 'v1.4.2'", True),
        ("Merge commit '66adc93'", True),
        ("Merge sort for the list of carts", False),
        ("Charge cards (#17)", False),
        ("", False),
    ],
)
def test_a_merge_is_told_by_its_message(message: str, is_merge: bool) -> None:
    assert is_merge == told(known(1), pushed(2, message)).commits[1].is_merge


@pytest.mark.parametrize(
    ("message", "subject"),
    [
        ("Charge cards\n\nThe old gateway goes away.", "Charge cards"),
        ("Charge cards\nthrough the new gateway\n \nThe rest.", "Charge cards through the new gateway"),
        ("\n\n  Charge\tcards \n", "Charge cards"),
        ("x" * 2000, "x" * 1000),
        ("a\x00b", "ab"),
        ("", ""),
    ],
)
def test_the_subject_is_the_first_paragraph_in_one_line(message: str, subject: str) -> None:
    assert subject == told(pushed(1, message)).commits[0].subject


def test_a_time_beyond_every_clock_is_moved_to_the_end() -> None:
    [commit] = told(pushed(1, at=2 * FARTHEST_AT)).commits

    assert (FARTHEST_AT, FARTHEST_AT) == (commit.authored_at, commit.committed_at)


def test_paths_are_told_once_and_without_what_no_database_takes() -> None:
    [commit] = told(pushed(1, paths=("a", "b\x00", "a"))).commits

    assert ("a", "b") == commit.paths


def test_paths_that_nobody_told_stay_unknown() -> None:
    [commit] = told(pushed(1, paths=None)).commits

    assert commit.paths is None


def test_a_commit_is_never_its_own_parent() -> None:
    assert [[]] == parents(told(pushed(0)))
