"""Tree to text: one way to write each query.

`parse(to_text(tree)) == tree` holds for every tree within the limits whose text is within
them too: a key handed to many values is written out for each of them, so the text may be
longer than the one it came from. It is never deeper or wider. Not here: reading
(`parse`); the signs that need care are those that `grammar.lark` names.
"""

import re
from typing import Final

from fairlead.search.pattern import Pattern
from fairlead.search.tree import And, Compare, Everything, Exists, Leaf, Matches, Node, Not, Or, Range

OPERATORS: Final = frozenset({"AND", "OR", "NOT"})
"""What is an operator when it stands bare, and a word in quotes or with a backslash."""

_LOOSEST: Final = 0
_TIGHTER_THAN_OR: Final = 1
_TIGHTER_THAN_AND: Final = 2

_SPECIAL = re.compile(r'[\s:()\[\]{}"*?\\<>!]|&(?=&)|\|(?=\|)')
_NEVER_FIRST = "-+=~^"
_QUESTIONS = frozenset({"_exists_", "_missing_"})


def to_text(node: Node) -> str:
    """Return the canonical text of a tree.

    Operators are AND, OR and NOT in letters, parentheses stand only where they are needed,
    values are quoted or escaped only where they must be, and keys carry no `@`.
    """
    return _written(node, _LOOSEST)


def _written(node: Node, place: int) -> str:
    """Return the text of `node`, in parentheses where it binds more loosely than its place asks."""
    match node:
        case Or(clauses):
            text = " OR ".join(_written(clause, _TIGHTER_THAN_OR) for clause in clauses)
            return f"({text})" if place >= _TIGHTER_THAN_OR else text
        case And(clauses):
            text = " AND ".join(_written(clause, _TIGHTER_THAN_AND) for clause in clauses)
            return f"({text})" if place >= _TIGHTER_THAN_AND else text
        case Not(clause):
            return f"NOT {_written(clause, _TIGHTER_THAN_AND)}"
        case Everything():
            return "*"
        case leaf:
            return _term(leaf)


def _term(leaf: Leaf) -> str:
    prefix = "" if leaf.key is None else f"{_key(leaf.key)}:"
    match leaf:
        case Matches(_, pattern):
            return prefix + _pattern(pattern)
        case Compare(_, comparison, bound):
            return f"{prefix}{comparison}{_bound(bound)}"
        case Range(_, low, high, inclusive):
            span = f"{_bound(low)} TO {_bound(high)}"
            return f"{prefix}[{span}]" if inclusive else f"{prefix}{{{span}}}"
        case Exists():
            return f"{prefix}*"


def _pattern(pattern: Pattern) -> str:
    literal = pattern.literal
    if literal is not None:
        return literal if _may_stand_bare(literal) else _quoted(literal)
    word = "".join(_escaped(piece) if isinstance(piece, str) else piece.value for piece in pattern.pieces)
    return _with_first_escaped(word, _NEVER_FIRST)


def _bound(bound: str | None) -> str:
    if bound is None:
        return "*"
    # Only a bound may begin with a minus sign, for the sake of numbers.
    return bound if _may_stand_bare(bound.removeprefix("-")) else _quoted(bound)


def _key(key: str) -> str:
    if key in _QUESTIONS:
        return f"\\{key}"
    return _with_first_escaped(_escaped(key), _NEVER_FIRST + "@")


def _may_stand_bare(text: str) -> bool:
    return (
        text != "" and text[0] not in _NEVER_FIRST and text not in OPERATORS and _SPECIAL.search(text) is None
    )


def _quoted(text: str) -> str:
    inside = re.sub(r'["\\]', r"\\\g<0>", text)
    return f'"{inside}"'


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _with_first_escaped(word: str, signs: str) -> str:
    return f"\\{word}" if word[0] in signs else word
