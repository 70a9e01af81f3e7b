"""A query's tree as one SQL condition.

The condition is true or false, never NULL, so its negation holds wherever it does not; and it
holds for exactly the rows whose records satisfy `search.match`. Values are bound parameters.
Not here: single terms (`search_leaves.py`, `search_fields.py`) and the pages of a list
(`pages.py`).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from sqlalchemy import Boolean, and_, false, or_, true
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import False_, True_
from sqlalchemy.sql.functions import FunctionElement

from fairlead.search.tree import And, Everything, Leaf, Node, Not, Or
from fairlead.store.search_leaves import Condition

Reading: TypeAlias = Callable[[Leaf, bool], Condition]
"""What a term means where it stands: the term, and whether it is negated there."""

# SQLite gives up on an expression of more than 1 000 levels, and `a AND b AND c` has three.
_MOST_IN_A_ROW: Final = 32


def condition(node: Node, reading: Reading) -> Condition:
    """Return the condition that the query holds, with `reading` for its terms."""
    return _condition(node, reading, negated=False)[1]


def is_always(asked: Condition) -> bool:
    """Tell whether a condition made here is certainly true."""
    return isinstance(asked, True_)


def is_never(asked: Condition) -> bool:
    """Tell whether a condition made here is certainly false."""
    return isinstance(asked, False_)


def _condition(node: Node, reading: Reading, *, negated: bool) -> tuple[int, Condition]:
    """Return how many levels the condition has, and the condition.

    Negations are handed down to the terms, where they cost no level.
    """
    match node:
        case Everything():
            return 0, false() if negated else true()
        case Not(clause):
            return _condition(clause, reading, negated=not negated)
        case And(clauses) | Or(clauses):
            parts = [_condition(clause, reading, negated=negated) for clause in clauses]
            return _joined(parts, all_of=isinstance(node, And) != negated)
        case leaf:
            return 0, reading(leaf, negated)


def _joined(parts: Sequence[tuple[int, Condition]], *, all_of: bool) -> tuple[int, Condition]:
    decides, ignored = (is_never, is_always) if all_of else (is_always, is_never)
    if any(decides(part) for _, part in parts):
        return 0, false() if all_of else true()
    # SQLite's parser keeps what stands before an open parenthesis on a small stack, so the part
    # that opens most of them comes first.
    kept = sorted((part for part in parts if not ignored(part[1])), key=lambda part: -part[0])
    if not kept:
        return 0, true() if all_of else false()
    if len(kept) == 1:
        return kept[0]
    (levels, deepest), *others = kept
    join = and_ if all_of else or_
    return levels + 1, join(deepest, *_in_groups([part for _, part in others], join))


def _in_groups(parts: list[Condition], join: Callable[..., Condition]) -> list[Condition]:
    """Return `parts`, taken together in parentheses until there are few enough."""
    while len(parts) > _MOST_IN_A_ROW:
        rows = (parts[start : start + _MOST_IN_A_ROW] for start in range(0, len(parts), _MOST_IN_A_ROW))
        parts = [_InParentheses(join(*row)) for row in rows]
    return parts


class _InParentheses(FunctionElement[bool]):
    """A condition in parentheses that stay: SQLAlchemy takes away those that mean nothing to it."""

    type = Boolean()
    inherit_cache = True


@compiles(_InParentheses)
def _in_parentheses(element: _InParentheses, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(element.clauses, **options)})"
