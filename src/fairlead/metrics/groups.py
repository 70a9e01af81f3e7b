"""Groups: which part of the answer a deployment or failure belongs to.

What has several values under a key, as a failure of two services or a deployment with two tags of one
key, belongs to the group of each. What has none belongs to the group of none. Not here: the numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from fairlead.domain.errors import Rejected
from fairlead.domain.frames import pl
from fairlead.domain.measured import Noun
from fairlead.metrics.facts import Facts

MOST_KEYS: Final = 5
_LONGEST_KEY: Final = 200
_COLUMNS: Final[Mapping[str, str]] = {
    **{name: name for name in ("service", "env", "team", "version", "source", "repository_id")},
    "repository": "repository_id",
}
"""Keys that are no tag, and the column of each."""
UNCARRIED: Final = frozenset({"version"})
"""Keys whose column only a frame made of rows has."""

Values = tuple[str | None, ...]
"""A group: its value under each key, None where there is none."""


def require_keys(keys: Sequence[str]) -> None:
    """See to it that these keys can be grouped by.

    Raises:
        Rejected: they are too many or too long, or one comes twice.
    """
    if len(keys) > MOST_KEYS or len(set(keys)) != len(keys):
        raise Rejected(f'attribute "group_by" takes up to {MOST_KEYS} different keys', field="group_by")
    if any(not key or len(key) > _LONGEST_KEY for key in keys):
        detail = f'attribute "group_by" must name fields or keys of tags of up to {_LONGEST_KEY} letters'
        raise Rejected(detail, field="group_by")


def is_field(key: str) -> bool:
    """Tell whether a key is no tag's."""
    return key in _COLUMNS


def grouped(facts: Facts, keys: Sequence[str]) -> tuple[pl.DataFrame, list[Mapping[int, str]]]:
    """Return the frame with a column of codes for each key, named by its place, and what they stand for."""
    frame, meanings = facts.frame, []
    for place, key in enumerate(keys):
        frame, meaning = _with_group(facts, frame, key, str(place))
        meanings.append(meaning)
    return frame, meanings


def values_of(codes: Iterable[int], meanings: Sequence[Mapping[int, str]]) -> Values:
    """Return the group that codes stand for."""
    return tuple(meaning[code] or None for code, meaning in zip(codes, meanings, strict=True))


def _with_group(
    facts: Facts, frame: pl.DataFrame, key: str, name: str
) -> tuple[pl.DataFrame, Mapping[int, str]]:
    column = _COLUMNS.get(key)
    if facts.noun is Noun.FAILURES and key == "service":
        return _listed(facts, frame, "services", name, lambda text: text)
    if column is not None:
        return frame.with_columns(pl.col(column).alias(name)), facts.texts[column]

    def value(tag: str) -> str:
        found, _, text = tag.partition(":")
        return text if found == key else ""

    return _listed(facts, frame, "tags", name, value)


def _listed(
    facts: Facts, frame: pl.DataFrame, column: str, name: str, value: Callable[[str], str]
) -> tuple[pl.DataFrame, Mapping[int, str]]:
    meaning: dict[int, str] = {0: ""}
    code_of: dict[str, int] = {"": 0}
    pairs: list[tuple[int, int]] = []
    for code, texts in facts.lists(column).items():
        found = {value(text) for text in texts} - {""} or {""}
        for text in sorted(found):
            new = code_of.setdefault(text, len(code_of))
            meaning[new] = text
            pairs.append((code, new))
    table = pl.DataFrame(pairs, schema={column: pl.UInt32, name: pl.UInt32}, orient="row")
    return frame.join(table, on=column, how="left"), meaning
