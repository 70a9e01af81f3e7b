"""Trees: the one form they are kept in, and what can be asked of them."""

from collections.abc import Callable

import pytest

from fairlead.search.parse import parse
from fairlead.search.pattern import ANYTHING, Pattern
from fairlead.search.text import to_text
from fairlead.search.tree import (
    And,
    Compare,
    Comparison,
    Everything,
    Exists,
    Matches,
    Node,
    Not,
    Or,
    Range,
    all_of,
    any_of,
    having,
    keys,
    leaves,
)

A, B, C = (Exists(key) for key in "abc")


def test_clauses_of_the_same_kind_become_one_row() -> None:
    assert (And((A, B, C)), Or((A, B, C))) == (all_of([A, all_of([B, C])]), any_of([any_of([A, B]), C]))


def test_one_clause_stands_for_itself_and_none_for_everything_or_nothing() -> None:
    assert [A, A, Everything(), Not(Everything())] == [all_of([A]), any_of([A]), all_of([]), any_of([])]


def test_a_lone_star_asks_whether_there_is_a_value() -> None:
    assert [Exists("a"), Everything()] == [having("a", ANYTHING), having(None, ANYTHING)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: And((A,)),
        lambda: And((A, And((B, C)))),
        lambda: Or((A, Or((B, C)))),
        lambda: Matches("a", ANYTHING),
        lambda: Matches(None, ANYTHING),
        lambda: Matches("", Pattern(("a",))),
        lambda: Compare("", Comparison.LESS, "1"),
        lambda: Range("a", None, None, inclusive=True),
        lambda: Range("", "1", None, inclusive=True),
        lambda: Exists(""),
    ],
)
def test_a_tree_that_is_not_in_the_one_form_cannot_be_made(make: Callable[[], Node]) -> None:
    with pytest.raises(ValueError, match="not in the one form"):
        make()


def test_leaves_come_from_left_to_right() -> None:
    tree = parse("c -(a:1 OR b:>2) a:* *")

    assert ["c", "a:1", "b:>2", "a:*"] == [to_text(leaf) for leaf in leaves(tree)]


def test_keys_are_those_asked_for_anywhere_without_their_at_sign() -> None:
    assert {"a", "b.c"} == keys(parse("free -(@a:1 OR @b.c:[1 TO 2]) _missing_:a"))


def test_trees_of_equal_meaning_and_form_are_one_cache_key() -> None:
    assert {parse("a b"): 1} == {parse("a AND  b"): 1}
