"""Do the work that facts asked for: take it, work it out, keep the results, tick it off.

Safe to repeat and to interrupt at any point: results replace results, what was not ticked off is
taken again when its lease ends, and a result is kept only while nobody has asked for it anew. Not
here: when to look for work (`worker`).
"""

from collections.abc import Collection, Iterable, Sequence

import structlog
from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import RepositoryId, Sha
from fairlead.domain.errors import Unavailable
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.landings import landing_of
from fairlead.domain.links import Link
from fairlead.store import links, neighbours, pull_requests, work
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import count_grown
from fairlead.store.history import History
from fairlead.store.ledger import Ledger
from fairlead.store.work import Item, Kind, Taken
from fairlead.usecases.build_segments import build_segments
from fairlead.usecases.do_decisions import KINDS, do_decisions
from fairlead.usecases.link_deployments import link_deployments
from fairlead.usecases.match_again import match_series, series_to_match

log = structlog.get_logger(__name__)

MOST_AT_ONCE = 100
LEASE_NS = 60 * NS_PER_S
_LONGEST_REST_NS = 86_400 * NS_PER_S
# Whoever sends facts waits while results are written, so few are written at once.
_COMMITS_AT_ONCE = 5_000
_ITEMS_AT_ONCE = 2_000


class _Wanted(Struct, frozen=True):
    most: int
    now: int


class _Asked(Struct, frozen=True):
    items: Sequence[Item]
    now: int


class _Resting(Struct, frozen=True):
    one: Taken
    until: int


class _Done(Struct, frozen=True):
    """What came of a lot of work, or of its beginning."""

    taken: Sequence[Taken]
    found: Sequence[Link]
    asked: Sequence[Item]
    now: int


def do_work(ledger: Ledger, now: int, most: int = MOST_AT_ONCE) -> int:
    """Do up to about `most` pieces of work that are due at `now`; return how many were taken.

    A piece that cannot be done is logged, rests for longer each time, and stops no other.

    Raises:
        Unavailable: the database cannot be reached; what was taken is taken again.
    """
    if not ledger.read(work.is_due, now=now):
        return 0
    taken: list[Taken] = ledger.write(_take, _Wanted(most, now))
    fresh = [one for one in taken if one.attempts == 0]
    others = [one for one in fresh if one.item.kind is not Kind.SEGMENT]
    segments = [one for one in fresh if one.item.kind is Kind.SEGMENT]
    # What becomes of others may change the days that segments are about.
    for lot in (others, segments, *([one] for one in taken if one.attempts > 0)):
        _do(ledger, _with_following(ledger, lot, now), now)
    return len(taken)


def _with_following(ledger: Ledger, lot: Sequence[Taken], now: int) -> list[Taken]:
    """Return `lot` and the work on the deployments right after those of it, whose beginning they are."""
    after = ledger.read(_following, lot)
    seized = ledger.write(_seize, _Asked(after, now)) if after else []
    return [*lot, *seized]


def _do(ledger: Ledger, lot: Sequence[Taken], now: int) -> None:
    """Do a lot of work: together if possible, one by one if not."""
    try:
        _do_together(ledger, lot, now)
    except Unavailable:
        raise
    except Exception:
        if len(lot) > 1:
            for one in lot:
                _do(ledger, [one], now)
            return
        [one] = lot
        rest_ns = min(LEASE_NS << one.attempts, _LONGEST_REST_NS)
        log.exception("work cannot be done", kind=one.item.kind, key=one.item.key, rest_s=rest_ns // NS_PER_S)
        ledger.write(_rest, _Resting(one, now + rest_ns))


def _do_together(ledger: Ledger, lot: Sequence[Taken], now: int) -> None:
    if lot and lot[0].item.kind is Kind.SEGMENT:
        build_segments(ledger, lot)
        return
    do_decisions(ledger, lot, now)
    left = [one for one in lot if one.item.kind not in KINDS]
    while left:
        done = ledger.read(_work_out, left, now)
        for start in range(0, len(done.asked), _ITEMS_AT_ONCE):
            ledger.write(_ask, _Asked(done.asked[start : start + _ITEMS_AT_ONCE], now))
        ledger.write(_keep, done)
        settled = set(done.taken)
        left = [one for one in left if one not in settled]


def _following(transaction: Transaction, lot: Sequence[Taken]) -> list[Item]:
    """Return the work on the deployments right after those of `lot` that is no part of it."""
    mine = {one.item for one in lot}
    after = neighbours.following(transaction, links.deployed(transaction, _deployments(lot)))
    found = {Item(one.org_id, Kind.LINK, one.id) for one in after.values()}
    return list(found - mine)


def _work_out(transaction: Transaction, lot: Sequence[Taken], now: int = 0) -> _Done:
    """Work out as many of `lot` as may be written at once, and at least one."""
    by_deployment = {(one.item.org_id, one.item.key): one for one in lot if one.item.kind is Kind.LINK}
    there = links.deployed(transaction, by_deployment)
    waiting = {by_deployment[one.key] for one in there}
    taken = [one for one in lot if one not in waiting]
    mine = {one.item for one in lot}
    asked = [item for one in taken for item in _spread(transaction, one.item, mine)]
    found: list[Link] = []
    commits = 0
    for link in link_deployments(transaction, there):
        found.append(link)
        commits += len(link.commits)
        if commits >= _COMMITS_AT_ONCE:
            break
    taken += [by_deployment[link.deployment.key] for link in found]
    return _Done(taken, found, asked, now)


def _deployments(lot: Iterable[Taken]) -> list[tuple[OrgId, str]]:
    return [(one.item.org_id, one.item.key) for one in lot if one.item.kind is Kind.LINK]


def _spread(transaction: Transaction, item: Item, mine: Collection[Item]) -> Iterable[Item]:
    """Return the single pieces that a piece about many deployments stands for, none of `mine`."""
    org_id = item.org_id
    ids: Iterable[str] = ()
    match item.kind:
        case Kind.RELINK_REPOSITORY:
            ids = links.deployments_of_repository(transaction, org_id, item.key)
        case Kind.RELINK_SERVICE:
            ids = links.deployments_of_service(transaction, org_id, item.key)
        case Kind.RELINK_PULL_REQUEST | Kind.RELINK_COMMIT:
            repository, _, part = item.key.rpartition("#")
            known = _with_pull_request if item.kind is Kind.RELINK_PULL_REQUEST else _with_commit
            ids = {
                *known(transaction, org_id, RepositoryId(repository), part),
                # What they bring was worked out before this was known, and is not kept yet.
                *links.deployments_in_hand(transaction, org_id, repository),
            }
        case Kind.MATCH_REPOSITORY:
            return list(series_to_match(transaction, org_id, item.key))
        case _:
            pass
    found = (Item(org_id, Kind.LINK, deployment_id) for deployment_id in ids)
    return (one for one in found if one not in mine)


def _with_commit(
    transaction: Transaction, org_id: OrgId, _repository: RepositoryId, sha: str
) -> Iterable[str]:
    return links.deployments_with(transaction, org_id, [Sha(sha)])


def _with_pull_request(
    transaction: Transaction, org_id: OrgId, repository: RepositoryId, number: str
) -> Iterable[str]:
    """Return the deployments that brought commits of a pull request, by what was and is known of it."""
    yield from links.deployments_of_pull_request(transaction, org_id, repository, int(number))
    one = pull_requests.get(transaction, org_id, repository, int(number))
    landing = one and landing_of(one, History(transaction, org_id, repository))
    if landing:
        yield from links.deployments_with(transaction, org_id, [landing.tip, *landing.commits])


def _take(transaction: Transaction, wanted: Sequence[_Wanted]) -> list[list[Taken]]:
    lots = [work.take(transaction, one.most, now=one.now, leased_until=one.now + LEASE_NS) for one in wanted]
    if any(len(lot) >= one.most for one, lot in zip(wanted, lots, strict=True)):
        # Much was written: the lot's questions about deployments are to find a way that suits so many.
        count_grown(transaction, "deployments")
    return lots


def _seize(transaction: Transaction, asked: Sequence[_Asked]) -> list[list[Taken]]:
    return [work.seize(transaction, one.items, now=one.now, leased_until=one.now + LEASE_NS) for one in asked]


def _ask(transaction: Transaction, asked: Sequence[_Asked]) -> list[None]:
    for one in asked:
        work.ask(transaction, one.items, due_at=one.now)
    return [None] * len(asked)


def _rest(transaction: Transaction, resting: Sequence[_Resting]) -> list[None]:
    for one in resting:
        work.rest(transaction, one.one, until=one.until)
    return [None] * len(resting)


def _keep(transaction: Transaction, done: Sequence[_Done]) -> list[None]:
    for one in done:
        # The deployments first, as whoever records them does: nobody waits for somebody who waits.
        there = links.hold(transaction, _deployments(one.taken))
        standing = work.standing(transaction, one.taken)
        mine = there.intersection(_deployments(standing))
        kept = [link for link in one.found if link.deployment.key in mine]
        links.put(transaction, kept)
        # Rules look at what was brought.
        asked = [Item(link.deployment.org_id, Kind.DECIDE, link.deployment.id) for link in kept]
        work.ask(transaction, asked, due_at=0)
        for item in (taken.item for taken in standing if taken.item.kind is Kind.MATCH_SERIES):
            match_series(transaction, item.org_id, item.key, one.now)
        work.tick_off(transaction, standing)
    return [None] * len(done)
