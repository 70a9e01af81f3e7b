"""Every row of the table of stages, with numbers by hand; `docs/metrics.md` says the same in words."""

import pytest

from fairlead.domain.changes import FARTHEST_AT
from fairlead.domain.links import STAGES, DeploymentLead, Lead
from fairlead.metrics.lead_time import Review, commit_lead, deployment_lead

HOUR = 3600 * 10**9
MINUTE = 60 * 10**9

COMMIT, READY, APPROVED, MERGED, STARTED, FINISHED = (
    hour * HOUR + minute * MINUTE for hour, minute in ((9, 0), (10, 30), (13, 0), (13, 20), (15, 0), (15, 10))
)
STARTED_EARLY, FINISHED_EARLY = 11 * HOUR, 12 * HOUR


def at(hour: int, minute: int = 0) -> int:
    return hour * HOUR + minute * MINUTE


def reviewed(**changes: int | None) -> Review:
    fields: dict[str, int | None] = {"ready_at": READY, "approved_at": APPROVED, "merged_at": MERGED}
    return Review(**fields | changes)


def stages(lead: Lead) -> dict[str, int]:
    """Return the stages that are there."""
    pairs = zip(STAGES, lead.stages_ns, strict=True)
    return {name: ns for name, ns in pairs if ns is not None}


def test_a_lead_time_goes_from_the_author_s_time_to_the_end_of_the_deployment() -> None:
    assert at(6, 10) == commit_lead(COMMIT, None, STARTED, FINISHED).lead_time_ns


def test_a_commit_older_than_ready_mark_and_approval_has_stages_that_add_up_to_its_lead_time() -> None:
    lead = commit_lead(COMMIT, reviewed(), STARTED, FINISHED)

    assert {
        "time_to_pr_ready": at(1, 30),
        "review_time": at(2, 30),
        "merge_time": at(0, 20),
        "time_to_deploy": at(1, 40),
        "deploy_time": at(0, 10),
    } == stages(lead)
    assert sum(stages(lead).values()) == lead.lead_time_ns


def test_a_commit_pushed_during_review_has_stages_that_add_up_to_more() -> None:
    lead = commit_lead(at(12), reviewed(), STARTED, FINISHED)

    assert {
        "review_time": at(2, 30),
        "merge_time": at(0, 20),
        "time_to_deploy": at(1, 40),
        "deploy_time": at(0, 10),
    } == stages(lead)
    assert at(3, 10) == lead.lead_time_ns
    assert at(4, 40) == sum(stages(lead).values())


def test_a_commit_pushed_after_the_last_approval_was_not_reviewed() -> None:
    lead = commit_lead(at(13, 10), reviewed(), STARTED, FINISHED)

    assert {"merge_time": at(0, 20), "time_to_deploy": at(1, 40), "deploy_time": at(0, 10)} == stages(lead)


@pytest.mark.parametrize(("authored_at", "wait"), [(READY, 0), (READY - 1, 1)])
def test_a_commit_as_old_as_the_ready_mark_waited_for_it_no_time(authored_at: int, wait: int) -> None:
    assert wait == stages(commit_lead(authored_at, reviewed(), STARTED, FINISHED))["time_to_pr_ready"]


def test_a_commit_as_old_as_the_approval_was_reviewed() -> None:
    assert at(2, 30) == stages(commit_lead(APPROVED, reviewed(), STARTED, FINISHED))["review_time"]


def test_without_a_pull_request_the_wait_begins_with_the_commit() -> None:
    lead = commit_lead(COMMIT, None, STARTED, FINISHED)

    assert {"time_to_deploy": at(6), "deploy_time": at(0, 10)} == stages(lead)


def test_a_merge_without_approval_has_neither_review_nor_merge_time() -> None:
    lead = commit_lead(COMMIT, reviewed(approved_at=None), STARTED, FINISHED)

    assert {
        "time_to_pr_ready": at(1, 30),
        "time_to_deploy": at(1, 40),
        "deploy_time": at(0, 10),
    } == stages(lead)


def test_a_draft_that_was_merged_was_never_ready() -> None:
    lead = commit_lead(COMMIT, reviewed(ready_at=None), STARTED, FINISHED)

    assert {
        "merge_time": at(0, 20),
        "time_to_deploy": at(1, 40),
        "deploy_time": at(0, 10),
    } == stages(lead)


def test_a_ready_mark_after_the_approval_leaves_no_review_time() -> None:
    lead = commit_lead(COMMIT, reviewed(ready_at=at(13, 5)), STARTED, FINISHED)

    assert {
        "time_to_pr_ready": at(4, 5),
        "merge_time": at(0, 20),
        "time_to_deploy": at(1, 40),
        "deploy_time": at(0, 10),
    } == stages(lead)


def test_a_deployment_from_a_branch_that_is_merged_later_waited_for_nothing() -> None:
    lead = commit_lead(COMMIT, reviewed(), STARTED_EARLY, FINISHED_EARLY)

    assert {
        "time_to_pr_ready": at(1, 30),
        "review_time": at(2, 30),
        "merge_time": at(0, 20),
        "deploy_time": at(1),
    } == stages(lead)
    assert at(3) == lead.lead_time_ns


def test_a_deployment_without_duration_took_no_time() -> None:
    assert 0 == stages(commit_lead(COMMIT, None, FINISHED, FINISHED))["deploy_time"]


def test_a_commit_made_while_it_was_being_deployed_waited_for_nothing() -> None:
    lead = commit_lead(at(15, 5), None, STARTED, FINISHED)

    assert {"deploy_time": at(0, 10)} == stages(lead)
    assert at(0, 5) == lead.lead_time_ns


def test_a_commit_younger_than_its_deployment_has_no_lead_time() -> None:
    assert commit_lead(FINISHED + 1, None, STARTED, FINISHED).lead_time_ns is None


def test_a_commit_from_the_beginning_of_all_clocks_has_a_lead_time_that_can_be_kept() -> None:
    assert FARTHEST_AT == commit_lead(-FARTHEST_AT, None, STARTED, FINISHED).lead_time_ns


def test_the_worked_example_of_the_documentation() -> None:
    leads = [commit_lead(made_at, None, at(15, 50), at(16)) for made_at in (at(11), at(12, 30))]

    lead = deployment_lead(leads)

    assert (at(4, 15), at(3, 30), at(5)) == (lead.average_ns, lead.shortest_ns, lead.longest_ns)


def test_each_average_is_over_the_commits_that_have_the_stage() -> None:
    direct = commit_lead(at(14), None, STARTED, FINISHED)
    through_review = commit_lead(COMMIT, reviewed(), STARTED, FINISHED)

    lead = deployment_lead([direct, through_review])

    # Wait: (1:00 + 1:40) / 2; the stages before it are those of the one that has them.
    expected = at(1, 30), at(2, 30), at(0, 20), at(1, 20), at(0, 10)
    assert expected == lead.stages_ns


def test_a_commit_without_a_lead_time_weighs_nothing() -> None:
    leads = [commit_lead(made_at, None, STARTED, FINISHED) for made_at in (COMMIT, FINISHED + HOUR)]

    assert at(6, 10) == deployment_lead(leads).average_ns


def test_no_commits_have_no_average_rather_than_zero() -> None:
    assert DeploymentLead() == deployment_lead([])


@pytest.mark.parametrize(
    ("spans", "average"), [((1, 2), 2), ((2, 3), 2), ((1, 1, 2), 1), ((1, 2, 2), 2), ((3, 4), 4), ((5,), 5)]
)
def test_an_average_is_rounded_to_the_nearest_nanosecond_and_halves_to_the_even_one(
    spans: tuple[int, ...], average: int
) -> None:
    leads = [commit_lead(FINISHED - span, None, FINISHED, FINISHED) for span in spans]

    assert average == deployment_lead(leads).average_ns
