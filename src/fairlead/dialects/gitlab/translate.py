"""From GitLab's events to facts, without asking anybody.

What GitLab calls a merge request is a pull request inside. Not here: proof that an event is
GitLab's (`signature.py`), deployments (`deployments.py`), and what becomes of facts.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from fairlead.dialects.gitlab import deployments, wire
from fairlead.dialects.gitlab.instants import instant_from
from fairlead.domain.changes import CommitsOf, Person, PullRequestState, RepositoryId, Sha, require_sha
from fairlead.domain.errors import Rejected
from fairlead.domain.hooks import Delivery, Hook, Reading
from fairlead.domain.pushes import Push, PushedCommit, commits_of, plain
from fairlead.domain.reports import EVERYBODY, Opinion, PullRequestReport, Review
from fairlead.domain.repositories import repository_id
from fairlead.domain.texts import require_text
from fairlead.intake.decoding import decode

_BRANCH = "refs/heads/"
_TAG = "refs/tags/"
_NAMELESS = "unknown"
_STATES = {
    "opened": PullRequestState.OPEN,
    "locked": PullRequestState.OPEN,
    "closed": PullRequestState.CLOSED,
    "merged": PullRequestState.MERGED,
}
_APPROVED = frozenset({"approved", "approval"})
_WITHDRAWN = frozenset({"unapproved", "unapproval"})
_RESET = "approvals_reset_on_push"

_kind = msgspec.json.Decoder(wire.Kind)
_merge_request = msgspec.json.Decoder(wire.MergeRequestEvent)
_push = msgspec.json.Decoder(wire.PushEvent)
_tag_push = msgspec.json.Decoder(wire.TagPushEvent)


def read(hook: Hook, delivery: Delivery) -> Reading:
    """Return what a delivery of GitLab's tells.

    Raises:
        Rejected: a fact that is needed is missing or malformed; the field is its path.
    """
    body = delivery.body
    told = decode(_kind, body)
    reader = _READERS.get(told.object_kind or told.event_name)
    if reader is None:
        return Reading(ignored="unknown event", is_known=False)
    return reader(hook, delivery, body)


def _read_merge_request(hook: Hook, _delivery: Delivery, body: bytes) -> Reading:
    told = decode(_merge_request, body)
    return Reading(facts=(_report(hook, told),))


def _report(hook: Hook, told: wire.MergeRequestEvent) -> PullRequestReport:
    attributes = told.object_attributes
    state = _STATES.get(attributes.state)
    if state is None:
        detail = f'attribute "state" must be one of {", ".join(_STATES)}'
        raise Rejected(detail, field="object_attributes.state")
    acted_at = _instant(attributes.actioned_at or attributes.updated_at, "updated_at")
    merged_at = _merged_at(attributes, acted_at)
    return PullRequestReport(
        org_id=hook.org_id,
        repository_id=RepositoryId(repository_id(told.project.web_url, "project.web_url")),
        number=_number(attributes.iid),
        updated_at=_instant(attributes.updated_at, "updated_at"),
        opened_at=_instant(attributes.created_at, "created_at"),
        title=plain(attributes.title),
        url=plain(attributes.url),
        author=_author(told),
        state=state,
        base_branch=plain(attributes.target_branch),
        head_branch=plain(attributes.source_branch),
        labels=UNSET if told.labels is None else _labels(told.labels),
        closed_at=_closed_at(attributes, state, acted_at, merged_at),
        merged_at=merged_at,
        head_sha=_head_sha(attributes),
        merge_sha=_merge_sha(attributes) if state is PullRequestState.MERGED else UNSET,
        is_draft=bool(attributes.draft or attributes.work_in_progress),
        marked_ready=_was_marked_ready(told.changes or {}),
        reviews=_reviews(told, acted_at),
    )


def _reviews(told: wire.MergeRequestEvent, at: int) -> tuple[Review, ...]:
    """Return the approval that an event tells of, or its withdrawal.

    Both come in two words, for the approval that was enough and for any other. Where a push took
    all approvals back, GitLab says so in the name of whoever pushed; where it took back those of
    code owners, it does not say whose, and they stay.
    """
    attributes = told.object_attributes
    reviewer = plain(told.user.username) if told.user else ""
    if attributes.action in _APPROVED:
        return (Review(reviewer or _NAMELESS, at, Opinion.APPROVED),)
    if attributes.action not in _WITHDRAWN:
        return ()
    if attributes.system:
        is_for_all = attributes.system_action == _RESET
        return (Review(EVERYBODY, at, Opinion.WITHDRAWN),) if is_for_all else ()
    return (Review(reviewer or _NAMELESS, at, Opinion.WITHDRAWN),)


def _was_marked_ready(changes: Mapping[str, Any]) -> bool:
    change = changes.get("draft", changes.get("work_in_progress"))
    return isinstance(change, dict) and change.get("previous") is True and change.get("current") is False


def _merged_at(attributes: wire.MergeRequestAttributes, acted_at: int) -> int | UnsetType:
    if attributes.state != "merged":
        return UNSET
    if attributes.merged_at is not None:
        return _instant(attributes.merged_at, "merged_at")
    return acted_at if attributes.action == "merge" else UNSET


def _closed_at(
    attributes: wire.MergeRequestAttributes,
    state: PullRequestState,
    acted_at: int,
    merged_at: int | UnsetType,
) -> int | UnsetType | None:
    match state:
        case PullRequestState.OPEN:
            return None
        case PullRequestState.MERGED:
            return merged_at
        case PullRequestState.CLOSED:
            return acted_at if attributes.action == "close" else UNSET


def _head_sha(attributes: wire.MergeRequestAttributes) -> Sha | UnsetType:
    last = attributes.last_commit
    return UNSET if last is None else require_sha(last.id, "object_attributes.last_commit.id")


def _merge_sha(attributes: wire.MergeRequestAttributes) -> Sha | UnsetType:
    """Return what the merge put on the target branch.

    A squash comes first: it holds the change, and the merge commit on top of it nothing. Without
    either the branch itself was moved on.
    """
    for name in ("squash_commit_sha", "merge_commit_sha"):
        told: str | None = getattr(attributes, name)
        if told:
            return require_sha(told, f"object_attributes.{name}")
    return _head_sha(attributes)


def _author(told: wire.MergeRequestEvent) -> str | UnsetType:
    """Return the author's name where they caused the event; otherwise only a number is told."""
    user, author_id = told.user, told.object_attributes.author_id
    if user is None or user.id is None or user.id != author_id or not user.username:
        return UNSET
    return plain(user.username)


def _read_push(hook: Hook, _delivery: Delivery, body: bytes) -> Reading:
    told = decode(_push, body)
    if not told.ref.startswith(_BRANCH):
        return Reading(ignored="a push of something else than a branch")
    if not told.commits:
        return Reading(ignored="a push without commits")
    return Reading(facts=(_commits(hook, told),))


def _read_tag_push(hook: Hook, _delivery: Delivery, body: bytes) -> Reading:
    """Return which commit a tag names that was made or moved."""
    told = decode(_tag_push, body)
    if not told.ref.startswith(_TAG) or told.checkout_sha is None:
        return Reading(ignored="a push of something else than a branch")
    name = require_text(told.ref.removeprefix(_TAG), "ref")
    tag = CommitsOf(
        org_id=hook.org_id,
        repository_id=RepositoryId(repository_id(told.project.web_url, "project.web_url")),
        tags=((name, require_sha(told.checkout_sha, "checkout_sha")),),
    )
    return Reading(facts=(tag,))


def _commits(hook: Hook, told: wire.PushEvent) -> CommitsOf:
    is_known = set(told.before) != {"0"}
    push = Push(
        org_id=hook.org_id,
        repository_id=RepositoryId(repository_id(told.project.web_url, "project.web_url")),
        before=require_sha(told.before, "before") if is_known else None,
        commits=tuple(_pushed(one, place) for place, one in enumerate(told.commits)),
        # Of more than twenty the newest are told.
        is_whole=(told.total_commits_count or 0) <= len(told.commits),
    )
    return commits_of(push)


def _pushed(told: wire.PushedCommit, place: int) -> PushedCommit:
    author = Person(told.author.name or "", told.author.email or "")
    lists = [paths for paths in (told.added, told.removed, told.modified) if paths is not None]
    return PushedCommit(
        sha=require_sha(told.id, f"commits[{place}].id"),
        message=told.message,
        at=instant_from(told.timestamp, f"commits[{place}].timestamp", any_year=True),
        author=author,
        committer=author,
        paths=tuple(path for paths in lists for path in paths) if lists else None,
    )


def _labels(labels: Iterable[wire.Label]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain(label.title) for label in labels))


def _number(number: int) -> int:
    if not 0 < number < 1 << 63:
        raise Rejected('attribute "iid" must be a positive integer', field="object_attributes.iid")
    return number


def _instant(text: str, name: str) -> int:
    return instant_from(text, f"object_attributes.{name}")


_READERS: Mapping[str, Callable[[Hook, Delivery, bytes], Reading]] = {
    "merge_request": _read_merge_request,
    "push": _read_push,
    "tag_push": _read_tag_push,
    "deployment": deployments.read_deployment,
    "pipeline": deployments.read_pipeline,
}
