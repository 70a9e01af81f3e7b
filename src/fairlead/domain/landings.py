"""Landings: which commits a merged pull request brought to its base branch.

A merge commit brings what its other parents have and its first has not. A squash is one commit
that stands for those of the branch. A rebase brings copies with the authors' times kept. A
fast-forward brings the branch itself. Not here: deployments, and where a history is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from fairlead.domain.ancestry import Step
from fairlead.domain.changes import MOST_COMMITS, Commit, Person, PullRequest, Sha


class History(Protocol):
    """The commits of one repository."""

    def difference(self, new: Sha, old: Iterable[Sha], most: int) -> list[Step]:
        """Return at most `most` commits that `new` reaches and none of `old` does, newest first."""

    def lookup(self, shas: Iterable[Sha]) -> Mapping[Sha, Step]:
        """Return the stored ones among `shas`, as far as their order goes."""

    def commits(self, shas: Iterable[Sha]) -> Mapping[Sha, Commit]:
        """Return the stored ones among `shas`, whole."""


class Landing(Struct, frozen=True):
    """What one pull request brought."""

    pull_request: PullRequest
    tip: Sha
    """What the merge put on the base branch: the last of it, where it was more than one commit."""
    commits: Sequence[Sha]
    """The change, newest first, without merges."""
    is_squash: bool = False
    """Whether `tip` stands for `commits`, which are not on the base branch themselves."""


def landing_of(pull_request: PullRequest, history: History, deployed: Iterable[Sha] = ()) -> Landing | None:
    """Return what a merged pull request brought; None while what the merge made is not stored.

    Originals of a squash that `deployed` reach are left out: they arrived before it.
    """
    sha = pull_request.landed_sha
    tip = history.lookup([sha]).get(sha)
    if tip is None:
        return None
    if pull_request.head_sha == sha:
        return Landing(pull_request, sha, _branch(pull_request, tip, history))
    # GitLab can squash first and put a merge commit on top.
    made = _merged_in(pull_request, tip, history) if tip.is_merge else tip
    originals = [] if made is None else _originals(pull_request, made, history)
    copies = [] if made is None else _copies(made, originals, history)
    if made is not None and originals and not copies:
        head, there = Sha(pull_request.head_sha), [*made.parents, *deployed]
        arriving = {step.sha for step in history.difference(head, there, MOST_COMMITS)}
        commits = [original for original in originals if original in arriving]
        return Landing(pull_request, made.sha, commits, is_squash=True)
    if tip.is_merge:
        return Landing(pull_request, sha, _merged(pull_request, tip, history))
    return Landing(pull_request, sha, copies or [sha])


def _branch(pull_request: PullRequest, tip: Step, history: History) -> list[Sha]:
    """Return the commits of a branch that became the base branch, up to what that was before."""
    base = Sha(pull_request.base_sha)
    if not history.lookup([base]) or history.difference(base, [tip.sha], 1):
        return _without_merges(_line(tip, pull_request.commits or 1, history))
    return _without_merges(history.difference(tip.sha, [base], MOST_COMMITS))


def _merged_in(pull_request: PullRequest, merge: Step, history: History) -> Step | None:
    """Return the one commit that a merge brought instead of the head of its branch, if so."""
    others = merge.parents[1:]
    if len(others) > 1 or pull_request.head_sha in others:
        return None
    return history.lookup(others).get(others[0])


def _merged(pull_request: PullRequest, merge: Step, history: History) -> list[Sha]:
    """Return what a merge commit brought; an octopus may bring several pull requests at once."""
    first, *others = merge.parents
    head = Sha(pull_request.head_sha)
    heads = [head] if head in others else others
    steps = (step for one in heads for step in history.difference(one, [first], MOST_COMMITS))
    return _without_merges({step.sha: step for step in steps}.values())


def _originals(pull_request: PullRequest, made: Step, history: History) -> list[Sha]:
    """Return the commits of the branch behind a commit that a merge made; none where nobody can tell."""
    head = Sha(pull_request.head_sha)
    found = history.lookup([head, *made.parents])
    if head not in found:
        return []
    steps = history.difference(head, made.parents, MOST_COMMITS)
    most = pull_request.commits
    # Where the base is not stored, or not all that it reaches, the walk does not know where to end.
    if most is not None and len(steps) > most:
        line = {step.sha for step in _line(found[head], most, history)}
        steps = [step for step in steps if step.sha in line]
    elif most is None and not all(parent in found for parent in made.parents):
        return []
    return _without_merges(steps)


def _copies(made: Step, originals: Sequence[Sha], history: History) -> list[Sha]:
    """Return the copies that a rebase put on the base branch, up to `made`; none if it was a squash.

    A copy has its original's author, time and subject; a squash is made anew. A rebase leaves out
    what the base has already, so there may be fewer copies than originals.
    """
    line = _line(made, len(originals), history)
    whole = history.commits([*originals, *(step.sha for step in line)])
    known = {_signature(whole[sha]) for sha in originals if sha in whole}
    copies: list[Sha] = []
    for step in line:
        if step.sha not in whole or _signature(whole[step.sha]) not in known:
            break
        copies.append(step.sha)
    return copies


def _signature(commit: Commit) -> tuple[Person, int, str]:
    return commit.author, commit.authored_at, commit.subject


def _line(tip: Step, length: int, history: History) -> list[Step]:
    """Return `tip` and its first parents, `length` commits in all where there are so many."""
    line: list[Step] = []
    step: Step | None = tip
    while step is not None and len(line) < length:
        line.append(step)
        parent = step.parents[:1]
        step = history.lookup(parent).get(parent[0]) if parent else None
    return line


def _without_merges(steps: Iterable[Step]) -> list[Sha]:
    return [step.sha for step in steps if not step.is_merge]
