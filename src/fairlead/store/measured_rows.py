"""Rows as columns: the deployments or failures of a window as a frame, read from their tables.

This is what a segment is made of, and what answers where segments cannot: days that have just
changed, and queries on keys that no segment carries. Not here: segments (`segments.py`) and what the
columns mean (`domain.measured`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, not_, select

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Reason
from fairlead.domain.frames import pl
from fairlead.domain.measured import COVERAGE, DURATIONS, SHAPES, TYPES, Noun, Scope, Unmeasured
from fairlead.search.tree import Everything, Leaf, Node
from fairlead.store.engine import Transaction
from fairlead.store.pages import DEPLOYMENTS, FAILURES, row_of
from fairlead.store.search_leaves import Condition
from fairlead.store.search_sql import condition
from fairlead.store.tables import STAGE_COLUMNS, deployment_commits, deployments, failures

CodeOf = Callable[[str, str], int]
"""The code of a text in a column: the column first."""
VERSION: Final = "version"
"""A column of codes that only a frame made of rows has."""

_ALL: Final = Everything()
_d, _f, _c = deployments.c, failures.c, deployment_commits.c
_NOUNS: Final = {Noun.DEPLOYMENTS: DEPLOYMENTS, Noun.FAILURES: FAILURES}
_COVERAGE_OF: Final = {code: number for number, code in enumerate(COVERAGE)}
_TYPE_OF: Final = {kind.value: number for number, kind in enumerate(TYPES)}
_READ: Final[Mapping[Noun, Sequence[ColumnElement[Any]]]] = {
    Noun.DEPLOYMENTS: (
        *(_d[name] for name in ("finished_at", "commit_sha", "lead_time_reason", "number_of_commits")),
        *(_d[name] for name in ("deployment_type", "change_failure", "change_lead_time_ns")),
        *(_d[name] for name in (*STAGE_COLUMNS, "recovery_time_ns")),
    ),
    Noun.FAILURES: (_f.started_at, _f.finished_at),
}


def frame(transaction: Transaction, scope: Scope, code_of: CodeOf, where: Node = _ALL) -> pl.DataFrame:
    """Return the facts of `scope` that a query holds for, in the order in which they happened."""
    names = (*SHAPES[scope.noun].texts, VERSION)
    table = _NOUNS[scope.noun].table
    wanted = select(*(table.c[name] for name in names), *_READ[scope.noun])
    return frame_of(_columns(transaction, _within(wanted, scope, where)), scope.noun, code_of)


def frame_of(columns: Sequence[Sequence[Any]], noun: Noun, code_of: CodeOf) -> pl.DataFrame:
    """Return the frame of what was read of a noun; of nothing at all, one without rows."""
    names = (*SHAPES[noun].texts, VERSION)
    there = columns or [()] * (len(names) + len(_READ[noun]))
    make = _deployment_numbers if noun is Noun.DEPLOYMENTS else _failure_numbers
    return pl.DataFrame([*_codes(names, there, code_of), *make(there[len(names) :])])


def commits(transaction: Transaction, scope: Scope, code_of: CodeOf, where: Node) -> pl.DataFrame:
    """Return the measured commits of the deployments of `scope`, each with the texts of its deployment."""
    names = (*SHAPES[Noun.DEPLOYMENTS].texts, VERSION)
    both = deployments.join(
        deployment_commits, (_c.org_id == _d.org_id) & (_c.deployment_id == _d.id) & (_c.exclusion == "")
    )
    durations = (_c.lead_time_ns, *(_c[name] for name in STAGE_COLUMNS))
    wanted = select(*(_d[name] for name in names), _d.finished_at, *durations).select_from(both)
    columns = _columns(transaction, _within(wanted, scope, where))
    numbers = zip(("finished_at", *DURATIONS[:-1]), columns[len(names) :], strict=True)
    series = (pl.Series(name, column, pl.Int64) for name, column in numbers)
    return pl.DataFrame([*_codes(names, columns, code_of), *series])


def days(transaction: Transaction, org_id: OrgId, noun: Noun, length_ns: int) -> list[int]:
    """Return the days since 1970 on which a fact happened, `length_ns` being the length of one."""
    about = _NOUNS[noun]
    row = row_of(about.table)
    # PostgreSQL and SQLite both divide whole numbers to a whole number, and no fact is before 1970.
    day = row[about.at].op("/")(length_ns)
    wanted = select(day).where(row["org_id"] == org_id).distinct()
    return list(transaction.execute(wanted).scalars())


def _within(wanted: Select[Any], scope: Scope, where: Node) -> Select[Any]:
    about = _NOUNS[scope.noun]
    row = row_of(about.table)

    def read(leaf: Leaf, negated: bool) -> Condition:  # noqa: FBT001 — as `Reading` has it.
        found = about.term(row, leaf)
        return not_(found) if negated else found

    at = row[about.at]
    mine = row["org_id"] == scope.org_id, at >= scope.from_at, at < scope.until_at
    return wanted.where(*mine, condition(where, read)).order_by(at)


def _columns(transaction: Transaction, wanted: Select[Any]) -> list[tuple[Any, ...]]:
    rows = transaction.execute(wanted).all()
    return list(zip(*rows, strict=True)) or [()] * len(wanted.selected_columns)


def _codes(names: Sequence[str], columns: Sequence[Sequence[str]], code_of: CodeOf) -> Iterator[pl.Series]:
    for name, column in zip(names, columns, strict=False):
        codes = {text: code_of(name, text) for text in set(column)}
        yield pl.Series(name, [codes[text] for text in column], pl.UInt32)


def _deployment_numbers(columns: Sequence[Sequence[Any]]) -> Iterator[pl.Series]:
    finished, shas, reasons, counts, types, failed, leads, *durations = columns
    coverage = map(_coverage, shas, reasons, counts, leads)
    yield pl.Series("finished_at", finished, pl.Int64)
    yield pl.Series("deployment_type", [_TYPE_OF[name] for name in types], pl.UInt8)
    yield pl.Series("change_failure", failed, pl.Boolean)
    yield pl.Series("coverage", list(coverage), pl.UInt8)
    *stages, recoveries = durations
    for name, column in zip(DURATIONS[:-1], (leads, *stages), strict=True):
        yield pl.Series(name, column, pl.Int64)
    # What is kept of a former failure says nothing of a deployment that is none.
    recovered = [ns if is_failure else None for ns, is_failure in zip(recoveries, failed, strict=True)]
    yield pl.Series("recovery_time", recovered, pl.Int64)


def _failure_numbers(columns: Sequence[Sequence[Any]]) -> Iterator[pl.Series]:
    started, finished = columns
    yield pl.Series("started_at", started, pl.Int64)
    lasted = [None if end is None else end - start for start, end in zip(started, finished, strict=True)]
    yield pl.Series("time_to_restore", lasted, pl.Int64)


def _coverage(sha: str, reason: str, number_of_commits: int | None, lead_time_ns: int | None) -> int:
    """Return the number of the first reason that holds for having no lead time, 0 if there is one."""
    if not sha:
        return _COVERAGE_OF[Reason.NO_GIT.value]
    if reason:
        return _COVERAGE_OF[reason]
    if number_of_commits is None:
        return _COVERAGE_OF[Unmeasured.PENDING.value]
    return 0 if lead_time_ns is not None else _COVERAGE_OF[Unmeasured.COMMITS_AFTER_DEPLOYMENT.value]
