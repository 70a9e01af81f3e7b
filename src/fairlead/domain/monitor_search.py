"""The search for monitors: what a query may ask, and what a monitor answers.

The language is that of `fairlead.search` without comparisons and ranges. Case does not matter, as
tags are in lower case and states are spelled in many ways. Sources: Datadog's pages on searching
monitors and on deployment gates, as read in 2026-08. Not here: paging, and when a gate asks.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from fairlead.domain.errors import Rejected
from fairlead.domain.monitors import Monitor, MonitorState, group_tags
from fairlead.search import words
from fairlead.search.errors import SearchError
from fairlead.search.match import Record, matches
from fairlead.search.parse import parse
from fairlead.search.pattern import Pattern
from fairlead.search.tree import And, Everything, Exists, Leaf, Matches, Node, Not, Or, all_of, any_of, keys
from fairlead.search.values import Value

_GROUP = "group"
_OF_THE_MOMENT = frozenset({_GROUP, "status", "muted", "muted_left", "muted_elapsed"})
_BARE_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_HANDLE = re.compile(r"@([\w.\-+@]*\w)")
_BRACES = re.compile(r"\{([^{}]*)\}")
_LABEL = re.compile(r"""([A-Za-z_][\w./-]*)\s*(?:=~?|:)\s*["']?([^"',{}]*)""")
_METRIC = re.compile(r"(?<![\w:.])(?!by\b|without\b)[a-z_:][\w:.]*(?=\s*[\[{])", re.IGNORECASE)


class Seen(Struct, frozen=True, kw_only=True):
    """A monitor as it stood at one instant, whole or one group of it."""

    monitor: Monitor
    state: MonitorState
    groups: tuple[str, ...] = ()
    is_muted: bool = False
    muted_left_min: int | None = None
    muted_for_min: int | None = None

    def values(self, key: str) -> Sequence[Value]:
        """Return the values under `key`, in lower case; under any other key those of tags."""
        ask = _FIELDS.get(key)
        if ask is not None:
            return [value.lower() for value in ask(self)]
        return _tags_by_key(self.monitor.tags).get(key.lower(), ())

    def text(self) -> str:
        """Return the words of title and message."""
        return words.document((self.monitor.name, self.monitor.message))


@lru_cache(maxsize=256)
def monitor_query(text: str) -> Node:
    """Return the tree of a query; an empty one finds every monitor.

    Raises:
        Rejected: it is not of the language, or compares.
    """
    try:
        return _prepared(parse(text))
    except SearchError as error:
        raise Rejected(f'attribute "query" cannot be read: {error}', field="query") from error


def finds(query: Node, seen: Record) -> bool:
    """Say whether a query finds a monitor as it stood."""
    return matches(query, seen)


def depends_on_state(query: Node) -> bool:
    """Tell whether a query may find a monitor in one state or group and not in another."""
    return not _OF_THE_MOMENT.isdisjoint(keys(query))


def finds_any_group(query: Node, seen: Record) -> bool:
    """Say whether a query would find a monitor if only it had the right group."""
    if _GROUP not in keys(query):
        return matches(query, seen)
    return any(matches(_without_groups(query, stand_in), seen) for stand_in in _EITHER)


_EITHER: Final = (Everything(), Not(Everything()))


def scopes_of(query: str) -> tuple[str, ...]:
    """Return the tags that a monitor's own query is about, of Datadog's form and of PromQL's."""
    found = [
        f"{key}:{value}".lower()
        for inside in _BRACES.findall(query)
        for key, value in _LABEL.findall(inside)
        if value
    ]
    return tuple(dict.fromkeys(found))


def metrics_of(query: str) -> tuple[str, ...]:
    """Return the metrics that a monitor's own query names."""
    return tuple(dict.fromkeys(name.rpartition(":")[2] for name in _METRIC.findall(query)))


def handles_of(message: str) -> tuple[str, ...]:
    """Return whom a monitor's message notifies, without the `@`."""
    return tuple(dict.fromkeys(_HANDLE.findall(message)))


def _prepared(node: Node) -> Node:
    match node:
        case And(clauses):
            return all_of(_prepared(clause) for clause in clauses)
        case Or(clauses):
            return any_of(_prepared(clause) for clause in clauses)
        case Not(clause):
            return Not(_prepared(clause))
        case Everything():
            return node
        case leaf:
            return _leaf(leaf)


def _leaf(leaf: Leaf) -> Node:
    match leaf:
        case Exists(key):
            return Exists(key.lower())
        case Matches(None, pattern):
            number = pattern.literal or ""
            return Matches("id", pattern) if _BARE_NUMBER.fullmatch(number) else leaf
        case Matches(key, pattern):
            key = (key or "").lower()
            return Matches(key, _status(pattern) if key == "status" else _lower(pattern))
        case _:
            detail = f'attribute "query" cannot compare: {leaf.key} takes words with * and ?'
            raise Rejected(detail, field="query")


def _lower(pattern: Pattern) -> Pattern:
    return Pattern(tuple(piece.lower() if isinstance(piece, str) else piece for piece in pattern.pieces))


def _status(pattern: Pattern) -> Pattern:
    """Return a pattern for a state however it is spelled: `No Data`, `no_data`, `NO DATA`."""
    return Pattern(
        tuple(
            piece.lower().replace(" ", "_").replace("-", "_") if isinstance(piece, str) else piece
            for piece in pattern.pieces
        )
    )


def _without_groups(node: Node, stand_in: Node) -> Node:
    match node:
        case And(clauses):
            return all_of(_without_groups(clause, stand_in) for clause in clauses)
        case Or(clauses):
            return any_of(_without_groups(clause, stand_in) for clause in clauses)
        case Not(clause):
            return Not(_without_groups(clause, stand_in))
        case Matches(key=key) | Exists(key=key) if key == _GROUP:
            return stand_in
        case _:
            return node


@lru_cache(maxsize=4096)
def _tags_by_key(tags: tuple[str, ...]) -> Mapping[str, Sequence[str]]:
    """Return what stands behind the colon of tags, by what stands before it, in lower case."""
    found: dict[str, list[str]] = {}
    for tag in tags:
        key, colon, value = tag.lower().partition(":")
        if colon:
            found.setdefault(key, []).append(value)
    return found


def _every_group_tag(seen: Seen) -> list[str]:
    return [tag for group in seen.groups for tag in (group, *group_tags(group))]


_FIELDS: Final[Mapping[str, Callable[[Seen], Iterable[str]]]] = {
    "id": lambda seen: (str(seen.monitor.id),),
    "title": lambda seen: (seen.monitor.name,),
    "message": lambda seen: (seen.monitor.message,),
    "status": lambda seen: (seen.state.value,),
    "muted": lambda seen: ("true" if seen.is_muted else "false",),
    "muted_left": lambda seen: () if seen.muted_left_min is None else (str(seen.muted_left_min),),
    "muted_elapsed": lambda seen: () if seen.muted_for_min is None else (str(seen.muted_for_min),),
    "type": lambda seen: (seen.monitor.kind,),
    "creator": lambda seen: (seen.monitor.created_by.name, seen.monitor.created_by.id),
    "tag": lambda seen: seen.monitor.tags,
    "scope": lambda seen: scopes_of(seen.monitor.query),
    "metric": lambda seen: metrics_of(seen.monitor.query),
    "notification": lambda seen: handles_of(seen.monitor.message),
    "priority": lambda seen: () if seen.monitor.priority is None else (f"p{seen.monitor.priority}",),
    _GROUP: _every_group_tag,
}
