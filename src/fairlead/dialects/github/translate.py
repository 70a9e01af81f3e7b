"""From GitHub's events to facts, without asking anybody.

Not here: proof that an event is GitHub's (`signature.py`), deployments (`deployments.py`), and what
becomes of facts.
"""

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import parse_qs

import msgspec
from msgspec import UNSET, UnsetType

from fairlead.dialects.github import deployments, wire
from fairlead.dialects.github.instants import instant_from
from fairlead.domain.changes import CommitsOf, Person, PullRequestState, RepositoryId, Sha, require_sha
from fairlead.domain.errors import Rejected
from fairlead.domain.hooks import Delivery, Hook, Reading
from fairlead.domain.pushes import Push, PushedCommit, commits_of, plain
from fairlead.domain.reports import Opinion, PullRequestReport, Review
from fairlead.domain.repositories import repository_id
from fairlead.domain.texts import require_text
from fairlead.intake.decoding import decode

FORM = "application/x-www-form-urlencoded"
MOST_COMMITS = 2048
"""GitHub lists no more of one push."""

_BRANCH = "refs/heads/"
_TAG = "refs/tags/"
_GHOST = "ghost"
"""GitHub's own name for whoever deleted their account."""
_OPINIONS = {
    "approved": Opinion.APPROVED,
    "changes_requested": Opinion.CHANGES_REQUESTED,
    "commented": Opinion.COMMENTED,
    "dismissed": Opinion.WITHDRAWN,
}

_pull_request = msgspec.json.Decoder(wire.PullRequestEvent)
_review = msgspec.json.Decoder(wire.PullRequestReviewEvent)
_push = msgspec.json.Decoder(wire.PushEvent)


def read(hook: Hook, delivery: Delivery) -> Reading:
    """Return what a delivery of GitHub's tells.

    Raises:
        Rejected: a fact that is needed is missing or malformed; the field is its path.
    """
    reader = _READERS.get(delivery.event)
    if reader is None:
        return Reading(ignored="unknown event", is_known=False)
    return reader(hook, delivery, _json(delivery))


def _json(delivery: Delivery) -> bytes:
    """Return the event as JSON, taken out of the form that GitHub can wrap it in."""
    body = delivery.body
    if delivery.headers.get("content-type") != FORM:
        return body
    fields: Mapping[bytes, list[bytes]] = parse_qs(body)
    if b"payload" not in fields:
        raise Rejected('attribute "payload" is required', field="payload")
    return fields[b"payload"][0]


def _read_ping(_hook: Hook, _delivery: Delivery, _body: bytes) -> Reading:
    return Reading(is_question=True)


def _read_release(_hook: Hook, _delivery: Delivery, _body: bytes) -> Reading:
    return Reading(ignored="a release brings nothing to production by itself")


def _read_pull_request(hook: Hook, _delivery: Delivery, body: bytes) -> Reading:
    told = decode(_pull_request, body)
    marked_ready = told.action == "ready_for_review"
    return Reading(facts=(_report(hook, told.pull_request, told.repository, marked_ready=marked_ready),))


def _read_review(hook: Hook, _delivery: Delivery, body: bytes) -> Reading:
    told = decode(_review, body)
    opinion = _OPINIONS.get(told.review.state.lower())
    if opinion is None or told.review.submitted_at is None:
        return Reading(facts=(_report(hook, told.pull_request, told.repository),))
    review = Review(
        reviewer=_login(told.review.user) or _GHOST,
        at=instant_from(told.review.submitted_at, "review.submitted_at"),
        opinion=opinion,
    )
    return Reading(facts=(_report(hook, told.pull_request, told.repository, reviews=(review,)),))


def _report(
    hook: Hook,
    told: wire.PullRequest,
    repository: wire.Repository,
    *,
    marked_ready: bool = False,
    reviews: tuple[Review, ...] = (),
) -> PullRequestReport:
    """Return what both kinds of event tell of their pull request, which is nearly the same."""
    merged_at = _maybe(told.merged_at, "merged_at")
    is_merged = merged_at is not None
    closed = PullRequestState.MERGED if is_merged else PullRequestState.CLOSED
    return PullRequestReport(
        org_id=hook.org_id,
        repository_id=RepositoryId(repository_id(repository.html_url, "repository.html_url")),
        number=_number(told.number),
        updated_at=instant_from(told.updated_at, "pull_request.updated_at"),
        opened_at=instant_from(told.created_at, "pull_request.created_at"),
        title=plain(told.title),
        url=plain(told.html_url),
        author=_login(told.user) or _GHOST,
        state=PullRequestState.OPEN if told.state == "open" else closed,
        base_branch=plain(told.base.ref),
        head_branch=plain(told.head.ref),
        labels=UNSET if told.labels is None else _labels(told.labels),
        closed_at=_maybe(told.closed_at, "closed_at"),
        merged_at=UNSET if merged_at is None else merged_at,
        base_sha=require_sha(told.base.sha, "pull_request.base.sha"),
        head_sha=require_sha(told.head.sha, "pull_request.head.sha"),
        # Before the merge it is a trial that never comes to a branch.
        merge_sha=_merge_sha(told.merge_commit_sha) if is_merged else UNSET,
        commits=_told(told.commits),
        lines_added=_told(told.additions),
        lines_deleted=_told(told.deletions),
        files_changed=_told(told.changed_files),
        is_draft=bool(told.draft),
        marked_ready=marked_ready,
        reviews=reviews,
    )


def _read_push(hook: Hook, _delivery: Delivery, body: bytes) -> Reading:
    told = decode(_push, body)
    if told.ref.startswith(_TAG) and set(told.after) != {"0"}:
        return Reading(facts=(_tag(hook, told),))
    if not told.ref.startswith(_BRANCH):
        return Reading(ignored="a push of something else than a branch")
    if not told.commits:
        return Reading(ignored="a push without commits")
    return Reading(facts=(_commits(hook, told),))


def _tag(hook: Hook, told: wire.PushEvent) -> CommitsOf:
    """Return which commit a tag names that was made or moved."""
    sha = told.after if told.head_commit is None else told.head_commit.id
    return CommitsOf(
        org_id=hook.org_id,
        repository_id=RepositoryId(repository_id(told.repository.html_url, "repository.html_url")),
        tags=((require_text(told.ref.removeprefix(_TAG), "ref"), require_sha(sha, "head_commit.id")),),
    )


def _commits(hook: Hook, told: wire.PushEvent) -> CommitsOf:
    is_known = set(told.before) != {"0"} and not told.forced
    before = require_sha(told.before, "before") if is_known else None
    commits = tuple(_pushed(one, place) for place, one in enumerate(told.commits))
    # Of a longer list the newest are told, unless they are not the branch's last.
    is_cut = len(commits) >= MOST_COMMITS and commits[-1].sha == told.after.lower()
    push = Push(
        org_id=hook.org_id,
        repository_id=RepositoryId(repository_id(told.repository.html_url, "repository.html_url")),
        before=before,
        commits=commits,
        is_whole=not is_cut,
    )
    return commits_of(push)


def _pushed(told: wire.PushedCommit, place: int) -> PushedCommit:
    author = _person(told.author)
    return PushedCommit(
        sha=require_sha(told.id, f"commits[{place}].id"),
        message=told.message,
        at=instant_from(told.timestamp, f"commits[{place}].timestamp", any_year=True),
        author=author,
        committer=author if told.committer is None else _person(told.committer),
        paths=_paths(told.added, told.removed, told.modified),
        is_new=told.distinct,
    )


def _person(told: wire.Person) -> Person:
    return Person(told.name or "", told.email or "")


def _paths(*lists: list[str] | None) -> tuple[str, ...] | None:
    told = [paths for paths in lists if paths is not None]
    return tuple(path for paths in told for path in paths) if told else None


def _login(user: wire.User | None) -> str:
    return "" if user is None else plain(user.login)


def _labels(labels: Iterable[wire.LabelOfPullRequest]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain(label.name) for label in labels))


def _number(number: int) -> int:
    if not 0 < number < 1 << 63:
        raise Rejected('attribute "number" must be a positive integer', field="pull_request.number")
    return number


def _merge_sha(told: str | None) -> Sha | UnsetType:
    return require_sha(told, "pull_request.merge_commit_sha") if told else UNSET


def _maybe(told: str | None, name: str) -> int | None:
    return None if told is None else instant_from(told, f"pull_request.{name}")


def _told(size: int | None) -> int | UnsetType:
    return UNSET if size is None or not 0 <= size < 1 << 63 else size


_READERS: Mapping[str, Callable[[Hook, Delivery, bytes], Reading]] = {
    "ping": _read_ping,
    "pull_request": _read_pull_request,
    "pull_request_review": _read_review,
    "push": _read_push,
    "deployment": deployments.read_deployment,
    "deployment_status": deployments.read_deployment_status,
    "workflow_run": deployments.read_workflow_run,
    "release": _read_release,
}
