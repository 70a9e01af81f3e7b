"""Link deployments to the commits they brought, and say how long each commit took.

The rules are those of `docs/metrics.md`: the previous deployment is the one before with git of the
same service, environment and repository; what the new commit reaches and the old one does not is
new; merge commits bring nothing of their own; a squash stands for the commits of its pull request.
Not here: the walk (`domain.ancestry`), what pull requests brought (`domain.landings`), the
arithmetic (`metrics.lead_time`), and when to do it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Self

from msgspec import Struct, field
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.ancestry import Step
from fairlead.domain.changes import (
    LONGEST_GAP_NS,
    MOST_COMMITS,
    Exclusion,
    PullRequest,
    Reason,
    RepositoryId,
    Sha,
)
from fairlead.domain.globs import touches
from fairlead.domain.landings import landing_of
from fairlead.domain.links import Brought, Deployed, Link, LinkedCommit
from fairlead.metrics.lead_time import Review, commit_lead, deployment_lead
from fairlead.store import catalog, neighbours, pull_requests
from fairlead.store.engine import Transaction
from fairlead.store.history import History

# A walk has to see merges and commits outside the paths before it knows what counts.
_MOST_WALKED = 20 * MOST_COMMITS
# Enough that a question about their commits is worth its way, and few enough to be kept in hand.
_MANY_STEPS = 1_000
_MOST_WALKS = 100

_Landed = Mapping[Sha, Sequence[PullRequest]]
"""Merged pull requests by what their merges put on the base branch."""


class _Candidate(Struct, frozen=True):
    """A commit that may be measured."""

    step: Step
    exclusion: Exclusion | None = None
    pull_request: PullRequest | None = None
    """The one that brought it."""


class _Walked(Struct, frozen=True):
    """A deployment, and what its commit reaches and that of the one before does not."""

    one: Deployed
    before: Deployed | None
    reason: Reason | None
    """Why there was nothing to walk; None if there was."""
    steps: Sequence[Step] = ()


def link_deployments(transaction: Transaction, ones: Iterable[Deployed]) -> Iterator[Link]:
    """Yield what each deployment brought, in an order that suits the reading; nothing is written."""
    known = sorted(ones, key=lambda one: (one.org_id, one.repository_id))
    before = neighbours.previous(transaction, [one for one in known if one.commit_sha])
    for (org_id, repository_id), mine in groupby(known, lambda one: (one.org_id, one.repository_id)):
        # One at a time: what was read of a repository serves its deployments in a row.
        source = _Source.of(transaction, org_id, RepositoryId(repository_id))
        # The newest first: where its walk ends the next one begins.
        newest_first = sorted(mine, key=lambda one: -one.finished_at)
        for lot in _together(_walk(source.history, one, before.get(one.key)) for one in newest_first):
            landed = source.landed(step.sha for walked in lot for step in walked.steps)
            yield from (_link(source, walked, landed) for walked in lot)


def _together(walks: Iterable[_Walked]) -> Iterator[list[_Walked]]:
    """Yield walks in lots about whose commits one question is asked."""
    lot: list[_Walked] = []
    for walked in walks:
        lot.append(walked)
        if len(lot) >= _MOST_WALKS or sum(len(one.steps) for one in lot) >= _MANY_STEPS:
            yield lot
            lot = []
    if lot:
        yield lot


class _Source(Struct):
    """A repository, as far as deployments from it need it."""

    transaction: Transaction
    org_id: OrgId
    repository_id: RepositoryId
    history: History
    _patterns: dict[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, transaction: Transaction, org_id: OrgId, repository_id: RepositoryId) -> Self:
        """Return a repository of which nothing has been read."""
        return cls(transaction, org_id, repository_id, History(transaction, org_id, repository_id))

    def landed(self, shas: Iterable[Sha]) -> _Landed:
        """Return the pull requests whose merges are among `shas`, by what the merges put there."""
        found: dict[Sha, list[PullRequest]] = {}
        for one in pull_requests.landed(self.transaction, self.org_id, self.repository_id, shas):
            found.setdefault(one.landed_sha, []).append(one)
        return found

    def outside(self, service: str, steps: Collection[Step]) -> set[Sha]:
        """Return those of `steps` that touch nothing of a service; what is not known may touch it."""
        if service not in self._patterns:
            self._patterns[service] = catalog.source_patterns(
                self.transaction, self.org_id, service, self.repository_id
            )
        patterns = self._patterns[service]
        if not patterns:
            return set()
        changed = self.history.paths([step.sha for step in steps if not step.is_merge])
        return {sha for sha, paths in changed.items() if paths is not None and not touches(patterns, paths)}


def _walk(history: History, one: Deployed, before: Deployed | None) -> _Walked:
    reason = _no_walk(one, before, history)
    if reason is not None or before is None:
        return _Walked(one, before, reason)
    return _Walked(one, before, None, history.difference(one.commit_sha, [before.commit_sha], _MOST_WALKED))


def _link(source: _Source, walked: _Walked, landed: _Landed) -> Link:
    one, before = walked.one, walked.before
    if walked.reason is not None or before is None:
        return Link(deployment=one, reason=walked.reason)
    if not walked.steps:
        return Link(deployment=one, reason=Reason.NO_NEW_COMMITS)
    merged = [each for step in walked.steps for each in landed.get(step.sha, ())]
    candidates = _candidates(source, walked, before.commit_sha, merged)
    capped = list(_capped(candidates))
    linked = tuple(_linked(one, candidate) for candidate in capped)
    leads = [commit.lead for commit in linked if commit.lead is not None]
    if not leads:
        return Link(deployment=one, reason=_nothing_measured(candidates), commits=linked)
    lead = deployment_lead(leads)
    brought = _brought(capped, linked, lead.longest_ns)
    return Link(deployment=one, reason=None, lead=lead, commits=linked, brought=brought)


def _no_walk(one: Deployed, before: Deployed | None, history: History) -> Reason | None:
    """Return why there is nothing to walk, the first that holds; None if there is."""
    if not one.commit_sha:
        return Reason.NO_GIT
    if not history.lookup([one.commit_sha]):
        return Reason.COMMIT_UNKNOWN
    if before is None:
        return Reason.FIRST_DEPLOYMENT
    if one.finished_at - before.finished_at > LONGEST_GAP_NS:
        return Reason.GAP_OVER_60_DAYS
    return None if history.lookup([before.commit_sha]) else Reason.PREVIOUS_COMMIT_UNKNOWN


def _nothing_measured(candidates: Iterable[_Candidate]) -> Reason:
    exclusions = {one.exclusion for one in candidates}
    if Exclusion.OUTSIDE_PATHS in exclusions:
        return Reason.NO_COMMIT_IN_PATHS
    # What is left beside merges are squashes of commits that had arrived before.
    return Reason.ONLY_MERGE_COMMITS if exclusions == {Exclusion.MERGE_COMMIT} else Reason.NO_NEW_COMMITS


def _candidates(
    source: _Source, walked: _Walked, deployed: Sha, merged: Iterable[PullRequest]
) -> list[_Candidate]:
    """Return the commits that came, those of squashed pull requests among them, newest first."""
    service, steps = walked.one.service, walked.steps
    outside = source.outside(service, steps)
    came = {step.sha: step for step in steps}
    brought: dict[Sha, PullRequest] = {}
    squashes: set[Sha] = set()
    for one in sorted(merged, key=lambda one: (one.merged_at or 0, one.number)):
        landing = landing_of(one, source.history, [deployed])
        # A squash that touches nothing of a service brings none of its commits to it.
        if landing is None or (landing.is_squash and landing.tip in outside):
            continue
        for sha in (*landing.commits, *([landing.tip] if landing.is_squash else ())):
            # A branch merged into another before it came to the base belongs to the earlier merge.
            brought.setdefault(sha, one)
        if landing.is_squash:
            squashes.add(landing.tip)
            originals = source.history.lookup(sha for sha in landing.commits if sha not in came)
            outside |= source.outside(service, originals.values())
            came.update(originals)
    found = [
        _Candidate(step, _exclusion(step, squashes, outside), brought.get(step.sha)) for step in came.values()
    ]
    return sorted(found, key=lambda one: (-one.step.authored_at, one.step.sha))


def _exclusion(step: Step, squashes: Collection[Sha], outside: Collection[Sha]) -> Exclusion | None:
    if step.is_merge:
        return Exclusion.MERGE_COMMIT
    if step.sha in squashes:
        return Exclusion.SQUASHED
    return Exclusion.OUTSIDE_PATHS if step.sha in outside else None


def _capped(candidates: Iterable[_Candidate]) -> Iterator[_Candidate]:
    """Yield the candidates with those beyond the cap left out, the oldest."""
    measured = 0
    for one in candidates:
        measured += one.exclusion is None
        is_over = one.exclusion is None and measured > MOST_COMMITS
        yield replace(one, exclusion=Exclusion.OVER_THE_CAP) if is_over else one


def _linked(one: Deployed, candidate: _Candidate) -> LinkedCommit:
    step, pull_request = candidate.step, candidate.pull_request
    lead = None
    if candidate.exclusion is None:
        lead = commit_lead(step.authored_at, _review(pull_request), one.started_at, one.finished_at)
    return LinkedCommit(
        sha=step.sha,
        exclusion=candidate.exclusion,
        pull_request=None if pull_request is None else pull_request.number,
        lead=lead,
    )


def _brought(
    candidates: Iterable[_Candidate], linked: Iterable[LinkedCommit], longest_ns: int | None
) -> Brought:
    authors: set[str] = set()
    merged: dict[int, PullRequest] = {}
    first: PullRequest | None = None
    for candidate, commit in zip(candidates, linked, strict=True):
        if commit.lead is None:
            continue
        authors.add(candidate.step.author)
        one = candidate.pull_request
        if one is None:
            continue
        merged[one.number] = one
        # Of commits that took equally long the last one listed counts.
        if longest_ns is not None and commit.lead.lead_time_ns == longest_ns:
            first = one
    return Brought(
        contributors=len(authors),
        lines_added=sum(one.lines_added or 0 for one in merged.values()),
        lines_deleted=sum(one.lines_deleted or 0 for one in merged.values()),
        opened_at=None if first is None else first.opened_at,
        merged_at=None if first is None else first.merged_at,
    )


def _review(pull_request: PullRequest | None) -> Review | None:
    if pull_request is None:
        return None
    return Review(
        ready_at=pull_request.ready_at,
        approved_at=pull_request.last_approved_at,
        merged_at=pull_request.merged_at,
    )
