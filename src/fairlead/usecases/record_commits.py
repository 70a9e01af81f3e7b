"""Record commits, as many as arrive together, and ask for what follows from them."""

from collections.abc import Iterable, Sequence
from typing import Final

from fairlead.domain.changes import CommitsOf, Sha
from fairlead.domain.errors import Rejected
from fairlead.store import attempts, commits, links, places, pull_requests, work
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import count_grown
from fairlead.store.holding import hold_alone
from fairlead.store.work import Item, Kind

_MANY: Final = 100
"""New commits that may have the table grow to many times its size."""
_MOST_SINGLY = 2000
"""Beyond that many disturbed commits the whole repository is looked at again."""


def record_commits(transaction: Transaction, told: Sequence[CommitsOf]) -> list[list[Sha] | Rejected]:
    """Record each lot and return which of its commits are new or better known; idempotent."""
    hold_alone(transaction, [(one.org_id, one.repository_id) for one in told])
    recorded = [_record(transaction, one) for one in told]
    if sum(map(len, recorded)) >= _MANY:
        count_grown(transaction, "commits")
    return [*recorded]


def _record(transaction: Transaction, told: CommitsOf) -> list[Sha]:
    stored = commits.put(transaction, told)
    places.put_tags(transaction, told.org_id, told.repository_id, dict(told.tags))
    work.ask(transaction, _asked(transaction, told, stored), due_at=0)
    return stored.better


def _asked(transaction: Transaction, told: CommitsOf, stored: commits.Stored) -> Iterable[Item]:
    """Yield the work on deployments that may have other commits now."""
    org_id, repository_id = told.org_id, told.repository_id
    if (stored.better or told.tags) and attempts.has_nameless(transaction, org_id):
        yield Item(org_id, Kind.MATCH_REPOSITORY, repository_id)
    if stored.disturbed is None or len(stored.disturbed) > _MOST_SINGLY:
        yield Item(org_id, Kind.RELINK_REPOSITORY, repository_id)
        return
    # What descends from a commit with other ancestors reaches other commits, itself or as a head.
    others = list({*stored.better, *stored.disturbed})
    for deployment_id in links.deployments_at(transaction, org_id, repository_id, others):
        yield Item(org_id, Kind.LINK, deployment_id)
    squashes = pull_requests.landed_from(transaction, org_id, repository_id, others)
    for sha in (*squashes, *stored.relearned):
        yield work.commit_item(org_id, repository_id, sha)
