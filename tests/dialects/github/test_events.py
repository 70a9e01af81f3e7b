"""What each of GitHub's events tells."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from fairlead.dialects.github.translate import FORM, MOST_COMMITS, read
from fairlead.domain.changes import Approval, CommitsOf, PullRequest, PullRequestState, RepositoryId
from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.errors import Rejected
from fairlead.domain.hooks import Delivery, DeliveryOutcome, Deploys, Hook, HookId, Reading, Vendor, packed
from fairlead.domain.instants import from_rfc3339
from fairlead.domain.reports import Account, DeploymentStart, Opinion, PullRequestReport, Review
from tests.factories import NOON, ORG_ID, a_sha
from tests.hosts import payload

HEAD = "9d2f6c3a51e0b7c48a6d1f02e5b39874c6a1d0e2"
BASE = "66adc9350f2cc9b250b69abddab733dd55e1a588"
MERGE = "e1a5c88b0d43f7e296c1b85d3a7f09e4c2d6b801"
NO_SHA = "0" * 40
REPOSITORY = RepositoryId("github.com/shopist/checkout")
DEPLOY = Deploys(name="Deploy", service="checkout-web", env="prod")


def at(text: str) -> int:
    return from_rfc3339(f"2025-03-{text}Z")


def reading(name: str, told: Any, *deploys: Deploys, **headers: str) -> Reading:
    """What the event in a payload file of that name tells."""
    return reading_of(name.partition(".")[0], json.dumps(told).encode(), *deploys, **headers)


def reading_of(event: str, body: bytes, *deploys: Deploys, **headers: str) -> Reading:
    hook = Hook(
        org_id=ORG_ID,
        id=HookId("0" * 48),
        vendor=Vendor.GITHUB,
        secret="whsec_",
        deploys=deploys,
        created_at=NOON,
    )
    delivery = Delivery(
        org_id=ORG_ID,
        hook_id=hook.id,
        id="1",
        event=event,
        received_at=NOON,
        headers={key.replace("_", "-"): value for key, value in headers.items()},
        packed=packed(body),
    )
    return read(hook, delivery)


def fact(name: str, *deploys: Deploys, **changes: Any) -> Any:
    """The one fact that the event in a payload file tells."""
    [told] = reading(name, payload("github", name, **changes), *deploys).facts
    return told


def pull_request(*reports: PullRequestReport) -> PullRequest:
    account = Account.of(reports[0])
    for report in reports:
        account = account.with_report(report)
    return account.pull_request(review for report in reports for review in report.reviews)


def test_a_pull_request_is_told_from_its_opening_to_its_merge() -> None:
    names = ("opened", "ready_for_review", "closed")
    reports = [fact(f"pull_request.{name}") for name in names] + [fact("pull_request_review.submitted")]

    assert PullRequest(
        org_id=ORG_ID,
        repository_id=REPOSITORY,
        number=17,
        title="Charge cards through the new gateway",
        url="https://github.com/shopist/checkout/pull/17",
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
        base_sha=BASE,
        head_sha=HEAD,
        merge_sha=MERGE,
        commits=3,
        lines_added=131,
        lines_deleted=48,
        files_changed=7,
        updated_at=at("11T15:00:00"),
    ) == pull_request(*reports)


def test_the_trial_merge_of_an_open_pull_request_is_not_its_merge() -> None:
    assert "" == pull_request(fact("pull_request.opened")).merge_sha


def test_a_pull_request_may_be_closed_without_a_merge() -> None:
    changes = {"pull_request__merged_at": None, "pull_request__merged": False}

    known = pull_request(fact("pull_request.closed", **changes))
    assert (PullRequestState.CLOSED, None) == (known.state, known.merged_at)


@pytest.mark.parametrize(
    "action", ["synchronize", "edited", "labeled", "unlabeled", "reopened", "auto_merge_enabled", "tomorrows"]
)
def test_every_action_tells_the_whole_pull_request(action: str) -> None:
    changes = {"action": action, "pull_request__updated_at": "2025-03-12T08:00:00Z"}

    assert at("12T08:00:00") == pull_request(fact("pull_request.ready_for_review", **changes)).updated_at


def test_a_pull_request_that_is_a_draft_again_is_not_ready() -> None:
    changes = {"action": "converted_to_draft", "pull_request__updated_at": "2025-03-10T12:00:00Z"}
    ready, again = fact("pull_request.ready_for_review"), fact("pull_request.opened", **changes)

    assert pull_request(again, ready).ready_at is None


def test_a_dismissed_review_takes_its_approval_back() -> None:
    dismissed = fact("pull_request_review.dismissed")

    assert (Review("grace", at("10T16:30:00"), Opinion.WITHDRAWN),) == dismissed.reviews


@pytest.mark.parametrize(
    ("state", "opinions"),
    [
        ("approved", [Opinion.APPROVED]),
        ("APPROVED", [Opinion.APPROVED]),
        ("changes_requested", [Opinion.CHANGES_REQUESTED]),
        ("commented", [Opinion.COMMENTED]),
        ("pending", []),
        ("tomorrows", []),
    ],
)
def test_a_review_is_told_by_its_state(state: str, opinions: list[Opinion]) -> None:
    told = fact("pull_request_review.submitted", review__state=state)

    assert opinions == [review.opinion for review in told.reviews]


@pytest.mark.parametrize("path", ["review__user", "pull_request__user"])
def test_whoever_deleted_their_account_is_githubs_ghost(path: str) -> None:
    told = fact("pull_request_review.submitted", **{path: None})

    assert "ghost" in (told.author, told.reviews[0].reviewer)


def test_a_review_tells_no_sizes() -> None:
    known = pull_request(fact("pull_request_review.submitted"))

    assert (None, None, None, None) == (
        known.commits,
        known.lines_added,
        known.lines_deleted,
        known.files_changed,
    )


def test_a_push_tells_commits_with_author_time_and_paths() -> None:
    told: CommitsOf = fact("push")
    first, _, last = told.commits

    assert (ORG_ID, REPOSITORY) == (told.org_id, told.repository_id)
    assert "Speak to the new gateway" == first.subject
    assert ("Ada Lovelace", "ada@example.com") == (first.author.name, first.author.email)
    assert at("10T08:12:44") == first.authored_at
    assert ("src/gateway.py", "src/charge.py") == first.paths
    assert ("GitHub", (BASE, HEAD)) == (last.committer.name, last.parents)


def test_commits_that_were_pushed_to_the_branch_before_begin_where_nobody_told() -> None:
    told: CommitsOf = fact("push")

    assert [(), (told.commits[0].sha,)] == [commit.parents for commit in told.commits[:2]]


def test_a_push_to_a_new_branch_begins_where_nobody_told() -> None:
    told: CommitsOf = fact("push", before=NO_SHA, commits__0__distinct=True, commits__1__distinct=True)

    assert () == told.commits[0].parents


def test_a_push_that_rewrote_history_does_not_follow_what_was_there() -> None:
    told: CommitsOf = fact("push", forced=True, commits__0__distinct=True)

    assert not any(BASE in commit.parents for commit in told.commits)


def test_a_push_of_more_commits_than_github_lists_begins_where_nobody_told() -> None:
    one = payload("github", "push")["commits"][0]
    commits = [one | {"id": a_sha(number), "distinct": True} for number in range(MOST_COMMITS)]

    cut: CommitsOf = fact("push", commits=commits, after=commits[-1]["id"])
    whole: CommitsOf = fact("push", commits=commits[1:], after=commits[-1]["id"])
    assert ((), (BASE,)) == (cut.commits[0].parents, whole.commits[0].parents)


def test_a_pushed_tag_names_a_commit() -> None:
    plain: CommitsOf = fact("push", ref="refs/tags/v1.4.2", head_commit=None)
    told = payload("github", "push", ref="refs/tags/v1.4.2", after="a" * 40)
    annotated = reading("push", told | {"head_commit": {"id": BASE}})

    assert ((), (("v1.4.2", plain.tags[0][1]),)) == (plain.commits, plain.tags)
    assert [(("v1.4.2", BASE),)] == [one.tags for one in annotated.facts if isinstance(one, CommitsOf)]
    assert () == reading("push", told | {"after": NO_SHA, "head_commit": None}).facts


@pytest.mark.parametrize("ref", ["refs/notes/commits", "main"])
def test_a_push_of_something_else_than_a_branch_is_ignored(ref: str) -> None:
    told = reading("push", payload("github", "push", ref=ref))

    assert "a push of something else than a branch" == told.ignored


def test_a_deleted_branch_tells_nothing() -> None:
    told = reading("push", payload("github", "push", after=NO_SHA, commits=[], head_commit=None))

    assert "a push without commits" == told.ignored


def test_a_success_is_a_deployment() -> None:
    told: Deployment = fact("deployment_status.success")

    assert ("checkout", "production", "", REPOSITORY, MERGE, "github") == (
        told.service,
        told.env,
        told.version,
        told.repository_id,
        told.commit_sha,
        told.source,
    )
    assert ("github.com-deployment-145988746", True) == (told.id, told.named_by_caller)
    assert (at("11T15:10:00"), at("11T15:22:30")) == (told.started_at, told.finished_at)


def test_a_start_is_told_apart() -> None:
    told = fact("deployment_status.in_progress")

    assert told == DeploymentStart(
        org_id=ORG_ID,
        id=DeploymentId("github.com-deployment-145988746"),
        started_at=at("11T15:20:00"),
    )


@pytest.mark.parametrize(
    ("changes", "service"),
    [
        ({"payload": {"service": "checkout-web"}}, "checkout-web"),
        ({"payload": '{"service": "checkout-web"}'}, "checkout-web"),
        ({"payload": {"service": " "}}, "checkout"),
        ({"payload": {"service": 1}}, "checkout"),
        ({"payload": "{not json"}, "checkout"),
        ({"payload": None}, "checkout"),
        ({"payload": "[" * 5000}, "checkout"),
        ({"task": "deploy:api"}, "api"),
        ({"task": "deploy:"}, "checkout"),
        ({"task": "migrate"}, "checkout"),
        ({"task": "deploy:api", "payload": {"service": "checkout-web"}}, "checkout-web"),
    ],
)
def test_the_service_is_named_by_the_payload_else_the_task_else_the_repository(
    changes: dict[str, Any], service: str
) -> None:
    paths = {f"deployment__{name}": value for name, value in changes.items()}

    assert service == fact("deployment_status.success", **paths).service


@pytest.mark.parametrize(
    ("changes", "version"),
    [
        ({"ref": "v1.4.2"}, "v1.4.2"),
        ({"ref": "refs/tags/1.4.2-rc.1"}, "1.4.2-rc.1"),
        ({"ref": "main"}, ""),
        ({"ref": "release/1.4"}, ""),
        ({"ref": "v1.4.2", "payload": {"version": "2025.11"}}, "2025.11"),
    ],
)
def test_the_version_is_named_by_the_payload_else_by_a_tag(changes: dict[str, Any], version: str) -> None:
    paths = {f"deployment__{name}": value for name, value in changes.items()}

    assert version == fact("deployment_status.success", **paths).version


def test_what_the_deployer_put_beside_a_deployment_is_not_in_its_fact() -> None:
    told: Deployment = fact("deployment_status.success", deployment__payload={"token": "hunter2"})

    assert "hunter2" not in told.fact
    assert 145988746 == json.loads(told.fact)["deployment"]["id"]


def test_a_deployment_never_ends_before_it_starts() -> None:
    told: Deployment = fact("deployment_status.success", deployment__created_at="2025-03-11T16:00:00Z")

    assert told.started_at == told.finished_at


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("error", "the deployment failed"),
        ("failure", "the deployment failed"),
        ("inactive", "the deployment was replaced by a later one"),
        ("pending", "the deployment has not begun"),
        ("queued", "the deployment has not begun"),
        ("waiting", "the deployment has not begun"),
        ("tomorrows", "unknown state of a deployment"),
    ],
)
def test_no_other_state_makes_a_deployment(state: str, reason: str) -> None:
    changed = payload("github", "deployment_status.success", deployment_status__state=state)

    told = reading("deployment_status.success", changed)
    assert ((), reason, DeliveryOutcome.IGNORED) == (told.facts, told.ignored, told.outcome)


@pytest.mark.parametrize("name", ["Deploy", "deploy.yml", ".github/workflows/deploy.yml"])
def test_a_workflow_that_the_hook_names_is_a_deployment(name: str) -> None:
    told: Deployment = fact("workflow_run.completed", Deploys(name=name, service="checkout-web", env="prod"))

    assert ("checkout-web", "prod", REPOSITORY, MERGE) == (
        told.service,
        told.env,
        told.repository_id,
        told.commit_sha,
    )
    assert "github.com-run-289782451-1" == told.id
    assert (at("11T15:06:00"), at("11T15:14:00")) == (told.started_at, told.finished_at)


def test_a_workflow_can_bring_several_services() -> None:
    web, api = DEPLOY, Deploys(name="Deploy", service="checkout-api", env="prod")

    told = reading("workflow_run.completed", payload("github", "workflow_run.completed"), web, api)
    assert [
        ("checkout-web", "github.com-run-289782451-1"),
        ("checkout-api", "github.com-run-289782451-1-1"),
    ] == [(one.service, one.id) for one in told.facts if isinstance(one, Deployment)]


def test_another_attempt_at_a_workflow_is_another_deployment() -> None:
    told: Deployment = fact("workflow_run.completed", DEPLOY, workflow_run__run_attempt=2)

    assert "github.com-run-289782451-2" == told.id


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"workflow_run__name": "Test", "workflow_run__path": None}, "no --deploys names this workflow"),
        ({"action": "requested"}, "the workflow has not ended"),
        ({"workflow_run__conclusion": "failure"}, "the workflow did not succeed"),
        ({"workflow_run__conclusion": None}, "the workflow did not succeed"),
    ],
)
def test_every_other_workflow_is_ignored_with_the_reason(changes: dict[str, Any], reason: str) -> None:
    told = reading("workflow_run.completed", payload("github", "workflow_run.completed", **changes), DEPLOY)

    assert ((), reason) == (told.facts, told.ignored)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("deployment.created", "the deployment has not begun"),
        ("release.published", "a release brings nothing to production by itself"),
    ],
)
def test_what_is_understood_but_tells_nothing_is_kept_with_the_reason(name: str, reason: str) -> None:
    told = reading(name, payload("github", name))

    assert (reason, DeliveryOutcome.IGNORED, True) == (told.ignored, told.outcome, told.is_known)


def test_an_unknown_event_is_ignored_whatever_it_holds() -> None:
    told = reading_of("star", b"not even JSON")

    assert ("unknown event", False) == (told.ignored, told.is_known)


def test_a_ping_only_wants_an_answer() -> None:
    assert DeliveryOutcome.ANSWERED is reading("ping", payload("github", "ping")).outcome


def test_an_event_may_come_wrapped_in_a_form() -> None:
    body = urlencode({"payload": json.dumps(payload("github", "push"))}).encode()

    [told] = reading_of("push", body, content_type=FORM).facts
    assert told == fact("push")


def test_a_form_without_an_event_is_refused() -> None:
    with pytest.raises(Rejected, match='attribute "payload" is required'):
        reading_of("push", b"a=b", content_type=FORM)


@pytest.mark.parametrize(
    ("name", "path", "value", "field"),
    [
        ("pull_request.opened", "pull_request__updated_at", "yesterday", "pull_request.updated_at"),
        (
            "pull_request.opened",
            "pull_request__created_at",
            "1970-01-01T00:00:00Z",
            "pull_request.created_at",
        ),
        ("pull_request.opened", "pull_request__number", 0, "pull_request.number"),
        ("pull_request.opened", "pull_request__number", 2**63, "pull_request.number"),
        ("pull_request.opened", "pull_request__title", None, "pull_request.title"),
        ("pull_request.opened", "pull_request__head__sha", "main", "pull_request.head.sha"),
        ("pull_request.opened", "repository__html_url", "nowhere", "repository.html_url"),
        ("pull_request.opened", "repository", [], "repository"),
        ("pull_request.closed", "pull_request__merge_commit_sha", "x", "pull_request.merge_commit_sha"),
        ("pull_request_review.submitted", "review__submitted_at", "x", "review.submitted_at"),
        ("push", "commits__1__id", "main", "commits[1].id"),
        ("push", "commits__0__timestamp", "0000-00-00T00:00:00Z", "commits[0].timestamp"),
        ("push", "before", "main", "before"),
        ("push", "commits", None, "commits"),
        ("deployment_status.success", "deployment__sha", "main", "deployment.sha"),
        ("deployment_status.success", "deployment__id", "x", "deployment.id"),
        ("deployment_status.success", "deployment_status__environment", "a\x00", "deployment.environment"),
    ],
)
def test_a_needed_fact_that_is_missing_or_malformed_is_refused_with_its_path(
    name: str, path: str, value: Any, field: str
) -> None:
    with pytest.raises(Rejected) as caught:
        reading(name, payload("github", name, **{path: value}))

    assert field == caught.value.field


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"\xff"', b"[" * 100_000, b'{"action": 1}'])
@pytest.mark.parametrize(
    "event", ["pull_request", "pull_request_review", "push", "deployment_status", "workflow_run"]
)
def test_anything_else_is_refused_cheaply(event: str, body: bytes) -> None:
    with pytest.raises(Rejected):
        reading_of(event, body)


def test_text_that_no_database_takes_is_kept_without_it() -> None:
    told: PullRequestReport = fact("pull_request.opened", pull_request__title="a\x00b" + "c" * 2000)

    assert "ab" + "c" * 998 == told.title
