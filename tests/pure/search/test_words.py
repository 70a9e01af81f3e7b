"""Free text: what becomes of the words of a record, and when a free term finds them."""

import pytest

from fairlead.search import words
from fairlead.search.pattern import ANY, ONE, Pattern, read


def finds(term: str, *fields: str) -> bool:
    sought = words.term(read(term))
    return sought is not None and sought.matches(words.document(fields))


def test_a_document_holds_folded_words_one_field_a_line() -> None:
    assert " checkout api \n\n prod \n\n 1 5 0 rc1 " == words.document(
        ["Checkout-API", "prod", "", "--", "1.5.0-rc1"]
    )


def test_a_record_without_words_has_an_empty_document() -> None:
    assert "" == words.document(["", " ", "..."])


@pytest.mark.parametrize(
    ("term", "field"),
    [
        ("checkout", "checkout-api"),
        ("API", "checkout-api"),
        ("checkout-api", "Checkout_API"),
        ("1.4.2", "1.4.2"),
        ("1.4", "1.4.2"),
        (".checkout", "checkout"),
        ("checkout/", "checkout"),
        (r"checkout\ api", "checkout-api"),
    ],
)
def test_a_term_finds_whole_words_in_a_row_whatever_the_case_and_punctuation(term: str, field: str) -> None:
    assert finds(term, field)


@pytest.mark.parametrize(
    ("term", "field"),
    [("check", "checkout"), ("out", "checkout"), ("api-checkout", "checkout-api"), ("1.4.2", "1.42")],
)
def test_a_term_finds_no_part_of_a_word_and_no_other_order(term: str, field: str) -> None:
    assert not finds(term, field)


def test_a_term_of_several_words_does_not_reach_into_the_next_field() -> None:
    assert not finds("checkout-prod", "checkout", "prod")


@pytest.mark.parametrize(
    ("term", "fields", "found"),
    [
        ("check*", ("checkout",), True),
        ("check*", ("api-checkout",), True),
        ("*out", ("checkout",), True),
        ("*eck*", ("checkout",), True),
        ("eck*", ("checkout",), False),
        ("c*t", ("checkout",), True),
        ("c*d", ("checkout", "prod"), True),
        ("check?ut", ("checkout",), True),
        ("checkout?", ("checkout",), False),
        ("?heckout", ("checkout",), True),
        ("build?77", ("build 77",), True),
        ("checkout?prod", ("checkout", "prod"), False),
        ("1.?", ("1.4",), True),
        ("1.?", ("api-1", "prod"), False),
        ("?.prod", ("1", "prod"), False),
    ],
)
def test_wildcards_stand_for_characters_of_the_document(
    term: str, fields: tuple[str, ...], found: bool
) -> None:
    assert found == finds(term, *fields)


@pytest.mark.parametrize("fields", [("1.4", "prod"), ("prod", "1.4")], ids=["first", "last"])
def test_punctuation_beside_a_wildcard_is_the_end_of_a_word_in_every_field(fields: tuple[str, ...]) -> None:
    assert [True, True, False] == [finds("1.4.*", *fields), finds("*.4", *fields), finds("1.4.*", "1.45")]


@pytest.mark.parametrize("term", ["", "...", "_", "?", "??", "*?", ".*", "?-?", "“”"])
def test_a_term_without_letter_or_digit_finds_nothing(term: str) -> None:
    assert words.term(Pattern((term,)) if "*" not in term and "?" not in term else read(term)) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("É", "é"),
        ("é", "e\u0301"),
        ("STRASSE", "straße"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("\uff46\uff55\uff4c\uff4c", "FULL"),
        ("ﬁ", "fi"),
    ],
)
def test_spellings_that_differ_in_case_or_form_only_are_one_word(one: str, other: str) -> None:
    assert words.document([one]) == words.document([other])


def test_accents_and_vowel_signs_belong_to_their_word() -> None:
    assert [" cafe ", " café ", " हिन्दी "] == [words.document([text]) for text in ("cafe", "café", "हिन्दी")]


def test_a_term_is_a_pattern_over_the_whole_document() -> None:
    assert Pattern((ANY, " build ", ONE, "x ", ANY)) == words.term(Pattern(("Build-", ONE, "X")))
