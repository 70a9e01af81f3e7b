"""What `docs/search.md` shows is what happens."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from fairlead.domain.searchable import DEPLOYMENT_FIELDS, FAILURE_FIELDS
from fairlead.search.errors import SearchError
from fairlead.search.limits import DEEPEST, LONGEST, WIDEST
from fairlead.search.parse import parse
from fairlead.search.text import to_text

PAGE = (Path(__file__).parents[3] / "docs/search.md").read_text(encoding="utf-8")


def shown_under(heading: str) -> list[tuple[str, str]]:
    """The two columns of the first block of text under a heading."""
    block = PAGE.partition(f"## {heading}\n")[2].partition("```text\n")[2].partition("```")[0]
    return [(left, right) for left, right in re.findall(r"^(.+?) {2,}(.+)$", block, flags=re.MULTILINE)]


@pytest.mark.parametrize(("text", "message"), shown_under("Mistakes"))
def test_a_documented_mistake_is_answered_as_documented(text: str, message: str) -> None:
    with pytest.raises(SearchError) as refused:
        parse(text)

    assert message == str(refused.value)


@pytest.mark.parametrize(("text", "canonical"), shown_under("Canonical text"))
def test_a_documented_canonical_text_is_the_one_printed(text: str, canonical: str) -> None:
    assert canonical == to_text(parse(text))


@pytest.mark.parametrize(
    "text", re.findall(r"^(\S.*?) {2,}", PAGE.partition("```text\n")[2].partition("```")[0], re.MULTILINE)
)
def test_a_query_of_the_first_examples_is_one(text: str) -> None:
    parse(text)


@pytest.mark.parametrize(
    ("noun", "fields"), [("Deployments", DEPLOYMENT_FIELDS), ("Failures", FAILURE_FIELDS)]
)
def test_every_key_stands_in_the_page(noun: str, fields: Iterable[str]) -> None:
    table = PAGE.partition("## Keys\n")[2].partition(f"\n{noun}:\n\n")[2].partition("\n\n")[0]
    told = set(re.findall(r"`([\w.]+)`", table))

    # What has two names is told with one of them.
    names = {key: {key, f"git.{key}", key.removeprefix("averaged_metrics.")} for key in fields}
    assert [] == [key for key, known in names.items() if not known & told]


@pytest.mark.parametrize("limit", [LONGEST, DEEPEST, WIDEST])
def test_every_limit_stands_in_the_page(limit: int) -> None:
    assert f"| {limit:,} |".replace(",", " ") in PAGE.partition("## Limits\n")[2]
