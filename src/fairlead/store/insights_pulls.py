"""Lists of pull requests: which of a project are in a window, and which of them are on a page.

By time a page is read off an index; by lead time all of the window's are put in order first, by the
engine. Only their keys are found here; whole pull requests are fetched for the page
(`insights_contents.py`).
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    null,
    or_,
    select,
)

from fairlead.domain.insights import DEPLOYED, PullKey, PullPlace, PullsAsked
from fairlead.store import territories
from fairlead.store.engine import Transaction
from fairlead.store.engine_plans import InThisOrder, before_all, by_way_of, keep_to_indexes
from fairlead.store.engine_sql import is_one_of
from fairlead.store.tables import deployment_commits, deployment_kinds, pull_requests
from fairlead.store.territories import OF_APPLICATIONS, OF_ENV, OF_ORG, OF_PROJECT

_p = pull_requests.c
_c = deployment_commits.c
_k = deployment_kinds.c
# As the index `pull_requests_by_end` has it.
_at = func.coalesce(_p.merged_at, _p.opened_at)
_FROM_AT: Final = bindparam("from_at", type_=BigInteger())
_UNTIL_AT: Final = bindparam("until_at", type_=BigInteger())
_STATUS: Final = bindparam("status", type_=Text())
_PART: Final = bindparam("part", type_=Text())
_ROWS: Final = bindparam("rows", type_=Integer())


class PlacesOnPage(NamedTuple):
    """Which pull requests are on a page."""

    places: list[PullPlace]
    total: int
    """How many there are on all pages."""
    has_more: bool
    """Whether there are others beyond, in the direction that was gone in."""


def page(
    transaction: Transaction,
    asked: PullsAsked,
    *,
    after: PullPlace | None,
    before: PullPlace | None,
    limit: int,
) -> PlacesOnPage:
    """Return the first so many behind a place, or the last before one; without a lead time they come last.

    Whatever else is asked in this transaction is found row by row.
    """
    found = _places(transaction, asked, after=after, before=before, limit=limit + 1)
    has_more = len(found) > limit
    if has_more:
        found = found[1:] if before else found[:-1]
    is_all = after is None and before is None and not has_more
    total = len(found) if is_all else _count(transaction, asked)
    # Not before, because all of a long window are counted sooner in other ways.
    keep_to_indexes(transaction)
    return PlacesOnPage(found, total, has_more)


def _places(
    transaction: Transaction,
    asked: PullsAsked,
    *,
    after: PullPlace | None,
    before: PullPlace | None,
    limit: int,
) -> list[PullPlace]:
    edge = after or before
    beyond = "" if edge is None else "before" if after is None else "after"
    values = _values(asked) | {"rows": limit}
    if edge is not None:
        at_edge = _at_edge(edge, by_lead=asked.by_lead_time)
        values |= {f"edge_{number}": value for number, value in enumerate(at_edge)}
    rows = transaction.execute(_page_of(_shape(asked, beyond)), values).all()
    places = [PullPlace(key=PullKey(id, number), at=at, lead_time_ns=lead) for id, number, at, lead in rows]
    return places[::-1] if beyond == "before" else places


def _count(transaction: Transaction, asked: PullsAsked) -> int:
    """Return how many are asked for."""
    return int(transaction.execute(_number_of(_shape(asked, "")), _values(asked)).scalar_one())


class _Shape(NamedTuple):
    """What of a list decides how its statements read; everything else is a value in them."""

    territory: territories.Shape
    is_deployed: bool
    has_state: bool
    has_text: bool
    by_lead_time: bool
    descending: bool
    beyond: str
    """`after` or `before` some place; empty for the first page."""


def _shape(asked: PullsAsked, beyond: str) -> _Shape:
    is_deployed = asked.status == DEPLOYED
    return _Shape(
        territory=territories.shape(asked.territory),
        is_deployed=is_deployed,
        has_state=bool(asked.status) and not is_deployed,
        has_text=bool(asked.text),
        by_lead_time=asked.by_lead_time,
        descending=asked.descending,
        beyond=beyond,
    )


def _values(asked: PullsAsked) -> dict[str, Any]:
    part = asked.text.lower()
    for special in "/%_":
        part = part.replace(special, f"/{special}")
    return territories.values(asked.territory) | {
        "from_at": asked.from_at,
        "until_at": asked.until_at,
        "status": asked.status,
        "part": part,
    }


@cache
def _page_of(shape: _Shape) -> Select[Any]:
    lead = _lead_time(shape.territory) if shape.by_lead_time else null()
    wanted = select(_p.repository_id, _p.number, _at.label("at"), lead.label("lead"))
    listed = _indexed(wanted.where(*_conditions(shape)))
    steps: list[_Step] = [(_at, True), (_p.repository_id, False), (_p.number, True)]
    if shape.by_lead_time:
        # Finished before it is put in order, or SQLite works each lead time out several times.
        found = before_all(listed).c
        listed = select(found.repository_id, found.number, found.at, found.lead)
        steps = [(found.at, True), (found.repository_id, False), (found.number, True)]
        steps = [*_by_lead(found.lead, shape.descending), *steps]
    if shape.beyond:
        listed = listed.where(_beyond(steps, forth=shape.beyond == "after"))
    is_back = shape.beyond == "before"
    order = (column.desc() if falls is not is_back else column.asc() for column, falls in steps)
    return listed.order_by(*order).limit(_ROWS)


@cache
def _number_of(shape: _Shape) -> Select[Any]:
    return _indexed(select(func.count()).select_from(pull_requests).where(*_conditions(shape)))


_Step = tuple[ColumnElement[Any], bool]
"""A column that a list is ordered by, and whether it falls."""


def _by_lead(lead: ColumnElement[int], falls: bool) -> list[_Step]:  # noqa: FBT001 — as `_Step` has it.
    return [(case((lead.is_(None), 1), else_=0), False), (func.coalesce(lead, 0), falls)]


def _at_edge(place: PullPlace, *, by_lead: bool) -> Sequence[Any]:
    """Return what stands in the columns of an order at a place."""
    mine = place.at, place.key.repository_id, place.key.number
    return (int(place.lead_time_ns is None), place.lead_time_ns or 0, *mine) if by_lead else mine


def _beyond(steps: Sequence[_Step], *, forth: bool) -> ColumnElement[bool]:
    """Return whether a row comes after a place, or before it."""
    edge = [bindparam(f"edge_{number}", type_=column.type) for number, (column, _) in enumerate(steps)]
    found: list[ColumnElement[bool]] = []
    for number, ((column, falls), value) in enumerate(zip(steps, edge, strict=True)):
        same = [other == known for (other, _), known in zip(steps[:number], edge[:number], strict=True)]
        found.append(and_(*same, column < value if falls is forth else column > value))
    (column, falls), first = steps[0], edge[0]
    # Implied by the rest; said apart because it is where an index can begin.
    return and_(column <= first if falls is forth else column >= first, or_(*found))


def _indexed(statement: Select[Any]) -> Select[Any]:
    return by_way_of("pull_requests_by_end", pull_requests, statement)


def _conditions(shape: _Shape) -> list[ColumnElement[bool]]:
    is_default = shape.territory.default_project
    found = [
        _p.org_id == OF_ORG,
        _at.between(_FROM_AT, _UNTIL_AT),
        territories.with_project(_p.repository_id, OF_ORG, OF_PROJECT, is_default=is_default),
    ]
    if shape.is_deployed or shape.territory.applications:
        found.append(exists(_brought(shape.territory, select(_c.deployment_id))))
    if shape.has_state:
        found.append(_p.state == _STATUS)
    if shape.has_text:
        told = func.lower(_p.title), func.lower(_p.author)
        found.append(or_(*(one.contains(_PART, escape="/") for one in told)))
    return found


def _lead_time(territory: territories.Shape) -> ColumnElement[int]:
    return _brought(territory, select(func.max(_c.lead_time_ns)).where(_c.exclusion == "")).scalar_subquery()


def _brought(territory: territories.Shape, wanted: Select[Any]) -> Select[Any]:
    """Return what is wanted of the commits that brought a pull request to a territory."""
    # By the kinds of the deployments, of which there are few, instead of each deployment.
    wanted = wanted.select_from(InThisOrder(deployment_commits, deployment_kinds)).where(
        _c.org_id == _p.org_id,
        _c.pull_request == _p.number,
        _k.org_id == _p.org_id,
        _k.kind == _c.kind,
        _k.repository_id == _p.repository_id,
    )
    if territory.env:
        wanted = wanted.where(_k.env == OF_ENV)
    if territory.applications:
        wanted = wanted.where(is_one_of(_k.service, OF_APPLICATIONS))
    # SQLite would go through all commits of the organisation for each pull request.
    indexed = by_way_of("deployment_commits_by_pull_request", deployment_commits, wanted)
    return indexed.correlate(pull_requests)
