"""Record deployments whose start and end a Git host tells apart, in whatever order it does."""

from collections.abc import Iterable, Sequence

import msgspec

from fairlead.domain.deployments import Deployment
from fairlead.domain.reports import DeploymentStart
from fairlead.store import deployments, starts
from fairlead.store.engine import Transaction
from fairlead.store.starts import Key
from fairlead.usecases.record_deployments import record_deployments


def record_reported_deployments(
    transaction: Transaction, told: Sequence[Deployment | DeploymentStart]
) -> list[None]:
    """Record each end as a deployment, with the start that belongs to it where one was told.

    Of several ends of one deployment the earliest stands: what a host says of it later is about
    something else.
    """
    ends: dict[Key, list[Deployment]] = {(one.org_id, one.id): [] for one in told}
    for one in told:
        if isinstance(one, Deployment):
            ends[one.org_id, one.id].append(one)
    starts.put(transaction, [one for one in told if isinstance(one, DeploymentStart)])
    started = starts.of(transaction, list(ends))
    changed = []
    for key, mine in sorted(ends.items()):
        stored = deployments.get(transaction, *key)
        known = [] if stored is None else [stored.fact]
        whole = _whole([*known, *mine], started.get(key))
        if whole is not None and whole not in known:
            changed.append(whole)
    if changed:
        record_deployments(transaction, changed)
    return [None] * len(told)


def _whole(ends: Iterable[Deployment], started_at: int | None) -> Deployment | None:
    """Return the deployment that a start and the earliest of `ends` make; None without an end."""
    first = min(ends, key=lambda end: (end.finished_at, end.received_at, end.fact), default=None)
    if first is None or started_at is None:
        return first
    return msgspec.structs.replace(first, started_at=min(started_at, first.finished_at))
