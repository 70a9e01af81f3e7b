"""Texts that are no queries: where each goes wrong, and what its writer is told."""

import pytest

from fairlead.search.errors import SearchError
from fairlead.search.parse import parse

REFUSALS = [
    # Cut short
    ("env:prod AND", 12, "ends where a clause must follow"),
    ("env:prod AND  ", 14, "ends where a clause must follow"),
    ("a ||", 4, "ends where a clause must follow"),
    ("NOT", 3, "ends where a clause must follow"),
    ("a -", 3, "ends where a clause must follow"),
    ("(", 1, "ends where a clause must follow"),
    ("service:", 8, "ends where a value must follow"),
    ("service:(", 9, "ends where a value must follow"),
    ("duration:>", 10, "ends where a bound must follow"),
    ("_exists_:", 9, "ends where a key must follow"),
    ("a\\", 1, "backslash has nothing after it"),
    # Brackets and quotes
    ("(env:prod", 0, 'this "(" is never closed'),
    ("a (b OR (c)", 2, 'this "(" is never closed'),
    ("service:(a", 8, 'this "(" is never closed'),
    ("duration:[1 TO", 9, 'this "[" is never closed'),
    ("duration:{1 TO 2", 9, 'this "{" is never closed'),
    ('a "b', 2, "this quote is never closed"),
    ('k:"a\\"', 2, "this quote is never closed"),
    ("a)", 1, 'this ")" closes nothing'),
    ("(a))", 3, 'this ")" closes nothing'),
    ("a]", 1, 'this "]" closes nothing'),
    ("()", 1, '")" stands where a clause must follow'),
    # Ranges and comparisons
    ("@duration:[1 TO 5}", 17, '"}" stands where the "]" of this range must follow'),
    ("@duration:{1 TO 5]", 17, '"]" stands where the "}" of this range must follow'),
    ("duration:[1 5]", 11, "a blank stands where TO between blanks must follow"),
    ("duration:[1 to 5]", 11, "a blank stands where TO between blanks must follow"),
    ("duration:[1* TO 5]", 11, "wildcards work in values only"),
    ("duration:>1?", 11, "wildcards work in values only"),
    ("duration:> 5", 10, "a blank stands where a bound must follow"),
    ("[1 TO 2]", 0, '"[" stands where a clause must follow'),
    (">5", 0, '">" compares right after a key'),
    ("a<b", 1, '"<" compares right after a key'),
    # Operators
    ("AND a", 0, '"AND" is an operator'),
    ("a OR OR b", 5, '"OR" is an operator'),
    ("(NOT)", 1, '"NOT" is an operator'),
    ('NOT"b"', 0, '"NOT" is an operator'),
    ("k:AND", 2, '"AND" is an operator'),
    ("k:(a OR)", 5, '"OR" is an operator'),
    ("_exists_:OR", 9, '"OR" is an operator'),
    ("&& a", 0, '"&" stands where a clause must follow'),
    ("(a)(b)", 3, "a blank or an operator before the next clause must follow"),
    ('a"b"', 1, "a quote stands where a blank or an operator"),
    ("k:(a)b", 5, "a blank or an operator before the next clause must follow"),
    # Signs that mean nothing here
    ("+env:prod", 0, '"+" marks nothing'),
    ("a +b", 2, '"+" marks nothing'),
    ("!env:prod", 0, '"!" is not an operator'),
    ("a !b", 2, '"!" is not an operator'),
    ("a!b", 1, '"!" is not an operator'),
    ("~a", 0, '"~" cannot begin a word'),
    ("k:~a", 2, '"~" cannot begin a word'),
    ("^a", 0, '"^" cannot begin a word'),
    ("=a", 0, '"=" cannot begin a word'),
    ("k:-5", 2, '"-" cannot begin a value'),
    # Keys and colons
    ("a:b:c", 3, '":" follows a plain key, once'),
    ("k:(a:b)", 4, '":" follows a plain key, once'),
    ("ser*:x", 4, '":" follows a plain key, once'),
    ("*:x", 1, '":" follows a plain key, once'),
    ('"a":b', 3, '":" follows a plain key, once'),
    (":b", 0, '":" follows a plain key, once'),
    ("service: checkout", 8, "a blank stands where a value must follow"),
    ("service :checkout", 8, '":" follows a plain key, once'),
    ("a @:x", 2, "a key has at least one character"),
    ('_exists_:""', 9, "a key has at least one character"),
    ("_exists_:a*", 10, "wildcards work in values only"),
    ("_exists_:(a)", 9, '"(" stands where a key must follow'),
    # Characters that cannot be kept
    ("a\x00", 1, "a NUL character"),
    ("a\ud800b", 1, "half a surrogate pair"),
]


@pytest.mark.parametrize(("text", "position", "says"), REFUSALS)
def test_a_refusal_names_the_mistake_and_its_place(text: str, position: int, says: str) -> None:
    with pytest.raises(SearchError) as refused:
        parse(text)

    assert (position, True) == (refused.value.position, says in refused.value.detail), str(refused.value)


def test_a_refusal_reads_as_one_sentence_with_the_position() -> None:
    assert "this quote is never closed (at position 2)" == str(SearchError("this quote is never closed", 2))
