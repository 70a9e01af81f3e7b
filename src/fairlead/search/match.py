"""What a query means, told plainly over one record. Every faster version must agree with this.

A clause on a key looks at the values that the record names for it, skips empty texts, and
holds if one value fits; no value, no match, whatever the key. So the negation of a clause
also holds for records that have nothing under the key.
Not here: which values a key has; a record says so itself, and gives no error for a key it
does not know.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from fairlead.search import words
from fairlead.search.pattern import Pattern
from fairlead.search.tree import (
    And,
    Compare,
    Comparison,
    Everything,
    Exists,
    Leaf,
    Matches,
    Node,
    Not,
    Or,
    Range,
)
from fairlead.search.values import Instant, Value, instant_from, number_from, number_text


class Record(Protocol):
    """What a query is asked about."""

    def values(self, key: str, /) -> Sequence[Value]:
        """Return the values under `key` (without `@`); none if there are none or no such key."""

    def text(self) -> str:
        """Return the document that free terms look at, as made by `words.document`."""


def matches(node: Node, record: Record) -> bool:
    """Say whether the query holds for the record."""
    match node:
        case Everything():
            return True
        case And(clauses):
            return all(matches(clause, record) for clause in clauses)
        case Or(clauses):
            return any(matches(clause, record) for clause in clauses)
        case Not(clause):
            return not matches(clause, record)
        case Matches(key, pattern) if key is None:
            sought = words.term(pattern)
            return sought is not None and sought.matches(record.text())
        case leaf:
            # Types cannot tell that only a free term has no key.
            return leaf.key is not None and any(holds(leaf, value) for value in record.values(leaf.key))


def holds(leaf: Leaf, value: Value) -> bool:
    """Say whether one value of its key satisfies `leaf`, which is not a free term."""
    if value == "":
        return False
    match leaf:
        case Exists():
            return True
        case Matches(_, pattern):
            return _fits(pattern, value)
        case Compare(_, comparison, bound):
            return _stands(comparison, _order(value, bound))
        case Range(_, low, high, inclusive):
            above, below = (
                (Comparison.AT_LEAST, Comparison.AT_MOST) if inclusive else (Comparison.MORE, Comparison.LESS)
            )
            return (low is None or _stands(above, _order(value, low))) and (
                high is None or _stands(below, _order(value, high))
            )


def _fits(pattern: Pattern, value: Value) -> bool:
    literal = pattern.literal
    if literal is not None:
        return _order(value, literal) == 0
    return not isinstance(value, Instant) and pattern.matches(_text(value))


def _stands(comparison: Comparison, order: int | None) -> bool:
    """Say whether a value of that order to the bound satisfies the comparison."""
    if order is None:
        return False
    match comparison:
        case Comparison.LESS:
            return order < 0
        case Comparison.AT_MOST:
            return order <= 0
        case Comparison.MORE:
            return order > 0
        case Comparison.AT_LEAST:
            return order >= 0


def _order(value: Value, bound: str) -> int | None:
    """Return a number below, at or above 0 as `value` is less, equal or more; None if neither can be said."""
    if isinstance(value, Instant):
        instant = instant_from(bound)
        return None if instant is None else (value.ns > instant.ns) - (value.ns < instant.ns)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        number = number_from(bound)
        if number is not None:
            return (value > number) - (value < number)
    text = _text(value)
    return (text > bound) - (text < bound)


def _text(value: str | int | Decimal) -> str:
    """Return the text that patterns and string order see; `bool` is an `int` to Python."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value)
