"""What each of GitLab's events tells."""

import json
from typing import Any

import pytest

from fairlead.dialects.gitlab.translate import read
from fairlead.domain.changes import Approval, CommitsOf, PullRequest, PullRequestState, RepositoryId
from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.errors import Rejected
from fairlead.domain.hooks import Delivery, Deploys, Hook, HookId, Reading, Vendor, packed
from fairlead.domain.instants import from_rfc3339
from fairlead.domain.reports import (
    EVERYBODY,
    Account,
    DeploymentStart,
    Opinion,
    PullRequestReport,
    Review,
)
from tests.factories import NOON, ORG_ID, a_sha
from tests.hosts import payload

HEAD = "9d2f6c3a51e0b7c48a6d1f02e5b39874c6a1d0e2"
BASE = "66adc9350f2cc9b250b69abddab733dd55e1a588"
MERGE = "e1a5c88b0d43f7e296c1b85d3a7f09e4c2d6b801"
SQUASH = "5f0c2be7a91d4468b3e07d96c15a8f24e3b7d09c"
REPOSITORY = RepositoryId("gitlab.example.com/shopist/checkout")


def at(text: str) -> int:
    return from_rfc3339(f"2025-03-{text}Z")


def reading(told: Any, *deploys: Deploys) -> Reading:
    return reading_of(json.dumps(told).encode(), *deploys)


def reading_of(body: bytes, *deploys: Deploys) -> Reading:
    hook = Hook(
        org_id=ORG_ID,
        id=HookId("0" * 48),
        vendor=Vendor.GITLAB,
        secret="whsec_",
        deploys=deploys,
        created_at=NOON,
    )
    delivery = Delivery(
        org_id=ORG_ID, hook_id=hook.id, id="1", event="Any Hook", received_at=NOON, packed=packed(body)
    )
    return read(hook, delivery)


def fact(name: str, *deploys: Deploys, **changes: Any) -> Any:
    """The one fact that the event in a payload file tells."""
    [told] = reading(payload("gitlab", name, **changes), *deploys).facts
    return told


def merge_request(name: str, **attributes: Any) -> PullRequestReport:
    """What a merge request event tells, with some of its attributes changed."""
    paths = {f"object_attributes__{key}": value for key, value in attributes.items()}
    told: PullRequestReport = fact(f"merge_request.{name}", **paths)
    return told


def pull_request(*reports: PullRequestReport) -> PullRequest:
    account = Account.of(reports[0])
    for report in reports:
        account = account.with_report(report)
    return account.pull_request(review for report in reports for review in report.reviews)


def test_a_merge_request_is_told_from_its_opening_to_its_merge() -> None:
    reports = [merge_request(name) for name in ("merge", "approved", "open", "ready")]

    assert PullRequest(
        org_id=ORG_ID,
        repository_id=REPOSITORY,
        number=23,
        title="Charge cards through the new gateway",
        url="https://gitlab.example.com/shopist/checkout/-/merge_requests/23",
        author="ada",
        state=PullRequestState.MERGED,
        base_branch="main",
        head_branch="gateway",
        labels=("payments",),
        opened_at=at("10T09:00:00"),
        ready_at=at("10T11:00:00"),
        approvals=(Approval(reviewer="grace", at=at("10T16:30:00")),),
        merged_at=at("11T15:00:00"),
        closed_at=at("11T15:00:00"),
        head_sha=HEAD,
        merge_sha=MERGE,
        updated_at=at("11T15:00:00"),
    ) == pull_request(*reports)


@pytest.mark.parametrize("flag", ["draft", "work_in_progress"])
def test_a_draft_is_told_by_either_flag(flag: str) -> None:
    flags = {"draft": None, "work_in_progress": None} | {flag: True}

    assert merge_request("open", **flags).is_draft


@pytest.mark.parametrize(
    ("changes", "is_ready"),
    [
        ({"draft": {"previous": True, "current": False}}, True),
        ({"work_in_progress": {"previous": True, "current": False}}, True),
        ({"draft": {"previous": False, "current": True}}, False),
        ({"draft": [True, False]}, False),
        ({"title": {"previous": "a", "current": "b"}}, False),
        ({}, False),
        (None, False),
    ],
)
def test_a_draft_is_ready_when_a_change_says_so(changes: Any, is_ready: bool) -> None:
    assert is_ready == fact("merge_request.ready", changes=changes).marked_ready


@pytest.mark.parametrize("action", ["approved", "approval"])
def test_an_approval_is_told_by_two_words(action: str) -> None:
    assert (Review("grace", at("10T16:30:00"), Opinion.APPROVED),) == merge_request(
        "approved", action=action
    ).reviews


@pytest.mark.parametrize("action", ["unapproved", "unapproval"])
def test_so_is_its_withdrawal(action: str) -> None:
    approved, withdrawn = merge_request("approved"), merge_request("unapproved", action=action)

    assert () == pull_request(withdrawn, approved).approvals


def test_the_time_of_an_action_is_told_exactly_where_it_is_told() -> None:
    [review] = merge_request("approved", actioned_at="2025-03-10 16:29:58 UTC").reviews

    assert at("10T16:29:58") == review.at


@pytest.mark.parametrize("action", ["unapproved", "unapproval"])
def test_a_push_can_take_everybodys_approval_back(action: str) -> None:
    reset = merge_request("unapproved", action=action, system=True, system_action="approvals_reset_on_push")

    assert (Review(EVERYBODY, at("11T08:00:00"), Opinion.WITHDRAWN),) == reset.reviews
    assert () == pull_request(merge_request("approved"), reset).approvals


def test_approvals_stay_where_it_is_not_told_whose_were_taken_back() -> None:
    reset = merge_request("unapproved", system=True, system_action="code_owner_approvals_reset_on_push")

    assert () == reset.reviews


def test_somebody_without_a_name_does_not_stand_for_everybody() -> None:
    told: PullRequestReport = fact("merge_request.unapproved", user=None)

    assert ["unknown"] == [review.reviewer for review in told.reviews]


@pytest.mark.parametrize(
    ("shas", "merge_sha"),
    [
        ({"merge_commit_sha": MERGE}, MERGE),
        ({"merge_commit_sha": None, "squash_commit_sha": SQUASH}, SQUASH),
        ({"merge_commit_sha": MERGE, "squash_commit_sha": SQUASH}, SQUASH),
        ({"merge_commit_sha": None}, HEAD),
        ({"merge_commit_sha": ""}, HEAD),
    ],
)
def test_a_merge_puts_a_squash_a_merge_commit_or_the_branch_itself_there(
    shas: dict[str, Any], merge_sha: str
) -> None:
    assert merge_sha == pull_request(merge_request("merge", **shas)).merge_sha


def test_the_merge_of_an_open_one_is_not_told() -> None:
    assert "" == pull_request(merge_request("approved", merge_commit_sha=MERGE)).merge_sha


def test_when_it_was_merged_is_told_by_the_merge_or_by_name() -> None:
    later = {"action": "update", "updated_at": "2025-03-12 08:00:00 UTC"}

    assert None is pull_request(merge_request("merge", **later)).merged_at
    assert (
        at("11T15:00:00") == pull_request(merge_request("merge", **later), merge_request("merge")).merged_at
    )
    named = merge_request("merge", **later, merged_at="2025-03-11T15:00:01Z")
    assert at("11T15:00:01") == pull_request(named).merged_at


def test_one_that_is_closed_and_reopened_is_open() -> None:
    closed = merge_request("ready", action="close", state="closed", updated_at="2025-03-11 09:00:00 UTC")
    again = merge_request("ready", action="reopen", updated_at="2025-03-11 10:00:00 UTC")

    assert (PullRequestState.CLOSED, at("11T09:00:00")) == (
        pull_request(closed).state,
        pull_request(closed).closed_at,
    )
    assert (PullRequestState.OPEN, None) == (
        pull_request(again, closed).state,
        pull_request(again, closed).closed_at,
    )


def test_one_that_is_being_merged_is_still_open() -> None:
    assert PullRequestState.OPEN is merge_request("ready", state="locked").state


def test_the_author_is_told_where_they_act_themselves() -> None:
    assert "" == pull_request(merge_request("approved")).author
    assert "ada" == pull_request(merge_request("approved"), merge_request("open")).author


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-10 16:30:00 UTC",
        "2025-03-10T16:30:00Z",
        "2025-03-10 17:30:00 +0100",
        "2025-03-10T16:30:00.000Z",
    ],
)
def test_times_come_in_several_forms(text: str) -> None:
    assert at("10T16:30:00") == merge_request("approved", updated_at=text).updated_at


def test_a_push_tells_commits_with_author_time_and_paths() -> None:
    told: CommitsOf = fact("push")
    first, _, last = told.commits

    assert (ORG_ID, REPOSITORY) == (told.org_id, told.repository_id)
    assert ("Speak to the new gateway", at("10T08:12:44")) == (first.subject, first.authored_at)
    assert ("src/gateway.py", "src/charge.py") == first.paths
    assert (BASE, HEAD) == last.parents


def test_a_push_of_more_than_gitlab_lists_begins_where_nobody_told() -> None:
    told: CommitsOf = fact("push", total_commits_count=21)

    assert ((), frozenset({told.commits[0].sha})) == (told.commits[0].parents, told.boundary)
    assert (BASE, HEAD) == told.commits[2].parents


def test_a_new_branch_begins_where_nobody_told() -> None:
    told: CommitsOf = fact("push", before="0" * 40)

    assert () == told.commits[0].parents


def test_a_pushed_tag_names_a_commit() -> None:
    told = payload("gitlab", "push", object_kind="tag_push", ref="refs/tags/v1.4.2", checkout_sha=HEAD)
    [tag] = reading(told).facts

    assert isinstance(tag, CommitsOf)
    assert ((), (("v1.4.2", HEAD),)) == (tag.commits, tag.tags)
    assert () == reading(told | {"checkout_sha": None}).facts


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"object_kind": "tag_push"}, "a push of something else than a branch"),
        ({"ref": "refs/tags/v1"}, "a push of something else than a branch"),
        ({"commits": [], "after": "0" * 40}, "a push without commits"),
    ],
)
def test_other_pushes_tell_nothing(changes: dict[str, Any], reason: str) -> None:
    assert reason == reading(payload("gitlab", "push", **changes)).ignored


def test_the_push_of_a_system_hook_is_told_by_another_name() -> None:
    told = payload("gitlab", "push")
    del told["object_kind"]

    assert reading(payload("gitlab", "push")) == reading(told)


def test_a_success_is_a_deployment() -> None:
    told: Deployment = fact("deployment.success")

    assert ("checkout", "production", "", REPOSITORY, MERGE, "gitlab") == (
        told.service,
        told.env,
        told.version,
        told.repository_id,
        told.commit_sha,
        told.source,
    )
    assert "gitlab.example.com-deployment-15" == told.id
    assert (at("11T15:22:30"), at("11T15:22:30")) == (told.started_at, told.finished_at)


def test_a_start_is_told_apart() -> None:
    assert fact("deployment.running") == DeploymentStart(
        org_id=ORG_ID,
        id=DeploymentId("gitlab.example.com-deployment-15"),
        started_at=at("11T15:20:00"),
    )


def test_a_deployment_without_a_commit_is_one_without_git() -> None:
    told: Deployment = fact("deployment.success", commit_url=None)

    assert ("", "", "checkout") == (told.commit_sha, told.repository_id, told.service)


def test_a_tag_names_the_version() -> None:
    assert "v1.4.2" == fact("deployment.success", ref="v1.4.2").version


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("created", "the deployment has not begun"),
        ("blocked", "the deployment has not begun"),
        ("failed", "the deployment failed"),
        ("canceled", "the deployment failed"),
        ("skipped", "the deployment failed"),
        ("tomorrows", "unknown state of a deployment"),
    ],
)
def test_no_other_state_makes_a_deployment(status: str, reason: str) -> None:
    told = reading(payload("gitlab", "deployment.success", status=status))

    assert ((), reason) == (told.facts, told.ignored)


@pytest.mark.parametrize(
    ("name", "id", "start", "end"),
    [
        ("Ship it", "gitlab.example.com-pipeline-31", "11T15:01:00", "11T15:24:00"),
        ("deploy-production", "gitlab.example.com-job-380", "11T15:20:00", "11T15:22:00"),
    ],
)
def test_a_pipeline_or_job_that_the_hook_names_is_a_deployment(
    name: str, id: str, start: str, end: str
) -> None:
    told: Deployment = fact("pipeline", Deploys(name=name, service="checkout-web", env="prod"))

    assert ("checkout-web", "prod", REPOSITORY, MERGE, id) == (
        told.service,
        told.env,
        told.repository_id,
        told.commit_sha,
        told.id,
    )
    assert (at(start), at(end)) == (told.started_at, told.finished_at)


def test_a_job_can_bring_several_services() -> None:
    named = [Deploys(name="deploy-production", service=service, env="prod") for service in ("web", "api")]

    told = reading(payload("gitlab", "pipeline"), *named)
    assert [("web", "gitlab.example.com-job-380"), ("api", "gitlab.example.com-job-380-1")] == [
        (one.service, one.id) for one in told.facts if isinstance(one, Deployment)
    ]


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("another", {}, "no --deploys names this pipeline or a job of it"),
        ("Ship it", {"object_attributes__status": "failed"}, "the pipeline or job did not succeed yet"),
        ("Ship it", {"object_attributes__finished_at": None}, "the pipeline or job did not succeed yet"),
        ("deploy-production", {"builds__0__status": "running"}, "the pipeline or job did not succeed yet"),
    ],
)
def test_every_other_pipeline_is_ignored_with_the_reason(
    name: str, changes: dict[str, Any], reason: str
) -> None:
    named = Deploys(name=name, service="checkout-web", env="prod")

    told = reading(payload("gitlab", "pipeline", **changes), named)
    assert ((), reason) == (told.facts, told.ignored)


def test_an_unknown_event_is_ignored() -> None:
    told = reading(payload("gitlab", "issue"))

    assert ("unknown event", False) == (told.ignored, told.is_known)


@pytest.mark.parametrize(
    ("name", "path", "value", "field"),
    [
        ("merge_request.open", "object_attributes__iid", 0, "object_attributes.iid"),
        ("merge_request.open", "object_attributes__state", "x", "object_attributes.state"),
        ("merge_request.open", "object_attributes__updated_at", "now", "object_attributes.updated_at"),
        (
            "merge_request.open",
            "object_attributes__last_commit__id",
            "x",
            "object_attributes.last_commit.id",
        ),
        (
            "merge_request.merge",
            "object_attributes__merge_commit_sha",
            "x",
            "object_attributes.merge_commit_sha",
        ),
        ("merge_request.open", "project__web_url", "nowhere", "project.web_url"),
        ("merge_request.open", "object_attributes", None, "object_attributes"),
        ("push", "commits__1__id", "main", "commits[1].id"),
        ("push", "commits__0__timestamp", "9999-99-99T00:00:00Z", "commits[0].timestamp"),
        ("push", "before", "x", "before"),
        ("deployment.success", "commit_url", "https://gitlab.example.com/x", "commit_url"),
        ("deployment.success", "status_changed_at", "1970-01-01 00:00:00 UTC", "status_changed_at"),
        ("deployment.success", "deployment_id", None, "deployment_id"),
    ],
)
def test_a_needed_fact_that_is_missing_or_malformed_is_refused_with_its_path(
    name: str, path: str, value: Any, field: str
) -> None:
    with pytest.raises(Rejected) as caught:
        reading(payload("gitlab", name, **{path: value}))

    assert field == caught.value.field


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"object_kind": "push"', b"[" * 100_000, b'{"object_kind": 1}']
)
def test_anything_else_is_refused_cheaply(body: bytes) -> None:
    with pytest.raises(Rejected):
        reading_of(body)


def test_twenty_one_commits_are_told_by_their_newest_twenty() -> None:
    one = payload("gitlab", "push")["commits"][0]
    commits = [one | {"id": a_sha(number)} for number in range(20)]

    told: CommitsOf = fact("push", commits=commits, total_commits_count=21)
    assert [(), *((a_sha(number),) for number in range(19))] == [commit.parents for commit in told.commits]
