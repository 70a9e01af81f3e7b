"""Pages of attempts and deployments, newest first: every statement behind that list.

Finished attempts are deployments and come from there, by way of the kinds that are in the territory;
what runs or failed comes from the attempts. Both are asked for one page, and the pages are merged. Not
here: what is in a deployment (`insights_contents.py`).
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
from msgspec import Struct
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal,
    not_,
    or_,
    select,
    tuple_,
)

from fairlead.domain.access import OrgId
from fairlead.domain.attempts import AttemptKind, AttemptStatus
from fairlead.domain.deployments import DeploymentType
from fairlead.domain.identity import uuid_of
from fairlead.domain.insights import KINDS, NOTHING, Contents, Listed, ListPage, lead_stages
from fairlead.store import attempts as kept_attempts
from fairlead.store import fixed_attempts, kind_counts, territories
from fairlead.store.attempts import Kept
from fairlead.store.engine import Transaction, engine_name
from fairlead.store.engine_plans import (
    Grouped,
    InThisOrder,
    Order,
    by_way_of,
    first_of,
    keep_to_indexes,
    known,
    of_each,
)
from fairlead.store.engine_sql import array_of, is_one_of, numbers_in, rows_in
from fairlead.store.kind_counts import Place
from fairlead.store.links import brought_from
from fairlead.store.tables import BROUGHT_COLUMNS, attempts, deployment_uuids, deployments
from fairlead.store.territories import OF_ORG

_a = attempts.c
_d = deployments.c
_asked = deployments.alias("asked")
_TYPES = {kind: type for type, kind in KINDS.items()}
_USUAL = {type.value: kind for type, kind in KINDS.items()}
_COLUMNS = (
    "id",
    "service",
    "env",
    "version",
    "repository_id",
    "commit_sha",
    "started_at",
    "finished_at",
    "deployment_type",
    "longest_lead_time_ns",
    "number_of_pull_requests",
    *BROUGHT_COLUMNS,
)
_encode = msgspec.json.Encoder().encode
_FROM_AT: Final = bindparam("from_at", type_=BigInteger())
_UNTIL_AT: Final = bindparam("until_at", type_=BigInteger())
_EDGE_AT: Final = bindparam("edge_at", type_=BigInteger())
_ROWS: Final = bindparam("rows", type_=Integer())
_KINDS: Final = numbers_in(array_of("groups")).alias("kinds")
_PLACES: Final = rows_in(
    array_of("groups"), kind=BigInteger(), from_at=BigInteger(), until_at=BigInteger()
).alias("places")
# Asked for every page, and therefore made once.
_by_id = select(*(_d[name] for name in _COLUMNS)).where(
    _d.org_id == OF_ORG, is_one_of(_d.id, array_of("ids"))
)


class Part(Struct, frozen=True):
    """A page of a list."""

    items: list[Listed]
    total: int
    """How many there are on all pages."""
    has_more: bool
    """Whether there are others beyond, in the direction that was gone in."""


def page(transaction: Transaction, asked: ListPage) -> Part:
    """Return one page, in at most half a dozen statements."""
    keep_to_indexes(transaction)
    found: list[Listed] = []
    total = 0
    if asked.status in (None, AttemptStatus.FINISHED):
        kinds = territories.kind_numbers(transaction, asked.territory)
        fixed = _number_of_fixed(transaction, asked, kinds)
        mine = _finished(transaction, asked, kinds, fixed)
        found += mine
        total += len(mine) if _is_all(asked, mine) else _count_finished(transaction, asked, kinds, fixed)
    if asked.status is not AttemptStatus.FINISHED or asked.kind is not None:
        mine = _tried(transaction, asked)
        found += mine
        total += len(mine) if _is_all(asked, mine) else _count_tried(transaction, asked)
    found.sort(key=lambda one: (one.at, one.id), reverse=asked.before is None)
    items = found[: asked.limit]
    if asked.before is not None:
        items.reverse()
    return Part(items, total, len(found) > asked.limit)


def listed(transaction: Transaction, org_id: OrgId, uuid: str) -> Listed | None:
    """Return the attempt or deployment of a UUID, or None."""
    u = deployment_uuids.c
    named = transaction.execute(select(u.deployment_id).where(u.org_id == org_id, u.uuid == uuid)).scalar()
    found = by_id(transaction, org_id, [uuid if named is None else named])
    return found[0] if found else None


def by_id(transaction: Transaction, org_id: OrgId, ids: Sequence[str]) -> list[Listed]:
    """Return those of `ids` that are there, newest first."""
    rows = transaction.execute(_by_id, {"of_org": org_id, "ids": _encode(ids).decode()}).all()
    kept = kept_attempts.by_id(transaction, org_id, ids)
    found = [_from_deployment(org_id, row, kept.get(row.id)) for row in rows]
    there = {row.id for row in rows}
    found += [_from_attempt(org_id, one) for id, one in kept.items() if id not in there]
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)


def _is_all(asked: ListPage, found: Sequence[Listed]) -> bool:
    """Tell whether a page holds all there are, so that nobody needs to count them."""
    return asked.after is None and asked.before is None and len(found) <= asked.limit


def _number_of_fixed(transaction: Transaction, asked: ListPage, kinds: Sequence[int]) -> int:
    """Return how many in the window were of the type that is asked for, had nobody fixed their kind."""
    type = None if asked.kind is None else _TYPES.get(asked.kind)
    if type is None:
        return 0
    window = asked.from_at, asked.until_at
    return fixed_attempts.count(transaction, asked.territory.org_id, kinds, type, window)


def _finished(transaction: Transaction, asked: ListPage, kinds: Sequence[int], fixed: int) -> list[Listed]:
    org_id = asked.territory.org_id
    places = _places(transaction, asked, kinds, fixed)
    shape = _shape(asked)._replace(placed=places is not None)
    groups = kinds if places is None else places
    wanted = _page_of_finished(engine_name(transaction), shape)
    rows = transaction.execute(wanted, _values(asked) | {"groups": _encode(groups).decode()}).all()
    kept = kept_attempts.by_id(transaction, org_id, [row.id for row in rows])
    return [_from_deployment(org_id, row, kept.get(row.id)) for row in rows]


def _places(
    transaction: Transaction, asked: ListPage, kinds: Sequence[int], fixed: int
) -> list[Place] | None:
    """Return where the first of a type lie, which may be few; None where all are looked through."""
    type = None if asked.kind is None else _TYPES.get(asked.kind)
    if type is None or type is DeploymentType.STANDARD:
        return None
    from_at, until_at, org_id = asked.from_at, asked.until_at, asked.territory.org_id
    values = _values(asked)
    if asked.after is not None:
        until_at = min(until_at, values["edge_at"])
    if asked.before is not None:
        from_at = max(from_at, values["edge_at"])
    return kind_counts.places_of(
        transaction,
        org_id,
        kinds,
        type.value,
        (from_at, until_at),
        enough=asked.limit + 1 + fixed,
        newest_first=asked.before is None,
    )


def _count_finished(transaction: Transaction, asked: ListPage, kinds: Sequence[int], fixed: int) -> int:
    type = None if asked.kind is None else _TYPES.get(asked.kind)
    if asked.kind is not None and type is None:
        return 0
    org_id, window = asked.territory.org_id, (asked.from_at, asked.until_at)
    known = kind_counts.count(transaction, org_id, kinds, window, "" if type is None else type.value)
    if known is not None:
        return known - fixed
    wanted = _number_of_finished(engine_name(transaction), _shape(asked))
    asked_for = _values(asked) | {"groups": _encode(kinds).decode()}
    return int(transaction.execute(wanted, asked_for).scalar_one())


def _tried(transaction: Transaction, asked: ListPage) -> list[Listed]:
    rows = transaction.execute(_page_of_tries(_shape(asked)), _values(asked))
    kept = {row.id: kept_attempts.kept_from(row) for row in rows}
    finished = [id for id, one in kept.items() if one.attempt.status is AttemptStatus.FINISHED]
    known_here = (
        {one.id: one for one in by_id(transaction, asked.territory.org_id, finished)} if finished else {}
    )
    org_id = asked.territory.org_id
    return [known_here.get(id) or _from_attempt(org_id, one) for id, one in kept.items()]


def _count_tried(transaction: Transaction, asked: ListPage) -> int:
    return int(transaction.execute(_number_of_tries(_shape(asked)), _values(asked)).scalar_one())


class _Shape(NamedTuple):
    """What of a page decides how its statements read; everything else is a value in them."""

    territory: territories.Shape
    kind: AttemptKind | None
    status: AttemptStatus | None
    beyond: str
    """`after` or `before` some row; empty for the first page."""
    placed: bool = False
    """Whether it is known where in the window its rows lie."""


def _shape(asked: ListPage) -> _Shape:
    beyond = "after" if asked.after is not None else "before" if asked.before is not None else ""
    return _Shape(territories.shape(asked.territory), asked.kind, asked.status, beyond)


def _values(asked: ListPage) -> dict[str, Any]:
    at, id = asked.after or asked.before or (0, "")
    # The row that was seen may lie outside of the window, which another request may have chosen.
    if asked.after is not None and at > asked.until_at:
        at, id = asked.until_at + 1, ""
    if asked.before is not None and at < asked.from_at:
        at, id = asked.from_at, ""
    return territories.values(asked.territory) | {
        "from_at": asked.from_at,
        "until_at": asked.until_at,
        "edge_at": at,
        "edge_id": id,
        "rows": asked.limit + 1,
    }


@cache
def _page_of_finished(engine: str, shape: _Shape) -> Select[Any]:
    grouped = _grouped(shape)
    order = Order([_asked.c.finished_at, _asked.c.id], descending=shape.beyond != "before")
    ids = first_of(engine, grouped, order, _ROWS).subquery("found")
    wanted = select(*(_d[name] for name in _COLUMNS)).select_from(InThisOrder(ids, deployments))
    return wanted.where(_d.org_id == OF_ORG, _d.id == ids.c.id)


@cache
def _number_of_finished(engine: str, shape: _Shape) -> Select[Any]:
    grouped = _grouped(shape._replace(beyond=""))
    rows = by_way_of(grouped.index, grouped.rows, select(grouped.rows.c.id).where(*grouped.mine))
    each = of_each(engine, grouped.groups, grouped.rows, rows)
    return select(func.count()).select_from(each.subquery())


@cache
def _page_of_tries(shape: _Shape) -> Select[Any]:
    wanted = _tries(shape, select(attempts))
    edge = _edge(shape, _a.listed_at, _a.id)
    if edge is not None:
        wanted = wanted.where(edge)
    order = Order([_a.listed_at, _a.id], descending=shape.beyond != "before")
    return wanted.order_by(*order.clauses()).limit(_ROWS)


@cache
def _number_of_tries(shape: _Shape) -> Select[Any]:
    return _tries(shape, select(func.count()).select_from(attempts))


def _tries(shape: _Shape, wanted: Select[Any]) -> Select[Any]:
    """Ask for attempts that `_finished` does not find: what has not finished, and what is of a fixed kind."""
    wanted = wanted.where(*territories.tries_in(shape.territory))
    wanted = wanted.where(_a.listed_at >= _FROM_AT, _a.listed_at <= _UNTIL_AT)
    statuses = [one.value for one in AttemptStatus if shape.status in (None, one)]
    if shape.kind is None:
        return wanted.where(_a.status.in_(one for one in statuses if one != AttemptStatus.FINISHED.value))
    fixed = and_(_a.kind == shape.kind.value, _a.status.in_(statuses))
    if shape.kind is not AttemptKind.DEPLOYMENT:
        return wanted.where(fixed)
    usual = and_(_a.kind == "", _a.status.in_(one for one in statuses if one != AttemptStatus.FINISHED.value))
    return wanted.where(or_(fixed, usual))


def _grouped(shape: _Shape) -> Grouped:
    row = _asked.c
    edge = _edge(shape, row.finished_at, row.id)
    groups = _PLACES if shape.placed else _KINDS
    kind = groups.c.kind if shape.placed else groups.c.value
    mine: list[ColumnElement[bool]] = [row.org_id == OF_ORG, row.kind == known(kind)]
    if shape.placed:
        mine += [row.finished_at >= known(groups.c.from_at), row.finished_at <= known(groups.c.until_at)]
    # SQLite begins at the first bound it is told: one that lies closer makes the other superfluous.
    if not shape.placed and shape.beyond != "before":
        mine.append(row.finished_at >= _FROM_AT)
    if not shape.placed and shape.beyond != "after":
        mine.append(row.finished_at <= _UNTIL_AT)
    if edge is not None:
        mine.append(edge)
    if shape.kind is not None:
        mine += _of_kind(shape.kind)
    return Grouped(
        groups=groups, rows=_asked, mine=mine, shared={}, index="deployments_by_kind", walkable=True
    )


def _of_kind(kind: AttemptKind) -> list[ColumnElement[bool]]:
    """Return what is asked of a deployment's row whose kind nobody fixed."""
    type = _TYPES.get(kind)
    if type is None:
        return [literal(0) == 1]
    fixed = select(_a.id).where(_a.org_id == _asked.c.org_id, _a.id == _asked.c.id, _a.kind != "")
    return [_asked.c.deployment_type == type.value, not_(fixed.exists())]


def _edge(shape: _Shape, at: ColumnElement[int], id: ColumnElement[str]) -> ColumnElement[bool] | None:
    """Return what is asked of a row to lie beyond the page that was seen; None for the first page."""
    there = tuple_(_EDGE_AT, bindparam("edge_id", type_=Text()))
    if not shape.beyond:
        return None
    beyond = tuple_(at, id) < there if shape.beyond == "after" else tuple_(at, id) > there
    if shape.placed:
        return beyond
    return and_(at <= _EDGE_AT if shape.beyond == "after" else at >= _EDGE_AT, beyond)


def _from_deployment(org_id: OrgId, row: Sequence[Any], kept: Kept | None) -> Listed:
    # In the order of `_COLUMNS`; names are looked up more slowly.
    id, service, env, version, repository_id, commit_sha, started_at, finished_at, type, *brought = row
    attempt = None if kept is None else kept.attempt
    return Listed(
        id=id,
        uuid=uuid_of(org_id, id),
        application=service,
        version=version or commit_sha,
        env=env,
        status=AttemptStatus.FINISHED,
        kind=_USUAL[type] if attempt is None or attempt.kind is None else attempt.kind,
        started_at=started_at,
        ended_at=finished_at,
        archived=attempt is not None and attempt.archived,
        metadata={} if attempt is None else attempt.metadata,
        repository_id=repository_id,
        commit_sha=commit_sha,
        lead_time_ns=brought[0],
        contents=_contents(started_at, finished_at, brought),
    )


def _contents(started_at: int, finished_at: int, brought: Sequence[int | None]) -> Contents:
    """Return what a deployment brought, from the last columns; without a lead time that is nothing."""
    lead_time_ns, pull_requests, *others = brought
    if lead_time_ns is None:
        return NOTHING
    came = brought_from(others)
    first_at = finished_at - lead_time_ns
    return Contents(
        pull_requests=pull_requests or 0,
        contributors=came.contributors,
        lines_added=came.lines_added,
        lines_deleted=came.lines_deleted,
        stages=lead_stages(first_at, came.opened_at, came.merged_at, started_at, finished_at),
    )


def _from_attempt(org_id: OrgId, kept: Kept) -> Listed:
    attempt, series = kept.attempt, kept.attempt.series
    return Listed(
        id=kept.id,
        uuid=uuid_of(org_id, kept.id),
        application=series.application,
        version=series.version,
        env=series.env,
        status=attempt.status,
        kind=attempt.kind or AttemptKind.DEPLOYMENT,
        started_at=attempt.started_at,
        ended_at=attempt.ended_at,
        archived=attempt.archived,
        metadata=attempt.metadata,
        repository_id=kept.commit[0],
        commit_sha=kept.commit[1],
    )
