"""Work: what is to be worked out again because a fact changed.

An item is written in the transaction of the fact, so it cannot be lost; asking twice for the same
is one item. Whoever takes items holds a lease on them, and may keep a result only while the
ticket that was taken is still the item's: if somebody asked again meanwhile, it is another, and
the result is of yesterday. Items of all organisations are taken together: the one exception to
the tenant wall, named in the design. Not here: what an item means.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select, text, update

from fairlead.domain.access import OrgId
from fairlead.store import spoken
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import by_way_of
from fairlead.store.tables import HURRIED, IN_VAIN, work

_t = work.c
_items = BulkInsert(
    work, ("org_id", "kind", "key", "ticket", "due_at", "leased_until", "attempts"), replaces=True
)
_HOLD = "UPDATE work SET leased_until = ?, attempts = attempts + 1 WHERE org_id = ? AND kind = ? AND key IN"
_TICK_OFF = "DELETE FROM work WHERE org_id = ? AND kind = ? AND ticket = ? AND key IN"
_KEYS_A_STATEMENT = 300
_T = TypeVar("_T")


class Kind(StrEnum):
    """What is to be done with the key of an item."""

    LINK = "link"
    """Find the commits of the deployment with that id, and of the one after it."""
    RELINK_REPOSITORY = "relink-repository"
    """Do so for every deployment of the repository with that id."""
    RELINK_SERVICE = "relink-service"
    """Do so for every deployment of the service of that name, in lower case."""
    RELINK_PULL_REQUEST = "relink-pull-request"
    """Do so for every deployment with commits of the pull request: repository, `#`, number."""
    RELINK_COMMIT = "relink-commit"
    """Do so for every deployment with the commit: repository, `#`, SHA."""
    MATCH_REPOSITORY = "match-repository"
    """Look which versions name commits of the repository with that id."""
    MATCH_SERIES = "match-series"
    """Find the commit that the version of the series with that id names."""
    DECIDE_RULE = "decide-rule"
    """Decide the rule of an evaluation with that id, or find out when to look again."""
    LOOK_AT_MONITORS = "look-at-monitors"
    """Do so for every rule that watches the monitor with that id just now."""
    POLL_MONITOR = "poll-monitor"
    """Ask Prometheus for the state of the monitor with that id."""
    COUNT_TRAFFIC = "count-traffic"
    """Ask Prometheus for the requests and errors of the source with that name."""
    SEGMENT = "segment"
    """Build the columns of a day anew: noun, day since 1970, and whose mark it is (`store.segments`)."""
    DECIDE = "decide"
    """Find what the deployment with that id repairs, and what became of those that it bears on."""
    DECIDE_ALL = "decide-all"
    """Do so for every deployment after an end and an id: both with `/` between, or empty for all."""


APART = frozenset({Kind.DECIDE_RULE, Kind.LOOK_AT_MONITORS, Kind.POLL_MONITOR, Kind.COUNT_TRAFFIC})
"""Kinds with workers of their own, which have deadlines to keep."""
# Asked for with every fact, and an enumeration takes its time to say.
_SPELLED = {kind: kind.value for kind in Kind}
_USUAL_KINDS = tuple(kind for kind in Kind if kind not in APART)


class Item(Struct, frozen=True):
    """One piece of work."""

    org_id: OrgId
    kind: Kind
    key: str


class Taken(Struct, frozen=True):
    """A piece of work somebody holds a lease on."""

    item: Item
    ticket: int
    attempts: int
    """How often it was taken before and not ticked off since it was asked for."""


def pull_request_item(org_id: OrgId, repository_id: str, number: int) -> Item:
    """Return the work on what a pull request brought."""
    return Item(org_id, Kind.RELINK_PULL_REQUEST, f"{repository_id}#{number}")


def commit_item(org_id: OrgId, repository_id: str, sha: str) -> Item:
    """Return the work on the deployments that brought a commit."""
    return Item(org_id, Kind.RELINK_COMMIT, f"{repository_id}#{sha}")


def ask(transaction: Transaction, items: Iterable[Item], *, due_at: int) -> None:
    """Ask for `items`, to be done from `due_at` on."""
    ask_together(transaction, [(items, due_at)])


def ask_together(transaction: Transaction, lots: Iterable[tuple[Iterable[Item], int]]) -> None:
    """Ask for several lots of items, each to be done from its own instant on, in one statement."""
    _put(transaction, lots, leased_until=0)


def seize(transaction: Transaction, items: Sequence[Item], *, now: int, leased_until: int) -> list[Taken]:
    """Ask for `items` and take them at once, whoever holds them: their results will not be kept."""
    ticket = _put(transaction, [(items, now)], leased_until=leased_until)
    return [Taken(item, ticket, 0) for item in items]


def take(
    transaction: Transaction,
    most: int,
    *,
    now: int,
    leased_until: int,
    kinds: Iterable[Kind] = _USUAL_KINDS,
    most_again: int = 1,
) -> list[Taken]:
    """Take up to `most` items that are due and that nobody holds, the longest due first.

    Of those that were taken before in vain only `most_again` are taken, at the end, for one may take
    whoever works on it down with it once more.
    """
    wanted = frozenset(kinds)
    fresh = _due(select(work).where(_t.attempts == 0), now, wanted).order_by(_t.due_at).limit(most)
    # By the index of these alone, unless there is one of all that hurries, where these are few.
    in_vain = select(work).where(text(f"({IN_VAIN})"))
    again = _due(in_vain, now, wanted, "work_in_vain").order_by(_t.attempts, _t.due_at).limit(most_again)
    taken = [
        Taken(Item(OrgId(row.org_id), Kind(row.kind), row.key), row.ticket, row.attempts)
        for wanted in (fresh, again)
        for row in transaction.execute(wanted.with_for_update(skip_locked=True))
    ]
    for (org_id, kind, _), keys in _together(taken, by_ticket=False):
        statement = f"{_HOLD} {spoken.places(len(keys))}"
        spoken.tell(transaction, statement, (leased_until, org_id, kind, *keys))
    return taken


def is_due(transaction: Transaction, *, now: int, kinds: Iterable[Kind] = _USUAL_KINDS) -> bool:
    """Tell whether there is something to take."""
    wanted = _due(select(_t.key), now, frozenset(kinds)).limit(1)
    return transaction.execute(wanted).first() is not None


def standing(transaction: Transaction, taken: Sequence[Taken]) -> list[Taken]:
    """Return those of `taken` that nobody asked for again; until the transaction ends nobody can."""
    return _standing(transaction, taken, hold=True)


def still_standing(transaction: Transaction, taken: Sequence[Taken]) -> list[Taken]:
    """Return those of `taken` that nobody has asked for again so far, for one who only reads."""
    return _standing(transaction, taken, hold=False)


def tick_off(transaction: Transaction, done: Sequence[Taken]) -> None:
    """Remove `done`, save those that were asked for again since they were taken."""
    for (org_id, kind, ticket), keys in _together(done, by_ticket=True):
        spoken.tell(transaction, f"{_TICK_OFF} {spoken.places(len(keys))}", (org_id, kind, ticket, *keys))


def rest(transaction: Transaction, one: Taken, *, until: int) -> None:
    """Let nobody take an item before `until`, unless it is asked for again."""
    mine = update(work).where(*_is(), _t.ticket == bindparam("the_ticket"))
    transaction.execute(mine.values(leased_until=until), _names(one.item) | {"the_ticket": one.ticket})


def asked_for(transaction: Transaction, items: Iterable[Item]) -> set[Item]:
    """Return which of `items` are waiting or being worked on."""
    found: set[Item] = set()
    for part in _parts(list(items)):
        wanted = select(_t.org_id, _t.kind, _t.key).where(_any_of(part))
        rows = transaction.execute(wanted)
        found.update(Item(OrgId(org_id), Kind(kind), key) for org_id, kind, key in rows)
    return found


def is_asked_about_parts(transaction: Transaction, org_id: OrgId, repository_id: str) -> bool:
    """Tell whether work on any commit or pull request of a repository is waiting or being done."""
    kinds = [Kind.RELINK_PULL_REQUEST.value, Kind.RELINK_COMMIT.value]
    mine = _t.org_id == org_id, _t.kind.in_(kinds)
    # What stands behind the mark are digits and letters, and "$" is what comes after the mark.
    theirs = _t.key > f"{repository_id}#", _t.key < f"{repository_id}$"
    return transaction.execute(select(_t.key).where(*mine, *theirs).limit(1)).first() is not None


def waiting(transaction: Transaction) -> int:
    """Return how many items there are."""
    return transaction.execute(select(func.count()).select_from(work)).scalar_one()


def _standing(transaction: Transaction, taken: Sequence[Taken], *, hold: bool) -> list[Taken]:
    tickets: dict[Item, int] = {}
    for part in _parts(sorted({one.item for one in taken}, key=_key)):
        # One order everywhere, so that two processes never wait for each other.
        wanted = select(_t.org_id, _t.kind, _t.key, _t.ticket).where(_any_of(part))
        wanted = wanted.order_by(_t.org_id, _t.kind, _t.key)
        rows = transaction.execute(wanted.with_for_update() if hold else wanted)
        tickets.update((Item(OrgId(org), Kind(kind), key), ticket) for org, kind, key, ticket in rows)
    return [one for one in taken if tickets.get(one.item) == one.ticket]


def _put(transaction: Transaction, lots: Iterable[tuple[Iterable[Item], int]], *, leased_until: int) -> int:
    # Chance, not a counter: several processes ask, and none may draw what another has drawn.
    ticket = secrets.randbits(63)
    due = {(item.org_id, _SPELLED[item.kind], item.key): due_at for items, due_at in lots for item in items}
    attempts = int(leased_until > 0)
    _items.run(transaction, [(*key, ticket, due[key], leased_until, attempts) for key in sorted(due)])
    return ticket


def _due(wanted: Select[Any], now: int, kinds: frozenset[Kind], index: str = "work_by_due") -> Select[Any]:
    """Return what is wanted of the work of some kinds that is due and that nobody holds."""
    wanted = wanted.where(
        _t.due_at <= now, _t.leased_until <= now, _t.kind.in_([kind.value for kind in kinds])
    )
    if kinds <= APART:
        wanted, index = wanted.where(text(f"({HURRIED})")), "work_hurried"
    return by_way_of(index, work, wanted)


def _any_of(items: Sequence[Item]) -> ColumnElement[bool]:
    """Return the condition that a row is one of `items`, as the stretches of the key that they are."""
    groups: dict[tuple[OrgId, Kind], list[str]] = {}
    for item in items:
        groups.setdefault((item.org_id, item.kind), []).append(item.key)
    return or_(
        *(
            and_(_t.org_id == org_id, _t.kind == kind.value, _t.key.in_(keys))
            for (org_id, kind), keys in groups.items()
        )
    )


def _together(
    taken: Iterable[Taken], *, by_ticket: bool
) -> Iterator[tuple[tuple[OrgId, str, int], Sequence[str]]]:
    """Yield what one statement can be about: what was asked for together has one ticket."""
    groups: dict[tuple[OrgId, str, int], list[str]] = {}
    for one in taken:
        ticket = one.ticket if by_ticket else 0
        groups.setdefault((one.item.org_id, _SPELLED[one.item.kind], ticket), []).append(one.item.key)
    for group, keys in sorted(groups.items()):
        for part in _parts(sorted(keys)):
            yield group, part


def _is() -> tuple[ColumnElement[bool], ...]:
    return tuple(_t[name] == bindparam(f"the_{name}") for name in ("org_id", "kind", "key"))


def _names(item: Item) -> dict[str, Any]:
    return {"the_org_id": item.org_id, "the_kind": item.kind.value, "the_key": item.key}


def _key(item: Item) -> tuple[int, str, str]:
    return item.org_id, item.kind.value, item.key


def _parts(values: Sequence[_T]) -> Iterable[Sequence[_T]]:
    return (values[at : at + _KEYS_A_STATEMENT] for at in range(0, len(values), _KEYS_A_STATEMENT))
