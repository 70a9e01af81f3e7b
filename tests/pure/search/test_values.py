"""How a value of each kind answers equality, patterns, comparisons and ranges."""

from decimal import Decimal

import pytest

from fairlead.search.match import holds, matches
from fairlead.search.parse import parse
from fairlead.search.tree import Leaf, leaves
from fairlead.search.values import Instant, Value, instant_from, number_from, number_text
from tests.search_examples import PlainRecord

NEW_YEAR = Instant(1_735_689_600_000_000_000)


def leaf(text: str) -> Leaf:
    (found,) = leaves(parse(text))
    return found


@pytest.mark.parametrize(
    ("value", "query", "expected"),
    [
        # Text: whole, case and all, in the order of its characters
        ("10", "k:10", True),
        ("10", "k:10.0", False),
        ("10", "k:>9", False),
        ("b", "k:>a", True),
        ("b", "k:>B", True),
        ("é", "k:>z", True),
        ("😀", "k:>｡", True),
        ("a", "k:[a TO b]", True),
        ("a", "k:{a TO b}", False),
        ("a", "k:[* TO a]", True),
        ("a", "k:{* TO a}", False),
        ("ab", "k:[a TO b]", True),
        # Empty text: as if it were not there
        ("", "k:*", False),
        ("", 'k:""', False),
        ("", 'k:<="z"', False),
        ("", "k:[* TO z]", False),
        # Numbers: as numbers where the other side is one, else by their one text
        (300, "k:300", True),
        (300, "k:0300.00", True),
        (300, "k:3e2", False),
        (300, "k:3*", True),
        (300, "k:3?", False),
        (300, "k:>29", True),
        (300, "k:>299.999999999", True),
        (300, "k:[300 TO 300]", True),
        (300, "k:{300 TO *}", False),
        (300, "k:>abc", False),
        (300, "k:<abc", True),
        (300, "k:[1 TO abc]", True),
        (-5, "k:>=-5", True),
        (-5, 'k:"-5"', True),
        (0, "k:\\-0", True),
        (0, "k:*", True),
        (Decimal("1.50"), "k:1.5", True),
        (Decimal("1.50"), "k:*.5", True),
        (Decimal("1E+3"), "k:1000", True),
        (Decimal("1E+3"), "k:1*0", True),
        (Decimal("0.1"), "k:<=0.1", True),
        # Truth values: as text
        (True, "k:true", True),
        (True, "k:1", False),
        (True, "k:True", False),
        (True, "k:t*e", True),
        (False, "k:false", True),
        (False, "k:0", False),
        (False, "k:*", True),
        (False, "k:<true", True),
        # Instants: as instants or not at all
        (NEW_YEAR, 'k:"2025-01-01T00:00:00Z"', True),
        (NEW_YEAR, "k:2025-01-01T01\\:00\\:00+01\\:00", True),
        (NEW_YEAR, "k:1735689600", True),
        (NEW_YEAR, "k:1735689600000", True),
        (NEW_YEAR, "k:1735689600000000000", True),
        (NEW_YEAR, "k:>1735689599", True),
        (NEW_YEAR, 'k:["2025-01-01T00:00:00Z" TO *]', True),
        (NEW_YEAR, 'k:{"2025-01-01T00:00:00Z" TO *}', False),
        (NEW_YEAR, "k:[1 TO soon]", False),
        (NEW_YEAR, "k:>soon", False),
        (NEW_YEAR, "k:<soon", False),
        (NEW_YEAR, "k:2025*", False),
        (NEW_YEAR, "k:173568960?", False),
        (NEW_YEAR, "k:*1*", False),
        (NEW_YEAR, "k:*", True),
    ],
)
def test_a_value_answers_as_its_kind_does(value: Value, query: str, expected: bool) -> None:
    assert expected == holds(leaf(query), value)


def test_one_fitting_value_of_several_is_enough_and_none_is_no_match() -> None:
    tree = parse("region:eu")

    found = [
        matches(tree, PlainRecord({"tags": tags})) for tags in (["region:us", "region:eu"], ["region:us"], [])
    ]

    assert [True, False, False] == found


@pytest.mark.parametrize(
    "text", ["", "-", "1.", ".5", "+1", "1e3", "1_000", "٣", "0x1", "Infinity", "NaN", " 1", "1\n"]
)
def test_only_plain_decimal_notation_is_a_number(text: str) -> None:
    assert number_from(text) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-7, "-7"),
        (Decimal("-0.0"), "0"),
        (Decimal("1.500"), "1.5"),
        (Decimal(100), "100"),
        (Decimal("1E+2"), "100"),
        (Decimal("1E-9"), "0.000000001"),
        (Decimal("123456789012345678901234567890.10"), "123456789012345678901234567890.1"),
    ],
)
def test_a_number_has_one_text(value: int | Decimal, text: str) -> None:
    assert text == number_text(value)


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("0", 0),
        ("9223372036", 9_223_372_036_000_000_000),
        ("99999999999", 2**63 - 1),
        ("1735689600", NEW_YEAR.ns),
        ("-1", -1_000_000_000),
        ("-100000000000", -100_000_000_000_000_000),
        ("100000000000", 100_000_000_000_000_000),
        ("99999999999999", 2**63 - 1),
        ("100000000000000", 100_000_000_000_000),
        ("9" * 30, 2**63 - 1),
        ("2025-01-01T00:00:00Z", NEW_YEAR.ns),
        ("2025-01-01t00:00:00z", NEW_YEAR.ns),
        ("2025-01-01 00:00:00", NEW_YEAR.ns),
        ("2025-01-01T02:30:00+02:30", NEW_YEAR.ns),
        ("2025-01-01T00:00:00.5Z", NEW_YEAR.ns + 500_000_000),
        ("2025-01-01T00:00:00.0000000019Z", NEW_YEAR.ns + 1),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("9999-12-31T23:59:59Z", 2**63 - 1),
        ("0001-01-01T00:00:00+23:59", -(2**63)),
    ],
)
def test_an_instant_is_rfc_3339_or_an_epoch_number_by_its_size(text: str, ns: int) -> None:
    assert Instant(ns) == instant_from(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "1.5",
        "2025-01-01",
        "2025-13-01T00:00:00Z",
        "2025-01-01T25:00:00Z",
        "2025-01-01T00:00:00+99:00",
    ],
)
def test_other_texts_are_no_instant(text: str) -> None:
    assert instant_from(text) is None
