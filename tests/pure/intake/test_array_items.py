import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.intake.array_items import items_of

texts = st.text(st.sampled_from('a"\\[]{},: \n\té'), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def items(text: str) -> list[Any]:
    whole = text.encode()
    # What it is for: arrays that a decoder has passed over.
    array = memoryview(msgspec.json.decode(b'{"it":' + whole + b"}", type=dict[str, msgspec.Raw])["it"])
    return [json.loads(bytes(item)) for item in items_of(array)]


@given(st.lists(values, max_size=6), st.sampled_from([None, 1]))
def test_the_items_are_those_of_the_array_however_it_is_written(told: list[Any], indent: int | None) -> None:
    assert told == items(json.dumps(told, indent=indent))
    assert told == items(json.dumps(told, indent=indent, ensure_ascii=False))


@pytest.mark.parametrize("text", ["[]", "[ ]", "[\n]"])
def test_an_empty_array_has_no_items(text: str) -> None:
    assert [] == items(text)


def test_items_are_told_one_at_a_time() -> None:
    told = items_of(memoryview(b"[1,2,3]"))

    assert b"1" == bytes(next(told))
