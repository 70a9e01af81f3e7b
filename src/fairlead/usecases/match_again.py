"""Match versions again that named no commit so far, once more commits or tags of a repository are known."""

from collections.abc import Iterator

from fairlead.domain.access import OrgId
from fairlead.domain.changes import RepositoryId
from fairlead.domain.versions import sha_prefix
from fairlead.store import attempts, places
from fairlead.store.engine import Transaction
from fairlead.store.work import Item, Kind
from fairlead.usecases.record_attempts import hold_series, settle

_AT_ONCE = 500


def series_to_match(transaction: Transaction, org_id: OrgId, repository_id: str) -> Iterator[Item]:
    """Yield the work on each series whose version may name a commit of a repository now."""
    repository = RepositoryId(repository_id)
    tags = places.tags_of(transaction, org_id, repository)
    after = ""
    while True:
        found = attempts.nameless(transaction, org_id, after, _AT_ONCE)
        for series in found:
            prefix = sha_prefix(series.version)
            is_here = prefix and places.with_prefix(transaction, org_id, [repository], prefix)
            if is_here or series.version in tags:
                yield Item(org_id, Kind.MATCH_SERIES, series.id)
        if len(found) < _AT_ONCE:
            return
        after = found[-1].id


def match_series(transaction: Transaction, org_id: OrgId, series_id: str, now: int) -> None:
    """Work out anew what a series comes to; nothing where it is gone."""
    series = attempts.series_of(transaction, org_id, series_id)
    if series is not None:
        hold_series(transaction, [series])
        settle(transaction, [series], now)
