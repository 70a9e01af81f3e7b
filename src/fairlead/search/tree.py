"""The tree of a query: frozen plain data that can be compared, hashed and kept as a key.

A key stands here without the `@` it may be written with. Every tree is in one form: `And`
and `Or` hold two or more clauses and none of their own kind, so a wide query is a shallow
tree. The constructors refuse anything else; `all_of`, `any_of` and `having` bring what they
are given into that form. Not here: text (`parse`, `text`) and truth (`match`).
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from fairlead.search.pattern import ANYTHING, Pattern


class Comparison(StrEnum):
    """How a value must stand to the bound."""

    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


class Everything(Struct, frozen=True):
    """Holds for every record."""


class And(Struct, frozen=True):
    """Holds where all of its clauses hold."""

    clauses: tuple["Node", ...]
    """Two or more, none of them an `And`."""

    def __post_init__(self) -> None:
        _require_flat(self)


class Or(Struct, frozen=True):
    """Holds where at least one of its clauses holds."""

    clauses: tuple["Node", ...]
    """Two or more, none of them an `Or`."""

    def __post_init__(self) -> None:
        _require_flat(self)


class Not(Struct, frozen=True):
    """Holds where its clause does not; there is no third answer."""

    clause: "Node"


class Matches(Struct, frozen=True):
    """Some value of the key fits the pattern; without a key, the words of the record do."""

    key: str | None
    """None for a free term."""
    pattern: Pattern
    """Never a lone `*`: that is `Exists` with a key and `Everything` without."""

    def __post_init__(self) -> None:
        if self.key == "" or self.pattern == ANYTHING:
            raise ValueError(f"not in the one form: {self!r}")


class Compare(Struct, frozen=True):
    """Some value of the key stands to the bound as the comparison says."""

    key: str
    comparison: Comparison
    bound: str
    """As written, without escapes: whether it is read as a number is up to the value."""

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError(f"not in the one form: {self!r}")


class Range(Struct, frozen=True):
    """Some value of the key lies between two bounds."""

    key: str
    low: str | None
    high: str | None
    """None is no bound at that end. One of the two is given; open at both ends is `Exists`."""
    inclusive: bool
    """Whether the bounds themselves belong: `[a TO b]` rather than `{a TO b}`."""

    def __post_init__(self) -> None:
        if not self.key or (self.low is None and self.high is None):
            raise ValueError(f"not in the one form: {self!r}")


class Exists(Struct, frozen=True):
    """The key has a value other than the empty text."""

    key: str

    def __post_init__(self) -> None:
        if not self.key:
            raise ValueError(f"not in the one form: {self!r}")


Leaf: TypeAlias = Matches | Compare | Range | Exists
Node: TypeAlias = Everything | And | Or | Not | Leaf


def all_of(clauses: Iterable[Node]) -> Node:
    """Return the tree that holds where all of `clauses` hold; of none, that is everywhere."""
    flat = [part for clause in clauses for part in (clause.clauses if isinstance(clause, And) else (clause,))]
    if len(flat) > 1:
        return And(tuple(flat))
    return flat[0] if flat else Everything()


def any_of(clauses: Iterable[Node]) -> Node:
    """Return the tree that holds where one of `clauses` holds; of none, that is nowhere."""
    flat = [part for clause in clauses for part in (clause.clauses if isinstance(clause, Or) else (clause,))]
    if len(flat) > 1:
        return Or(tuple(flat))
    return flat[0] if flat else Not(Everything())


def having(key: str | None, pattern: Pattern) -> Node:
    """Return the tree that asks for `pattern` under `key`, or among the words if that is None."""
    if pattern != ANYTHING:
        return Matches(key, pattern)
    return Everything() if key is None else Exists(key)


def leaves(node: Node) -> Iterator[Leaf]:
    """Yield the terms of `node` from left to right, each as often as it stands there."""
    waiting = [node]
    while waiting:
        match waiting.pop():
            case And(clauses) | Or(clauses):
                waiting.extend(reversed(clauses))
            case Not(clause):
                waiting.append(clause)
            case Everything():
                pass
            case leaf:
                yield leaf


def keys(node: Node) -> frozenset[str]:
    """Return the keys that `node` asks for; a free term has none."""
    return frozenset(leaf.key for leaf in leaves(node) if leaf.key is not None)


def _require_flat(node: And | Or) -> None:
    if len(node.clauses) < 2 or any(type(clause) is type(node) for clause in node.clauses):  # noqa: PLR2004 - "two or more" is the rule itself
        raise ValueError(f"not in the one form: {node!r}")
