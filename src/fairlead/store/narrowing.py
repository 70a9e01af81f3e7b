"""Ways to look at fewer rows than a walk through the whole table would.

A narrowing holds all rows that are sought and others beside them; its page asks the whole query of
each. Not here: what is known about rows without looking at them (`search_groups.py`,
`search_ids.py`), and which narrowing is taken (`finding.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, TypeAlias

from msgspec import Struct
from sqlalchemy import FromClause, Select, literal, select, text, true

from fairlead.search.tree import And, Leaf, Node, all_of, leaves
from fairlead.store import search_groups, search_ids, walks
from fairlead.store.pages import Asked, row_of
from fairlead.store.search_fields import DEPLOYMENT_FIELDS, FAILURE_FIELDS, exact_tag
from fairlead.store.search_leaves import Condition, reach
from fairlead.store.search_sql import is_always
from fairlead.store.tables import (
    EVENTFUL,
    deployment_kinds,
    deployment_tags,
    failure_tags,
)

# Rows that are fetched one by one and sorted in about ten milliseconds.
FEW: Final = 3_000
# The same for rows to which an index leads at once.
FEW_BY_INDEX: Final = 8_000
# The same for rows that lie side by side, and for those of which an index knows all that is asked.
FEW_TOGETHER: Final = 20_000
# Of these the index of a kind's versions does not know what its index by time does.
_ONLY_TIME_KNOWS: Final = frozenset(("started_at", "duration", "change_failure", "deployment_type"))
# Every narrowing is measured, which takes its time too.
_MOST_BY_IDS: Final = 8

Statement: TypeAlias = Select[Any]
Page: TypeAlias = Callable[[], Statement]
"""What makes the statement for a page."""
_OfMany: TypeAlias = Callable[[Asked, Node], Page | None]


class Narrowing(Struct, frozen=True, kw_only=True):
    """Some rows among which all that are sought can be found."""

    rows: Callable[[Asked], Statement]
    """One row for each of them, to be counted; no more than one beyond few."""
    few: int
    """How many of them may be looked at one by one."""
    page: Page
    """Fast when they are few."""
    page_of_many: Page | None = None
    """Fast however many they are; None where walking the table is no worse."""
    is_counted_fast: bool = True
    """Whether even finding none takes no time."""
    rows_tried: Callable[[Asked], Statement] | None = None
    """What to count instead among the few rows that were tried; None where it is the same."""


def of_deployments(asked: Asked) -> list[Narrowing]:
    """Return the narrowings of a page of deployments."""
    kinds = search_groups.kinds(asked.org_id, asked.where)
    versions = search_groups.versions(asked.org_id, asked.where)
    clauses = [clause for clause in _clauses(asked) if not search_groups.knows(clause)]
    of_both = [*_by_versions_of_kinds(asked, kinds)]
    # Those versions have deployments of other kinds too.
    has_words = any(leaf.key is None for leaf in leaves(asked.where))
    return [
        # Of equals the first is taken: entries are read in the order of the page, kinds one after another.
        *_by_ids(asked, clauses, search_ids.of_deployment, partial(_many_deployments, kinds), kinds),
        *of_both,
        *_by_kinds(asked, kinds),
        *(_by_versions(asked, versions, kinds) if has_words or not of_both else ()),
        *_by_time(asked, partial(walks.of_groups, asked, walks.KINDS, kinds)),
    ]


def of_failures(asked: Asked) -> list[Narrowing]:
    """Return the narrowings of a page of failures."""
    return [
        *_by_ids(asked, _clauses(asked), search_ids.of_failure, _many_failures, true()),
        *_by_time(asked, partial(walks.of_time, asked)),
    ]


def _by_kinds(asked: Asked, kinds: Condition) -> Iterator[Narrowing]:
    """Yield the narrowing to the deployments of the chosen kinds, unless that may be all of them."""
    if is_always(kinds):
        return
    # In order of versions, where the index that has it knows as much of what is asked.
    by_version = asked.sort == "version" and _ONLY_TIME_KNOWS.isdisjoint(
        leaf.key for leaf in leaves(asked.where)
    )
    page = partial(walks.of_groups, asked, walks.KINDS_BY_VERSION if by_version else walks.KINDS, kinds)
    rows = partial(walks.some_of_groups, groups=walks.KINDS, chosen=kinds, limit=FEW + 1)
    yield Narrowing(rows=rows, few=FEW, page=page, page_of_many=page)


def _by_versions_of_kinds(asked: Asked, kinds: Condition) -> Iterator[Narrowing]:
    """Yield the narrowing to those deployments of the chosen kinds whose version lies between bounds."""
    if is_always(kinds):
        return
    version = row_of(asked.noun.rows)["version"]
    told = (clause for clause in _clauses(asked) if isinstance(clause, Leaf) and clause.key == "version")
    within = [bound for clause in told for bound in reach(version, clause)]
    if not within:
        return
    groups, limit = walks.KINDS_BY_VERSION, FEW_BY_INDEX + 1
    page = partial(walks.of_groups, asked, groups, kinds, within)
    yield Narrowing(
        rows=partial(walks.some_of_groups, groups=groups, chosen=kinds, limit=limit, such=within),
        few=FEW_BY_INDEX,
        page=page,
        page_of_many=page if asked.sort == "version" else None,
    )


def _by_versions(asked: Asked, versions: Condition, kinds: Condition) -> Iterator[Narrowing]:
    """Yield the narrowing to the deployments of the chosen versions, unless that may be all of them."""
    if is_always(versions):
        return
    left, such = _left_of(asked, kinds, asked.noun.rows)
    page = partial(walks.of_groups, left, walks.VERSIONS, versions, such)
    like_them = search_groups.like_versions(row_of(asked.noun.table), asked.where)
    yield Narrowing(
        rows=partial(walks.some_of_groups, groups=walks.VERSIONS, chosen=versions, limit=FEW + 1),
        few=FEW,
        page=page,
        page_of_many=page,
        # Versions may be as many as deployments.
        is_counted_fast=False,
        rows_tried=partial(walks.some_of_time, limit=FEW + 1, such=[like_them]),
    )


def _left_of(asked: Asked, kinds: Condition, rows: FromClause) -> tuple[Asked, list[Condition]]:
    """Return what is left to ask of `rows` of which an index knows the kind, and of which kinds they are."""
    if is_always(kinds):
        return asked, []
    c = deployment_kinds.c
    chosen = select(c.kind).where(c.org_id == asked.org_id, kinds)
    left = (clause for clause in _clauses(asked) if not search_groups.is_about_kinds(clause))
    # As a truth value it is a list looked up in, and nothing that PostgreSQL could join with.
    return asked.only(all_of(left)), [row_of(rows)["kind"].in_(chosen).is_(True)]


def _by_ids(
    asked: Asked,
    clauses: Iterable[Node],
    of_leaf: search_ids.OfLeaf,
    of_many: _OfMany,
    kinds: Condition,
) -> Iterator[Narrowing]:
    """Yield the narrowing to the rows that an index knows, for each clause where one does."""
    known = ((clause, search_ids.ids(clause, of_leaf)) for clause in clauses)
    told = ((clause, find) for clause, find in known if find is not None)
    for clause, find in islice(told, _MOST_BY_IDS):
        left, such = _left_of(asked, kinds, asked.noun.table) if find.knows_kinds else (asked, [])
        few = _few(find, left.where)
        yield Narrowing(
            rows=partial(_some_of_ids, find, few),
            few=few,
            page=partial(_page_of_ids, left, find, such),
            page_of_many=of_many(asked, clause) if asked.sort == asked.noun.at else None,
        )


def _few(find: search_ids.Finding, where: Node) -> int:
    """Return how many of the rows that are found may be looked at one by one."""
    if find.in_rows is None:
        return FEW
    return FEW_TOGETHER if {leaf.key for leaf in leaves(where)} <= find.known else FEW_BY_INDEX


def _some_of_ids(find: search_ids.Finding, few: int, asked: Asked) -> Statement:
    if find.in_rows is not None:
        # Counted without a look at the rows.
        return find.in_rows(asked).with_only_columns(literal(1).label("one")).limit(few + 1)
    return select(find.statement(asked).subquery("known").c.id).limit(few + 1)


def _page_of_ids(asked: Asked, find: search_ids.Finding, such: Sequence[Condition]) -> Statement:
    if find.in_rows is not None:
        return walks.of_index(asked, find.in_rows(asked), such)
    few = select(find.statement(asked).subquery("known").c.id).distinct().limit(FEW)
    return walks.of_ids(asked, few.subquery("few"))


def _by_time(asked: Asked, page: Page) -> Iterator[Narrowing]:
    """Yield the narrowing to the page's window, unless its rows are walked in order of time anyway."""
    if asked.sort == asked.noun.at or asked.is_for_ever():
        return
    rows = partial(walks.some_of_time, limit=FEW_TOGETHER + 1)
    yield Narrowing(rows=rows, few=FEW_TOGETHER, page=page)


def _many_deployments(kinds: Condition, asked: Asked, clause: Node) -> Page | None:
    """Return a walk through the deployments with a tag, or through those of which something became."""
    if not isinstance(clause, Leaf):
        return None
    tag = exact_tag(clause, DEPLOYMENT_FIELDS)
    if tag is not None:
        return partial(walks.of_entries, asked, deployment_tags, tag)
    if search_ids.is_eventful(clause):
        left, such = _left_of(asked, kinds, asked.noun.rows)
        return partial(walks.of_part, left, "deployments_eventful", [text(f"({EVENTFUL})"), *such])
    return None


def _many_failures(asked: Asked, clause: Node) -> Page | None:
    """Return a walk through the failures with a tag."""
    tag = exact_tag(clause, FAILURE_FIELDS) if isinstance(clause, Leaf) else None
    return None if tag is None else partial(walks.of_entries, asked, failure_tags, tag)


def _clauses(asked: Asked) -> tuple[Node, ...]:
    """Return the clauses that have to hold, all of them."""
    where = asked.where
    return where.clauses if isinstance(where, And) else (where,)
