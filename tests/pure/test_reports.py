"""Reports of pull requests add up to the same, in whatever order and however often they come."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from fairlead.domain.changes import PullRequest, PullRequestState
from fairlead.domain.reports import (
    EVERYBODY,
    Account,
    Opinion,
    PullRequestReport,
    Review,
    standing_approvals,
    stronger,
)
from tests.factories import MINUTE_NS, NOON, a_report, a_sha

OPENED_AT = NOON - 60 * MINUTE_NS


def told(*reports: PullRequestReport) -> PullRequest:
    """The pull request that reports add up to, as the store adds them up."""
    account = Account.of(reports[0])
    for report in reports[1:]:
        account = account.with_report(report)
    reviews: dict[tuple[str, int], Review] = {}
    for review in (review for report in reports for review in report.reviews):
        key = review.reviewer, review.at
        reviews[key] = stronger(reviews.get(key, review), review)
    return account.pull_request(reviews.values())


# Few instants, so that clocks often agree, as clocks that tick in seconds do.
_instants = st.integers(1, 4).map(lambda tick: NOON + tick * MINUTE_NS)


def _or_untold(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.just(UNSET) | values


_reviews = st.builds(
    Review, st.sampled_from(["ada", "grace", EVERYBODY]), _instants, st.sampled_from(Opinion)
)
_reports = st.builds(
    a_report,
    updated_at=_instants,
    title=st.sampled_from(["a", "b", "longer"]),
    author=_or_untold(st.sampled_from(["ada", "bob"])),
    state=_or_untold(st.sampled_from(PullRequestState)),
    labels=_or_untold(st.sampled_from([(), ("a",), ("b",), ("a", "b")])),
    closed_at=_or_untold(st.none() | _instants),
    merged_at=_or_untold(_instants),
    head_sha=_or_untold(st.integers(1, 3).map(a_sha)),
    commits=_or_untold(st.integers(0, 12)),
    is_draft=st.booleans(),
    marked_ready=st.booleans(),
    reviews=st.lists(_reviews, max_size=2).map(tuple),
)


@given(st.lists(_reports, min_size=1, max_size=6), st.data())
def test_the_order_of_reports_and_their_repetition_change_nothing(
    reports: list[PullRequestReport], data: st.DataObject
) -> None:
    again = data.draw(st.permutations(reports + data.draw(st.lists(st.sampled_from(reports), max_size=4))))

    assert told(*reports) == told(*again)


def test_the_report_with_the_later_clock_stands() -> None:
    earlier, later = a_report(title="Before"), a_report(title="After", updated_at=NOON + 1)

    assert "After" == told(later, earlier).title


def test_what_only_an_older_report_tells_is_kept() -> None:
    sizes = a_report(commits=3, lines_added=120, lines_deleted=48, files_changed=7)
    review = a_report(updated_at=NOON + 1)

    known = told(sizes, review)
    assert (3, 120, 48, 7) == (
        known.commits,
        known.lines_added,
        known.lines_deleted,
        known.files_changed,
    )


def test_an_older_size_does_not_replace_a_newer_one_that_came_before_it() -> None:
    newest, oldest = a_report(updated_at=NOON + 9), a_report(updated_at=NOON + 1, commits=1)
    between = a_report(updated_at=NOON + 5, commits=5)

    assert 5 == told(newest, between, oldest).commits


def test_nothing_undoes_a_merge() -> None:
    merged = a_report(state=PullRequestState.MERGED, merged_at=NOON, merge_sha=a_sha(1))
    stale = a_report(state=PullRequestState.OPEN, updated_at=NOON + 1)

    known = told(merged, stale)
    assert (PullRequestState.MERGED, NOON, a_sha(1)) == (known.state, known.merged_at, known.merge_sha)


def test_a_pull_request_that_is_reopened_is_open() -> None:
    closed = a_report(state=PullRequestState.CLOSED, closed_at=NOON)
    reopened = a_report(state=PullRequestState.OPEN, closed_at=None, updated_at=NOON + 1)

    known = told(closed, reopened)
    assert (PullRequestState.OPEN, None) == (known.state, known.closed_at)


def test_one_that_never_was_a_draft_was_ready_when_it_was_opened() -> None:
    assert OPENED_AT == told(a_report(opened_at=OPENED_AT)).ready_at


def test_a_draft_is_not_ready() -> None:
    assert told(a_report(is_draft=True)).ready_at is None


def test_a_draft_is_ready_once_it_was_marked_so() -> None:
    ready = a_report(marked_ready=True, updated_at=NOON + 5)

    assert NOON + 5 == told(ready, a_report(is_draft=True)).ready_at


def test_one_that_is_a_draft_again_is_not_ready_until_it_is_marked_once_more() -> None:
    reports = [
        a_report(is_draft=True),
        a_report(marked_ready=True, updated_at=NOON + 5),
        a_report(is_draft=True, updated_at=NOON + 9),
    ]

    assert told(*reports).ready_at is None
    assert NOON + 12 == told(*reports, a_report(marked_ready=True, updated_at=NOON + 12)).ready_at


def test_one_that_was_marked_in_the_second_in_which_it_was_opened_as_a_draft_is_ready() -> None:
    assert NOON == told(a_report(is_draft=True), a_report(marked_ready=True)).ready_at


def test_a_mark_stays_when_later_reports_say_nothing_of_it() -> None:
    ready, later = a_report(marked_ready=True), a_report(updated_at=NOON + 9)

    assert NOON == told(later, ready).ready_at


@pytest.mark.parametrize(
    ("reviews", "standing"),
    [
        ([("ada", 1, Opinion.APPROVED)], [("ada", 1)]),
        ([("ada", 1, Opinion.COMMENTED)], []),
        ([("grace", 2, Opinion.APPROVED), ("ada", 1, Opinion.APPROVED)], [("ada", 1), ("grace", 2)]),
        ([("ada", 1, Opinion.APPROVED), ("ada", 2, Opinion.COMMENTED)], [("ada", 1)]),
        ([("ada", 1, Opinion.APPROVED), ("ada", 2, Opinion.CHANGES_REQUESTED)], []),
        ([("ada", 1, Opinion.APPROVED), ("ada", 2, Opinion.WITHDRAWN)], []),
        ([("ada", 1, Opinion.APPROVED), ("grace", 2, Opinion.WITHDRAWN)], [("ada", 1)]),
        ([("ada", 1, Opinion.WITHDRAWN), ("ada", 2, Opinion.APPROVED)], [("ada", 2)]),
        ([("ada", 1, Opinion.APPROVED), ("ada", 3, Opinion.APPROVED)], [("ada", 1), ("ada", 3)]),
        ([("ada", 1, Opinion.APPROVED), (EVERYBODY, 2, Opinion.WITHDRAWN)], []),
        ([(EVERYBODY, 2, Opinion.WITHDRAWN), ("ada", 3, Opinion.APPROVED)], [("ada", 3)]),
    ],
)
def test_an_approval_stands_until_its_reviewer_thinks_otherwise(
    reviews: list[tuple[str, int, Opinion]], standing: list[tuple[str, int]]
) -> None:
    approvals = standing_approvals(Review(*review) for review in reviews)

    assert standing == [(one.reviewer, one.at) for one in approvals]


def test_a_review_that_is_dismissed_no_longer_counts() -> None:
    approved, dismissed = (
        a_report(reviews=(Review("grace", NOON, opinion),))
        for opinion in (Opinion.APPROVED, Opinion.WITHDRAWN)
    )

    assert () == told(dismissed, approved).approvals
