"""The history behind a sample: the commits and pull requests that its deployments brought, and its gaps.

What was deployed to a repository's services is its main line: a few commits lead to each release, and
the next release builds upon it. Some services lack what real ones often lack, and always the same, so
that what looks for gaps can be held to them. Not here: the deployments (`sample.py`).
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Commit, CommitsOf, Person, PullRequestState, RepositoryId, Sha
from fairlead.domain.deployments import Deployment
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.reports import Opinion, PullRequestReport, Review

WITHOUT_GIT: Final = "notifications"
"""A service whose pipeline tells no commit."""
WITHOUT_HISTORY: Final = "search"
"""A service whose repository nobody imported."""
WITHOUT_PULL_REQUESTS: Final = "accounts"
"""A service whose Git host sends no events."""

_HOUR_NS: Final = 3_600 * NS_PER_S
_MOST_COMMITS: Final = 3
_AUTHORS: Final = tuple(
    Person(name, f"{name.partition(' ')[0].lower()}@shopist.example")
    for name in ("Ada Byron", "Ben Okafor", "Cleo Marsh", "Dana Ruiz", "Emil Lund")
)
_SUBJECTS: Final = ("Round prices once", "Cache the cart", "Retry what timed out", "Drop the old form")


def history_of(
    org_id: OrgId, happened: Iterable[Deployment]
) -> tuple[tuple[CommitsOf, ...], tuple[PullRequestReport, ...]]:
    """Return what the Git hosts tell of the releases behind deployments."""
    lines: dict[str, dict[str, Deployment]] = {}
    for one in sorted(happened, key=lambda one: (one.started_at, one.id)):
        if one.commit_sha and one.service != WITHOUT_HISTORY:
            lines.setdefault(one.repository_id, {}).setdefault(one.commit_sha, one)
    commits: list[CommitsOf] = []
    requests: list[PullRequestReport] = []
    for name, line in lines.items():
        repository, base = RepositoryId(name), Sha("")
        told: list[Commit] = []
        for number, first in enumerate(line.values(), 1):
            made = _release(first, base)
            told += made
            if base and first.service != WITHOUT_PULL_REQUESTS and _is_reviewed(first):
                requests.append(_pull_request(org_id, repository, number, base, made))
            base = made[-1].sha
        commits.append(CommitsOf(org_id=org_id, repository_id=repository, commits=tuple(told)))
    return tuple(commits), tuple(requests)


def _release(first: Deployment, base: Sha) -> Sequence[Commit]:
    """Return the commits that lead to a release, oldest first, made in the days before it was deployed."""
    count = 1 + int(_roll(first.commit_sha, "commits") * _MOST_COMMITS)
    author = _AUTHORS[int(_roll(first.commit_sha, "author") * len(_AUTHORS))]
    made: list[Commit] = []
    for place in range(count):
        is_last = place == count - 1
        sha = Sha(first.commit_sha) if is_last else _sha(first.commit_sha, place)
        before_h = (count - place) * (1 + 12 * _roll(first.commit_sha, place, "hours"))
        at = first.started_at - int(before_h * _HOUR_NS)
        at -= at % NS_PER_S
        parent = made[-1].sha if made else base
        made.append(
            Commit(
                sha=sha,
                parents=(parent,) if parent else (),
                author=author,
                authored_at=at,
                committer=author,
                committed_at=at,
                subject=_SUBJECTS[int(_roll(sha, "subject") * len(_SUBJECTS))],
                paths=None,
            )
        )
    return made


def _is_reviewed(first: Deployment) -> bool:
    # One in three is enough to see, and loads in a third of the time.
    return _roll(first.commit_sha, "reviewed") * 3 < 1


def _pull_request(
    org_id: OrgId, repository: RepositoryId, number: int, base: Sha, made: Sequence[Commit]
) -> PullRequestReport:
    """Return a pull request that was merged half an hour after its last commit, as a fast-forward."""
    first, last = made[0], made[-1]
    merged_at = last.committed_at + _HOUR_NS // 2
    approved_at = merged_at - _HOUR_NS // 6
    return PullRequestReport(
        org_id=org_id,
        repository_id=repository,
        number=number,
        updated_at=merged_at,
        opened_at=first.authored_at + _HOUR_NS // 6,
        title=last.subject,
        author=first.author.name,
        state=PullRequestState.MERGED,
        base_branch="main",
        head_branch=f"change-{number}",
        closed_at=merged_at,
        merged_at=merged_at,
        base_sha=base,
        head_sha=last.sha,
        merge_sha=last.sha,
        commits=len(made),
        reviews=(Review("emil", approved_at, Opinion.APPROVED),),
    )


def _sha(*of: object) -> Sha:
    return Sha(hashlib.sha1(repr(of).encode(), usedforsecurity=False).hexdigest())


def _roll(*of: object) -> float:
    """Return a number from 0 to 1, exclusive, that looks like chance and is always the same."""
    digest = hashlib.blake2b(repr(of).encode(), digest_size=7).digest()
    return int.from_bytes(digest, "big") / (1 << 56)
