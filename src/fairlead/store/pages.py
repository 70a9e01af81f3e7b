"""What a page of a list is: which rows of which noun, asked how, in which order.

Not here: how such a page is found without looking at every row (`finding.py`).
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace
from sqlalchemy import BigInteger, FromClause, Table, bindparam, not_
from sqlalchemy.sql.selectable import NamedFromClause

from fairlead.domain.access import OrgId
from fairlead.search.tree import And, Compare, Comparison, Leaf, Matches, Node, Range
from fairlead.search.values import instant_from
from fairlead.store.engine_plans import Order
from fairlead.store.search_fields import AT_HAND, Columns, deployment_term, failure_term
from fairlead.store.search_leaves import Condition, ends
from fairlead.store.search_sql import condition, is_never
from fairlead.store.tables import deployments, failures


class DeploymentsPage(Struct, frozen=True, kw_only=True):
    """Which deployments of an organisation are asked for, and in which order."""

    where: Node
    from_at: int | None = None
    """Inclusive, compared with `finished_at`; None means since ever."""
    until_at: int | None = None
    """Inclusive; None means for ever."""
    sort: str = "finished_at"
    descending: bool = True
    """Ties are ordered by end and id, in the same direction."""
    limit: int


class FailuresPage(Struct, frozen=True, kw_only=True):
    """Which failures of an organisation are asked for, and in which order."""

    where: Node
    from_at: int | None = None
    """Inclusive, compared with `started_at`; None means since ever."""
    until_at: int | None = None
    """Inclusive; None means for ever."""
    sort: str = "started_at"
    """What is still open ends after everything that has ended."""
    descending: bool = True
    """Ties are ordered by start and id, in the same direction."""
    limit: int


SORTABLE_DEPLOYMENTS: Final = ("finished_at", "started_at", "service", "env", "team", "version")
SORTABLE_FAILURES: Final = ("started_at", "finished_at", "severity", "env", "team", "version", "name")


class Noun(Struct, frozen=True, kw_only=True, eq=False):
    """A table that is listed; there is one of each."""

    table: Table
    rows: NamedFromClause[Any]
    """The table under another name, for statements that know it twice."""
    at: str
    """The instant that windows are compared with and ties are ordered by."""
    indexes: Mapping[str, str]
    """For each column that rows can be walked in the order of, the index to walk."""
    term: Callable[[Columns, Leaf], Condition]


DEPLOYMENTS: Final = Noun(
    table=deployments,
    rows=deployments.alias("asked"),
    at="finished_at",
    indexes={
        "finished_at": "deployments_by_end",
        "started_at": "deployments_by_start",
        "version": "deployments_by_version",
    },
    term=deployment_term,
)
FAILURES: Final = Noun(
    table=failures,
    rows=failures.alias("asked"),
    at="started_at",
    indexes={
        "started_at": "failures_by_start",
        "env": "failures_by_env",
        "team": "failures_by_team",
        "severity": "failures_by_severity",
    },
    term=failure_term,
)


class Question(Struct, frozen=True, kw_only=True):
    """What pages of one noun, for one organisation and on one engine, have in common save for their instants.

    So the statements for one of them are those for all, with other values.
    """

    engine: str
    org_id: OrgId
    noun: Noun
    where: Node
    sort: str
    descending: bool
    limit: int
    low: str | None
    """Under which name statements are told the first instant that a row may have, if there is one."""
    high: str | None
    """The same for the last."""


class Asked(Question, frozen=True, kw_only=True, eq=False):
    """Pages with the same question."""

    _read: list[tuple[Columns, Condition]] = field(default_factory=list)
    """The query as it was put together for each sort of row; a wide one takes long."""

    def is_for_nothing(self) -> bool:
        """Tell whether the query by itself can hold for no row."""
        return is_never(self._of_query(row_of(self.noun.table)))

    def of_row(self, row: Columns) -> list[Condition]:
        """Return everything that is asked of a row."""
        return [*self.of_time(row), self._of_query(row)]

    def of_time(self, row: Columns) -> list[Condition]:
        """Return what is asked of a row's organisation and instant, which may be those of an entry."""
        found = [row["org_id"] == self.org_id]
        if self.low is not None:
            found.append(row[self.noun.at] >= bindparam(self.low, type_=BigInteger()))
        if self.high is not None:
            found.append(row[self.noun.at] <= bindparam(self.high, type_=BigInteger()))
        return found

    def is_for_ever(self) -> bool:
        """Tell whether a row may have any instant."""
        return self.low is self.high is None

    def only(self, where: Node) -> "Asked":
        """Return the same page of another query."""
        return replace(self, where=where, _read=[])

    def until(self, name: str) -> "Asked":
        """Return the same page, but of rows no further along in the order of time than the instant `name`."""
        return replace(self, low=name) if self.descending else replace(self, high=name)

    def order(self, row: FromClause) -> Order:
        """Return the order of the page."""
        sort = self.sort
        columns = [row.c[name] for name in dict.fromkeys((sort, self.noun.at, "id"))]
        return Order(columns, self.descending, with_nulls=self.noun.table.c[sort].nullable is True)

    def _of_query(self, row: Columns) -> Condition:
        for columns, known in self._read:
            if columns is row:
                return known
        self._read.append((row, self._put_together(row)))
        return self._read[-1][1]

    def _put_together(self, row: Columns) -> Condition:
        def read(leaf: Leaf, negated: bool) -> Condition:  # noqa: FBT001 — as `Reading` has it.
            found = self.noun.term(row, leaf)
            return not_(found) if negated else found

        return condition(self.where, read)


def window(noun: Noun, page: DeploymentsPage | FailuresPage) -> tuple[int | None, int | None]:
    """Return the first and last instant that a row may have, as far as page and query say so."""
    lows, highs, where = [page.from_at], [page.until_at], page.where
    for clause in where.clauses if isinstance(where, And) else (where,):
        for comparison, bound in _bounds(clause, noun.at):
            moment = instant_from(bound)
            if moment is not None and comparison in {Comparison.AT_LEAST, Comparison.MORE}:
                lows.append(moment.ns)
            elif moment is not None:
                highs.append(moment.ns)
    return (
        max((low for low in lows if low is not None), default=None),
        min((high for high in highs if high is not None), default=None),
    )


@cache
def row_of(table: FromClause) -> Columns:
    """Return the columns of a table by name."""
    return dict(table.c.items())


@cache
def at_hand(table: FromClause) -> Columns:
    """Return the same for rows that are read as a whole."""
    return {**row_of(table), AT_HAND: table.c.tags}


def _bounds(clause: Node, key: str) -> list[tuple[Comparison, str]]:
    """Return the bounds that a clause sets for the values of `key`, ends included."""
    match clause:
        case Compare() | Range() if clause.key == key:
            return ends(clause)
        case Matches(name, pattern) if name == key and pattern.literal is not None:
            return [(Comparison.AT_LEAST, pattern.literal), (Comparison.AT_MOST, pattern.literal)]
    return []
