from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.domain.errors import Rejected
from fairlead.intake.decoding import decode


class Item(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class Shape(msgspec.Struct):
    count: int
    ratio: float = 0.0
    on: bool = False
    text: str | None = None
    items: list[Item] = []
    names: list[str] = []


class Wrapped(msgspec.Struct):
    data: Shape


DECODER = msgspec.json.Decoder(Wrapped)


def refusal(body: bytes) -> Rejected:
    with pytest.raises(Rejected) as refused:
        decode(DECODER, body)
    return refused.value


def test_what_fits_the_shape_is_read() -> None:
    assert Wrapped(Shape(count=1)) == decode(DECODER, b'{"data": {"count": 1, "unknown": [{}]}}')


@pytest.mark.parametrize(
    ("data", "said", "field"),
    [
        ("{}", 'attribute "count" is required', "data.count"),
        ('{"count": null}', 'attribute "count" is required', "data.count"),
        ('{"count": "1"}', 'attribute "count" must be an integer', "data.count"),
        ('{"count": 1.5}', 'attribute "count" must be an integer', "data.count"),
        ('{"count": 1, "ratio": "x"}', 'attribute "ratio" must be a number', "data.ratio"),
        ('{"count": 1, "on": 1}', 'attribute "on" must be true or false', "data.on"),
        ('{"count": 1, "text": 1}', 'attribute "text" must be a string', "data.text"),
        ('{"count": 1, "items": {}}', 'attribute "items" must be an array', "data.items"),
        (
            '{"count": 1, "items": [{"name": "a"}, {}]}',
            'attribute "name" is required (at data.items[1].name)',
            "data.items[1].name",
        ),
        (
            '{"count": 1, "items": [{"name": "a", "colour": 1}]}',
            'attribute "colour" is not known here (at data.items[0].colour)',
            "data.items[0].colour",
        ),
        (
            '{"count": 1, "names": ["a", 2]}',
            'attribute "names[1]" must be a string (at data.names[1])',
            "data.names[1]",
        ),
        ("[]", 'attribute "data" must be an object', "data"),
        ("null", 'attribute "data" is required', "data"),
    ],
)
def test_what_does_not_fit_is_named(data: str, said: str, field: str) -> None:
    error = refusal(b'{"data": %s}' % data.encode())

    assert (said, field) == (str(error), error.field)


@pytest.mark.parametrize("body", [b"null", b"[]", b"5", b'"x"', b"true"])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    assert "the body must be an object" == str(refusal(body))


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ('{"count": NaN}', "count"),
        ('{"count": Infinity}', "count"),
        ('{"count": -Infinity}', "count"),
        ('{"count": nan}', "count"),
        ('{"count":nul}', "count"),
        ("{\"text\": 'x'}", "text"),
        ('{"count": 1, "ratio": .5}', "ratio"),
        ('{"count": 1, "names": ["a", NaN]}', "names"),
        ('{"count": 1, "names": [undefined]}', "names"),
        ('{"na\\"me": NaN}', 'na\\"me'),
    ],
)
def test_what_is_no_json_is_named_by_the_attribute_before_it(data: str, field: str) -> None:
    error = refusal(b'{"data": %s}' % data.encode())

    assert field == error.field
    assert str(error).startswith(f'attribute "{field}" is not JSON: ')


@pytest.mark.parametrize(
    "body", [b"{", b'{"data"', b"{]", b"service=x", b'{"data": {"count": 1, }}', b"\xff"]
)
def test_what_stands_before_no_name_is_refused_all_the_same(body: bytes) -> None:
    assert "JSON" in str(refusal(body))


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
def test_an_empty_body_is_called_empty(body: bytes) -> None:
    assert "the body is empty where JSON is expected" == str(refusal(body))


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 1_000_000,
        b'{"data":' * 100_000,
        b'{"data": {"unknown": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b', "count": 1}}',
        b'{"data": {"unknown": ' + b'{"a":' * 200_000 + b"1" + b"}" * 200_000 + b', "count": 1}}',
    ],
)
def test_deep_nesting_is_refused(body: bytes) -> None:
    assert str(refusal(body))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    for wrapped in (body, b'{"data": {"count": %s}}' % body):
        try:
            read: Any = decode(DECODER, wrapped)
        except Rejected:
            continue
        assert isinstance(read, Wrapped)
