"""Patterns against an independent matcher that goes through the text character by character."""

from itertools import product

import pytest

from fairlead.search.pattern import ANY, ONE, Pattern, read

VALUES = [
    "",
    "a",
    "A",
    "ab",
    "aB",
    "abb",
    "aab",
    "%",
    "_",
    "*",
    "?",
    "[a]",
    "\\",
    "a\nb",
    "é",
    "É",
    "e\u0301",
    "日本",
]
PATTERNS = [
    *VALUES,
    *(
        "**",
        "?*",
        "*?",
        "??",
        "???",
        "a*",
        "A*",
        "*b",
        "*B",
        "a*b",
        "a?b",
        "ab*b",
        "a*b*b",
        "*a*b*",
        "%*",
        "_*",
    ),
    *("?é", "*é", "*\\", "[*]", "a*\n*b", "?\nb", "*日*", "*ab*ab"),
]


def fits(pattern: str, text: str) -> bool:
    """Say the same as `Pattern.matches`, slowly, of a pattern whose `*` and `?` are all wildcards."""
    reached = {0}
    for sign in pattern:
        if sign == "*":
            reached = set(range(min(reached), len(text) + 1)) if reached else set()
        else:
            reached = {at + 1 for at in reached if at < len(text) and sign in {"?", text[at]}}
    return len(text) in reached


def as_pattern(signs: str) -> Pattern:
    return Pattern(tuple({"*": ANY, "?": ONE}.get(sign, sign) for sign in signs))


@pytest.mark.parametrize("signs", PATTERNS)
def test_a_pattern_accepts_what_the_slow_matcher_accepts(signs: str) -> None:
    pattern = as_pattern(signs)

    assert [value for value in VALUES if fits(signs, value)] == [v for v in VALUES if pattern.matches(v)]


def test_every_short_pattern_agrees_with_the_slow_matcher_on_every_short_text() -> None:
    patterns = ["".join(signs) for n in range(5) for signs in product("ab*?", repeat=n)]
    values = ["".join(chars) for n in range(5) for chars in product("ab", repeat=n)]

    different = [
        (signs, text)
        for signs in patterns
        for text in values
        if fits(signs, text) != as_pattern(signs).matches(text)
    ]

    assert [] == different


def test_the_expression_says_the_same_as_the_pattern() -> None:
    whole = [(p, v) for p in PATTERNS for v in VALUES if as_pattern(p).to_regex().fullmatch(v)]

    assert [(p, v) for p in PATTERNS for v in VALUES if fits(p, v)] == whole


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("a", "b"), ("ab",)),
        (("", "a", ""), ("a",)),
        ((ANY, ANY), (ANY,)),
        ((ANY, ONE, ANY, ONE), (ONE, ONE, ANY)),
        (("",), ()),
    ],
)
def test_patterns_that_accept_the_same_are_equal(left: tuple[str, ...], right: tuple[str, ...]) -> None:
    assert Pattern(left) == Pattern(right)


def test_a_backslash_makes_a_wildcard_an_ordinary_character() -> None:
    assert Pattern(("a*", ANY, "?\\")) == read(r"a\**\?\\")


def test_only_a_pattern_without_wildcards_is_literal() -> None:
    assert ["", "a*", None] == [Pattern(()).literal, Pattern(("a*",)).literal, Pattern(("a", ANY)).literal]


def test_many_wildcards_over_a_long_text_take_no_time_to_speak_of() -> None:
    pattern = Pattern((ANY, "a") * 500 + (ANY, "b"))

    assert not pattern.matches("a" * 5_000)
