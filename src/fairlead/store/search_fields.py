"""Where the keys of a search are in the tables, for each noun one list.

The lists have the keys of `domain.searchable`, no more and no fewer. Not here: what a term means
(`search_leaves.py`) and how terms are put together (`search_sql.py`).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Table, and_, case, false, select

from fairlead.domain.changes import Reason
from fairlead.search import words
from fairlead.search.tree import Leaf, Matches
from fairlead.store.engine_sql import fits
from fairlead.store.search_leaves import (
    Condition,
    holds_text,
    of_count,
    of_flag,
    of_instant,
    of_seconds,
    of_tags,
    of_text,
    of_texts,
)
from fairlead.store.search_sql import is_never
from fairlead.store.tables import (
    STAGE_COLUMNS,
    deployment_commits,
    deployment_tags,
    failure_services,
    failure_tags,
)

Columns: TypeAlias = Mapping[str, ColumnElement[Any]]
"""The columns of a row by name; some of them may stand in another table."""
AT_HAND: Final = "tags at hand"
"""The name of the column of tags where the row is read anyway, and no index in its place."""
Field: TypeAlias = Callable[[Columns, Leaf], Condition]


def _text(name: str) -> Field:
    return lambda row, leaf: of_text(row[name], leaf)


def _instant(name: str) -> Field:
    return lambda row, leaf: of_instant(row[name], leaf)


def _seconds(name: str) -> Field:
    return lambda row, leaf: of_seconds(row[name], leaf)


def _count(name: str) -> Field:
    return lambda row, leaf: of_count(row[name], leaf)


def _lead_time_reason(row: Columns, leaf: Leaf) -> Condition:
    # Nothing is worked out, or kept, for a deployment without a commit.
    reason = case((row["commit_sha"] == "", Reason.NO_GIT.value), else_=row["lead_time_reason"])
    return of_text(reason, leaf)


def _listed(name: str, entries: Table) -> Field:
    """Return the field of a JSON list of texts, each of which has an entry of its own in `entries`."""

    def read(row: Columns, leaf: Leaf) -> Condition:
        whole = _whole_text(leaf)
        return of_texts(row[name], leaf) if whole is None else _has_entry(entries, row, whole)

    return read


def _commits(row: Columns, leaf: Leaf) -> Condition:
    return _brings(row, of_text(_brought.c.sha, leaf))


def _pull_requests(row: Columns, leaf: Leaf) -> Condition:
    return _brings(row, of_count(_brought.c.pull_request, leaf))


def _brings(row: Columns, said: Condition) -> Condition:
    """Return whether a commit that counts as the deployment's own is as `said`, which asks `_brought`.

    One value and not EXISTS, as for entries.
    """
    if is_never(said):
        return false()
    one = _brought.c
    mine = one.org_id == row["org_id"], one.deployment_id == row["id"], one.exclusion == ""
    return select(one.org_id).where(*mine, said).limit(1).scalar_subquery().is_not(None)


def _duration(row: Columns, leaf: Leaf) -> Condition:
    return of_seconds(row["finished_at"] - row["started_at"], leaf)


# Under another name, because the statement may already walk the commits.
_brought: Final = deployment_commits.alias("brought")

DEPLOYMENT_FIELDS: Final[Mapping[str, Field]] = {
    "id": _text("id"),
    "service": _text("service"),
    "env": _text("env"),
    "team": _text("team"),
    "version": _text("version"),
    "git.repository_id": _text("repository_id"),
    "repository_id": _text("repository_id"),
    "git.commit_sha": _text("commit_sha"),
    "commit_sha": _text("commit_sha"),
    "source": _text("source"),
    "started_at": _instant("started_at"),
    "finished_at": _instant("finished_at"),
    "created_at": _instant("received_at"),
    "duration": _duration,
    "change_failure": lambda row, leaf: of_flag(row["change_failure"], leaf),
    "deployment_type": _text("deployment_type"),
    "recovery_time_sec": _seconds("recovery_time_ns"),
    "remediation.id": _text("remediation_id"),
    "remediation.type": _text("remediation_type"),
    "change_lead_time": _seconds("change_lead_time_ns"),
    "averaged_metrics.change_lead_time": _seconds("change_lead_time_ns"),
    **{
        f"{at}{column.removesuffix('_ns')}": _seconds(column)
        for column in STAGE_COLUMNS
        for at in ("", "averaged_metrics.")
    },
    "lead_time_reason": _lead_time_reason,
    "number_of_commits": _count("number_of_commits"),
    "number_of_pull_requests": _count("number_of_pull_requests"),
    **dict.fromkeys(("commits", "commits.sha"), _commits),
    **dict.fromkeys(("pull_requests", "pull_requests.number"), _pull_requests),
    "tags": _listed("tags", deployment_tags),
}

FAILURE_FIELDS: Final[Mapping[str, Field]] = {
    "id": _text("id"),
    "name": _text("name"),
    "severity": _text("severity"),
    "services": _listed("services", failure_services),
    "service": _listed("services", failure_services),
    "env": _text("env"),
    "team": _text("team"),
    "version": _text("version"),
    "git.repository_url": _text("repository_url"),
    "repository_url": _text("repository_url"),
    "git.repository_id": _text("repository_id"),
    "repository_id": _text("repository_id"),
    "git.commit_sha": _text("commit_sha"),
    "commit_sha": _text("commit_sha"),
    "source": _text("source"),
    "started_at": _instant("started_at"),
    "finished_at": _instant("finished_at"),
    "created_at": _instant("received_at"),
    "duration": _duration,
    "tags": _listed("tags", failure_tags),
}


def deployment_term(row: Columns, leaf: Leaf) -> Condition:
    """Return whether the deployment in `row` satisfies `leaf`."""
    return _term(DEPLOYMENT_FIELDS, deployment_tags, row, leaf)


def failure_term(row: Columns, leaf: Leaf) -> Condition:
    """Return whether the failure in `row` satisfies `leaf`."""
    return _term(FAILURE_FIELDS, failure_tags, row, leaf)


def exact_tag(leaf: Leaf, fields: Mapping[str, Field]) -> str | None:
    """Return the only tag that satisfies `leaf`; None if it asks for more than one, or not for tags."""
    if leaf.key == "tags":
        return _whole_text(leaf)
    if leaf.key is None or leaf.key in fields or ":" in leaf.key:
        return None
    value = _whole_text(leaf)
    return None if value is None else f"{leaf.key}:{value}"


def _term(fields: Mapping[str, Field], tags: Table, row: Columns, leaf: Leaf) -> Condition:
    if leaf.key is None:
        return _free(row, leaf)
    field = fields.get(leaf.key)
    if field is not None:
        return field(row, leaf)
    tag = exact_tag(leaf, fields)
    if tag is None:
        return of_tags(row["tags"], leaf)
    entry = _has_entry(tags, row, tag)
    # Most rows do not even hold the text, and an entry is a look into another table.
    return and_(holds_text(row[AT_HAND], tag), entry) if AT_HAND in row else entry


def _free(row: Columns, leaf: Leaf) -> Condition:
    term = words.term(leaf.pattern) if isinstance(leaf, Matches) else None
    return false() if term is None else fits(row["words"], term)


def _whole_text(leaf: Leaf) -> str | None:
    """Return the only text that satisfies `leaf`, None if there are others or none."""
    return (leaf.pattern.literal or None) if isinstance(leaf, Matches) else None


def _has_entry(entries: Table, row: Columns, text: str) -> Condition:
    """Return whether the row has `text` in its list, by way of the list's own index.

    One value and not EXISTS, which PostgreSQL turns into a join of everything before the first row.
    """
    # Under another name, because the statement may already walk the entries.
    entry = entries.alias("entry").c
    _, word, at, owner = (column.name for column in entries.primary_key.columns)
    mine = entry.org_id == row["org_id"], entry[word] == text, entry[at] == row[at], entry[owner] == row["id"]
    return select(entry.org_id).where(*mine).scalar_subquery().is_not(None)
