"""Neighbours: what stands right before or after deployments, looked up for many of them at once.

What follows from a flood of facts is worked out a hundred deployments at a time, and a statement for
each of them would cost several times what the engine needs. Not here: what a neighbour means
(`usecases`).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain, groupby
from typing import Final

import msgspec

from fairlead.domain.access import OrgId
from fairlead.domain.links import Deployed
from fairlead.store import kinds, links, spoken
from fairlead.store.engine import SQLITE, Transaction, engine_name
from fairlead.store.links import Key

_FEW: Final = 500
"""So many places SQLite takes as parameters, which costs it less than to read them out of an array."""
_STEP: Final = 50
"""Statements for more places are for a multiple of it, or each number of them would be new to SQLite."""
_TOLD: Final = (
    ("place", "BIGINT"),
    ("tie", "BIGINT"),
    ("finished_at", "BIGINT"),
    ("started_at", "BIGINT"),
    ("id", "TEXT"),
)
_KIND: Final = "deployments AS d", "id", "kind", ""
_KIND_WITH_GIT: Final = "deployments AS d", "id", "kind", " AND d.commit_sha <> ''"
_MARKS: Final = "deployment_marks AS d", "deployment_id", "mark", ""
_BY_KIND: Final = "deployments_by_kind"
_encode: Final = msgspec.json.Encoder().encode


def previous(transaction: Transaction, ones: Iterable[Deployed]) -> dict[Key, Deployed]:
    """Return the deployment with git before each of the same service, environment and repository."""
    return _like_each(transaction, ones, git=True, before=True)


def following(transaction: Transaction, ones: Iterable[Deployed]) -> dict[Key, Deployed]:
    """Return the deployment with git after each of the same service, environment and repository."""
    return _like_each(transaction, ones, git=True, before=False)


def before(transaction: Transaction, ones: Iterable[Deployed]) -> dict[Key, Deployed]:
    """Return the deployment right before each of the same service and environment."""
    return _like_each(transaction, ones, git=False, before=True)


def after(transaction: Transaction, ones: Iterable[Deployed]) -> dict[Key, Deployed]:
    """Return the deployment right after each of the same service and environment."""
    return _like_each(transaction, ones, git=False, before=False)


def marked(
    transaction: Transaction, org_id: OrgId, wanted: Collection[tuple[Deployed, int]], *, before: bool
) -> dict[tuple[str, int], str]:
    """Return the id of the deployment with a mark that comes closest before or after each of `wanted`.

    By the id of the one and the mark.
    """
    asked = list(wanted)
    found = _nearest(transaction, org_id, [(mark, one) for one, mark in asked], _MARKS, before=before)
    return {(asked[place][0].id, asked[place][1]): id for place, id in found.items()}


def _like_each(
    transaction: Transaction, ones: Iterable[Deployed], *, git: bool, before: bool
) -> dict[Key, Deployed]:
    """Return the closest of each, which is the closest of those that are closest in any of its kinds."""
    found: dict[Key, Deployed] = {}
    for org_id, group in groupby(sorted(ones, key=_owner), key=_owner):
        mine = list(group)
        alike = kinds.of_services(transaction, org_id, {one.service for one in mine}, by_repository=git)
        asked = [(kind, one) for one in mine for kind in alike.get(_tie(one, git=git), ())]
        ids = _nearest(transaction, org_id, asked, _KIND_WITH_GIT if git else _KIND, before=before)
        known = links.deployed_by_id(transaction, org_id, set(ids.values()))
        for place, id in ids.items():
            key = asked[place][1].key
            # On PostgreSQL somebody else may have deleted one meanwhile.
            candidates = [one for one in (found.get(key), known.get(id)) if one is not None]
            if candidates:
                found[key] = (max if before else min)(candidates, key=_order)
    return found


def _tie(one: Deployed, *, git: bool) -> tuple[str, ...]:
    return (one.service, one.env, one.repository_id) if git else (one.service, one.env)


def _order(one: Deployed) -> tuple[int, int, str]:
    return one.finished_at, one.started_at, one.id


def _nearest(
    transaction: Transaction,
    org_id: OrgId,
    asked: Sequence[tuple[int, Deployed]],
    source: tuple[str, str, str, str],
    *,
    before: bool,
) -> Mapping[int, str]:
    """Return the id that is found for each of `asked`, by its place there."""
    if not asked:
        return {}
    hint = "" if source is _MARKS else spoken.by_way_of(transaction, _BY_KIND)
    told = [(place, tie, one.finished_at, one.started_at, one.id) for place, (tie, one) in enumerate(asked)]
    if engine_name(transaction) == SQLITE and len(told) <= _FEW:
        count = len(told) if len(told) <= _STEP else -(-len(told) // _STEP) * _STEP
        told += told[-1:] * (count - len(told))
        values, parameters = _as_values(count), [*chain.from_iterable(told)]
    else:
        # One statement, however many: a page of a list must not cost more of them when it is longer.
        values, parameters = _as_array(engine_name(transaction)), [_encode(told).decode()]
    statement = _statement(source, hint, values, before=before)
    rows = spoken.rows(transaction, statement, (*parameters, org_id))
    return {row.place: row.found for row in rows if row.found is not None}


@cache
def _as_values(count: int) -> str:
    return "VALUES " + ", ".join([spoken.places(len(_TOLD))] * count)


@cache
def _as_array(engine: str) -> str:
    """Return the statement for the places in a JSON array, which is its parameter."""
    if engine == SQLITE:
        told = ", ".join(f"json_extract(value, '$[{number}]')" for number in range(len(_TOLD)))
        return f"SELECT {told} FROM json_each(?)"  # noqa: S608 — no names at all.
    told = ", ".join(f"CAST(value ->> {number} AS {type})" for number, (_, type) in enumerate(_TOLD))
    return f"SELECT {told} FROM json_array_elements(CAST(? AS json)) AS rows_told (value)"  # noqa: S608 — as above.


@cache
def _statement(source: tuple[str, str, str, str], hint: str, values: str, *, before: bool) -> str:
    """Return the statement for the places that `values` yields; the organisation is its last parameter."""
    table, key, tie, condition = source
    sign, direction = ("<", " DESC") if before else (">", "")
    # The first condition follows from the second; said apart because it is what an index can begin with.
    here = f"d.finished_at {sign}= told.finished_at AND (d.finished_at, d.started_at, d.{key}) {sign}"
    order = ", ".join(f"d.{column}{direction}" for column in ("finished_at", "started_at", key))
    told = ", ".join(name for name, _ in _TOLD)
    # Names of our own tables and columns only; what was sent travels as a parameter.
    return (
        f"WITH told ({told}) AS ({values}) SELECT place, ("  # noqa: S608 — as said above.
        f"SELECT d.{key} FROM {table}{hint} WHERE d.org_id = ? AND d.{tie} = told.tie{condition}"
        f" AND {here} (told.finished_at, told.started_at, told.id) ORDER BY {order} LIMIT 1"
        ") AS found FROM told"
    )


def _owner(one: Deployed) -> OrgId:
    return one.org_id
