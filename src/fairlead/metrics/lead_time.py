"""Change lead time: from a commit's making to the end of the deployment that brought it.

Definition: Datadog, "Change Lead Time Calculation" (read 2026): `finished_at` of the deployment
minus the commit's timestamp, per commit; average, shortest and longest per deployment; merge
commits bring no change of their own. The timestamp is the author's, which a rebase keeps. Stages
are measured per commit; one that would be negative, or lacks an end, is absent rather than zero.
Not here: which commits a deployment brought (`usecases.link_deployments`).
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from fairlead.domain.links import STAGES, DeploymentLead, Lead

_LONGEST_NS = 2**63 - 1


class Review(Struct, frozen=True, kw_only=True):
    """What a commit's pull request adds to its way: instants, None where it did not happen."""

    ready_at: int | None
    approved_at: int | None
    """The last approval before the merge."""
    merged_at: int | None


def commit_lead(authored_at: int, review: Review | None, started_at: int, finished_at: int) -> Lead:
    """Return how long a commit took that a deployment from `started_at` to `finished_at` brought.

    `review` is None for a commit without a pull request: then the time to deploy begins with the
    commit itself, and there are no stages before it.
    """
    if review is None:
        before: tuple[int | None, ...] = (None, None, None)
        waiting_since: int | None = authored_at
    else:
        before = _review_stages(authored_at, review)
        waiting_since = review.merged_at
    stages = (*before, _span(waiting_since, started_at), _span(started_at, finished_at))
    return Lead(lead_time_ns=_span(authored_at, finished_at), stages_ns=stages)


def _review_stages(authored_at: int, review: Review) -> tuple[int | None, int | None, int | None]:
    """Return time to PR ready, review time and merge time.

    A commit pushed after the ready mark has no time to PR ready; one pushed after the last
    approval has no review time either. Without an approval there is neither review nor merge time.
    """
    ready, approved = review.ready_at, review.approved_at
    was_reviewed = approved is not None and authored_at <= approved
    return (
        _span(authored_at, ready),
        _span(ready, approved) if was_reviewed else None,
        _span(approved, review.merged_at),
    )


def deployment_lead(leads: Sequence[Lead]) -> DeploymentLead:
    """Return what the commits of one deployment come to."""
    times = [lead.lead_time_ns for lead in leads if lead.lead_time_ns is not None]
    return DeploymentLead(
        average_ns=_average(times),
        shortest_ns=min(times, default=None),
        longest_ns=max(times, default=None),
        stages_ns=tuple(_average(lead.stages_ns[stage] for lead in leads) for stage in range(len(STAGES))),
    )


def _average(values: Iterable[int | None]) -> int | None:
    """Return the mean to the nanosecond, of halves the even one; None of nothing."""
    there = [value for value in values if value is not None]
    if not there:
        return None
    whole, rest = divmod(sum(there), len(there))
    twice = 2 * rest
    return whole + (twice > len(there) or (twice == len(there) and whole % 2 == 1))


def _span(since: int | None, until: int | None) -> int | None:
    if since is None or until is None or until < since:
        return None
    # The clocks of commits go back farther than a number of 64 bits can say.
    return min(until - since, _LONGEST_NS)
