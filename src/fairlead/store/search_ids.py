"""Which rows an index knows for a term of a query, as statements that find their ids.

Such a statement finds every row of the page's window that satisfies the term, and may find others,
and some twice.
Not here: what kinds and versions know about their deployments (`search_groups.py`).
"""

from collections.abc import Callable, Container, Mapping
from typing import Any, Final, TypeAlias

from msgspec import Struct
from sqlalchemy import CompoundSelect, Select, Table, select, text, union_all

from fairlead.search.match import holds
from fairlead.search.tree import And, Compare, Exists, Leaf, Matches, Node, Or, Range
from fairlead.store.engine_plans import before_all, by_way_of, known, of_each
from fairlead.store.pages import Asked, row_of
from fairlead.store.search_fields import DEPLOYMENT_FIELDS, FAILURE_FIELDS, exact_tag
from fairlead.store.search_groups import KIND_COLUMNS, is_about_kinds, tags
from fairlead.store.search_leaves import (
    Condition,
    of_text,
    reach,
    reach_of_count,
    reach_of_seconds,
    whole_tag,
)
from fairlead.store.tables import (
    EVENTFUL,
    deployment_commits,
    deployment_kind_tags,
    deployment_kinds,
    deployment_tags,
    deployments,
    failure_services,
    failure_tags,
    failures,
)

OfLeaf: TypeAlias = "Callable[[Leaf], Finding | None]"


class Finding(Struct, frozen=True):
    """How rows are found."""

    statement: Callable[[Asked], Select[Any] | CompoundSelect[Any]]
    """What makes the statement for the window of a page."""
    in_rows: Callable[[Asked], Select[Any]] | None = None
    """The same where an index of the rows themselves is read, so that more can be asked of each."""
    known: frozenset[str] = frozenset()
    """The keys about which that index knows enough, so that the row need not be looked at."""
    knows_kinds: bool = False
    """Whether that index knows which kind a deployment is of."""


# SQLite joins 500 SELECTs at most.
_MOST_IN_A_UNION: Final = 100
_KNOWN_WITH_DURATION: Final = frozenset(("id", "started_at", "finished_at", "duration"))
_KNOWN_EVENTFUL: Final = _KNOWN_WITH_DURATION | {"change_failure", "deployment_type", "recovery_time_sec"}
_UNEVENTFUL: Final = {"deployment_type": "standard", "remediation.id": "", "remediation.type": ""}


def ids(node: Node, of_leaf: OfLeaf) -> Finding | None:
    """Return how the rows for which `node` holds are found; None where no index knows them."""
    match node:
        case And(clauses):
            # A kind has many deployments, so whatever else is known comes first.
            each = (ids(clause, of_leaf) for clause in sorted(clauses, key=is_about_kinds))
            return next((one for one in each if one is not None), None)
        case Or(clauses) if len(clauses) <= _MOST_IN_A_UNION:
            told = [one for clause in clauses if (one := ids(clause, of_leaf)) is not None]
            return _together(told) if len(told) == len(clauses) else None
        case Matches() | Compare() | Range() | Exists():
            return of_leaf(node)
    return None


def of_deployment(leaf: Leaf) -> Finding | None:
    """Return how the deployments that may satisfy `leaf` are found; None where no index knows them."""
    if leaf.key is not None and is_eventful(leaf):
        return Finding(_eventful, in_rows=_eventful, known=_KNOWN_EVENTFUL, knows_kinds=True)
    return _of_leaf(_DEPLOYMENTS, DEPLOYMENT_FIELDS, leaf)


def of_failure(leaf: Leaf) -> Finding | None:
    """Return how the failures that may satisfy `leaf` are found; None where no index knows them."""
    return _of_leaf(_FAILURES, FAILURE_FIELDS, leaf)


def is_eventful(leaf: Leaf) -> bool:
    """Tell whether only deployments of which something became can satisfy `leaf`."""
    if leaf.key == "change_failure":
        return not holds(leaf, False)  # noqa: FBT003 — the value of the key.
    if leaf.key in _UNEVENTFUL:
        return not holds(leaf, _UNEVENTFUL[leaf.key])
    return leaf.key == "recovery_time_sec"


def _together(findings: list[Finding]) -> Finding:
    # Some come twice: keeping these apart would take all of them before the first is counted.
    return Finding(lambda asked: union_all(*(find.statement(asked) for find in findings)))


def _in_rows(find: Callable[[Asked], Select[Any]]) -> Finding:
    return Finding(find, in_rows=find)


def _of_leaf(known_keys: Mapping[str, OfLeaf], fields: Container[str], leaf: Leaf) -> Finding | None:
    if leaf.key is None:
        return None
    of_leaf = known_keys.get(leaf.key if leaf.key in fields else "tags")
    return None if of_leaf is None else of_leaf(leaf)


def _by_text(table: Table, name: str, index: str | None) -> OfLeaf:
    """Return how rows are found by a text column, where a term says between which bounds it lies."""

    def of_leaf(leaf: Leaf) -> Finding | None:
        within = reach(table.c[name], leaf)

        def find(asked: Asked) -> Select[Any]:
            mine = *asked.of_time(row_of(table)), *within
            statement = select(table.c.id).where(*mine)
            return statement if index is None else by_way_of(index, table, statement)

        return _in_rows(find) if within else None

    return of_leaf


def _by_entry(entries: Table) -> OfLeaf:
    """Return how rows are found by their entries for a text, where a term says its bounds."""
    _, word, _, owner = entries.primary_key.columns

    def of_leaf(leaf: Leaf) -> Finding | None:
        within = reach(word, leaf)
        if not within:
            return None
        return Finding(
            lambda asked: select(owner.label("id")).where(*asked.of_time(row_of(entries)), *within)
        )

    return of_leaf


def _by_failure_tag(leaf: Leaf) -> Finding | None:
    """Return how failures are found by a tag."""
    return _by_entry(failure_tags)(leaf if leaf.key == "tags" else whole_tag(leaf))


def _by_tag(leaf: Leaf) -> Finding | None:
    """Return how deployments are found by a tag; if several may be meant, those that exist come first."""
    if exact_tag(leaf, DEPLOYMENT_FIELDS) is not None:
        return _by_entry(deployment_tags)(leaf if leaf.key == "tags" else whole_tag(leaf))
    entry = deployment_tags.c

    def find(asked: Asked) -> Select[Any]:
        meant = before_all(tags(asked.org_id, leaf).with_only_columns(deployment_kind_tags.c.tag).distinct())
        mine = entry.tag == known(meant.c.tag), *asked.of_time(row_of(deployment_tags))
        found = select(entry.deployment_id.label("id")).where(*mine)
        return of_each(asked.engine, meant, deployment_tags, found)

    return Finding(find)


def _by_duration(leaf: Leaf) -> Finding | None:
    """Return how deployments are found by how long they took, where a term says so in numbers."""
    within = reach_of_seconds(deployments.c.finished_at - deployments.c.started_at, leaf)

    def find(asked: Asked) -> Select[Any]:
        # Whatever the window: the index knows no instants, and few are looked for.
        statement = select(deployments.c.id).where(deployments.c.org_id == asked.org_id, *within)
        return by_way_of("deployments_by_duration", deployments, statement)

    return Finding(find, in_rows=find, known=_KNOWN_WITH_DURATION, knows_kinds=True) if within else None


def _by_commit(leaf: Leaf) -> Finding | None:
    """Return how deployments are found by a commit; the index has commits by repository."""
    within = reach(deployments.c.commit_sha, leaf)

    def find(asked: Asked) -> Select[Any]:
        theirs = select(deployment_kinds.c.repository_id).where(deployment_kinds.c.org_id == asked.org_id)
        statement = select(deployments.c.id).where(*asked.of_time(row_of(deployments)), *within)
        statement = statement.where(deployments.c.repository_id.in_(theirs))
        return by_way_of("deployments_by_repository", deployments, statement)

    return _in_rows(find) if within else None


def _by_brought_commit(leaf: Leaf) -> Finding | None:
    """Return how deployments are found by a commit that they brought, counted or left out."""
    return _by_brought("deployment_commits_by_sha", reach(deployment_commits.c.sha, leaf))


def _by_pull_request(leaf: Leaf) -> Finding | None:
    """Return how deployments are found by a pull request of their commits, counted or left out."""
    within = reach_of_count(deployment_commits.c.pull_request, leaf)
    return _by_brought("deployment_commits_by_pull_request", within)


def _by_brought(index: str, within: list[Condition]) -> Finding | None:
    c = deployment_commits.c

    def find(asked: Asked) -> Select[Any]:
        # When a deployment was is not known there.
        statement = select(c.deployment_id.label("id")).where(c.org_id == asked.org_id, *within)
        return by_way_of(index, deployment_commits, statement)

    return Finding(find) if within else None


def _by_kind(leaf: Leaf) -> Finding:
    """Return how the deployments of every kind are found that satisfies `leaf`."""
    c = deployment_kinds.c
    satisfied = of_text(c[KIND_COLUMNS[leaf.key or ""]], leaf)

    def find(asked: Asked) -> Select[Any]:
        meant = before_all(select(c.kind).where(c.org_id == asked.org_id, satisfied))
        mine = deployments.c.kind == known(meant.c.kind), *asked.of_time(row_of(deployments))
        found = by_way_of("deployments_by_kind", deployments, select(deployments.c.id).where(*mine))
        return of_each(asked.engine, meant, deployments, found)

    return Finding(find)


def _eventful(asked: Asked) -> Select[Any]:
    """Return the statement for the deployments of which something became."""
    statement = select(deployments.c.id).where(*asked.of_time(row_of(deployments)), text(f"({EVENTFUL})"))
    return by_way_of("deployments_eventful", deployments, statement)


_DEPLOYMENTS: Final[Mapping[str, OfLeaf]] = {
    **dict.fromkeys(KIND_COLUMNS, _by_kind),
    **dict.fromkeys(("git.commit_sha", "commit_sha"), _by_commit),
    **dict.fromkeys(("commits", "commits.sha"), _by_brought_commit),
    **dict.fromkeys(("pull_requests", "pull_requests.number"), _by_pull_request),
    "duration": _by_duration,
    "id": _by_text(deployments, "id", None),
    "version": _by_text(deployments, "version", "deployments_by_version"),
    "tags": _by_tag,
}
_FAILURES: Final[Mapping[str, OfLeaf]] = {
    **dict.fromkeys(("services", "service"), _by_entry(failure_services)),
    "id": _by_text(failures, "id", None),
    "env": _by_text(failures, "env", "failures_by_env"),
    "team": _by_text(failures, "team", "failures_by_team"),
    "severity": _by_text(failures, "severity", "failures_by_severity"),
    "tags": _by_failure_tag,
}
