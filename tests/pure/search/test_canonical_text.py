"""Each line of `canonical.txt`: what a query is written as, and that both spellings are one tree."""

from pathlib import Path

import pytest

from fairlead.search.parse import parse
from fairlead.search.text import to_text

LINES = Path(__file__).with_name("canonical.txt").read_text(encoding="utf-8").splitlines()
CASES = [
    (text.strip(" "), canonical)
    for line in LINES
    if line and not line.startswith("#")
    for text, _, canonical in [line.rpartition("=> ")]
]


@pytest.mark.parametrize(("text", "canonical"), CASES)
def test_a_query_has_one_canonical_text(text: str, canonical: str) -> None:
    assert canonical == to_text(parse(text))


@pytest.mark.parametrize(("text", "canonical"), CASES)
def test_the_canonical_text_reads_as_the_same_tree(text: str, canonical: str) -> None:
    assert parse(text) == parse(canonical)


def test_white_space_of_every_kind_stands_between_clauses() -> None:
    assert parse("a b c d") == parse("\ta\nb\u00a0\r\n c\u3000d\n")


def test_a_line_break_in_quotes_or_after_a_backslash_is_part_of_the_value() -> None:
    assert parse('version:"a\nb"') == parse("version:a\\\nb") == parse('version:"a\\\nb"')
