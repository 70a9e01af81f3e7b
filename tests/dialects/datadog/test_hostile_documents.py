"""Documents made to harm: refused cheaply, with nothing kept and nothing of the inside told."""

import gzip
import json
import time

import pytest

from tests.casts import Cast
from tests.catalog_requests import DEFINITIONS, ENTITIES, KINDS, PREVIEW, a_definition

LAUGHS = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12)
)
MERGED_LAUGHS = "a0: &a0 {x: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 12)
)
REFUSED: dict[str, tuple[str | bytes, int]] = {
    "alias bomb": (LAUGHS, 413),
    "merged alias bomb": (MERGED_LAUGHS, 413),
    "alias of itself": ("schema-version: v2\ndd-service: &a [*a]\n", 400),
    "command": ("!!python/object/apply:os.system ['touch /tmp/owned']\n", 400),
    "object": ("schema-version: v2\ndd-service: !!python/name:os.environ\n", 400),
    "module": ("!!python/module:os {}\n", 400),
    "own tag": ("schema-version: v2\ndd-service: !secret a\n", 400),
    "deep flow": ("[" * 200_000, 400),
    "deep block": ("".join(f"{' ' * depth}a:\n" for depth in range(600)), 400),
    "deep json": ('{"a":' * 5_000 + "1" + "}" * 5_000, 400),
    "deep extension": (
        '{"schema-version":"v2","dd-service":"a","extensions":' + '{"a":' * 40 + "1" + "}" * 41,
        400,
    ),
    "many values": ("a: [" + "x," * 30_000 + "]", 413),
    "many documents": ("--- {schema-version: v2, dd-service: a}\n" * 101, 413),
    "long text": ("a: " + "x" * 300_000, 413),
    "long string": (json.dumps("a: " + "x" * 300_000), 413),
    "half a character": ('{"schema-version":"v2","dd-service":"\\ud800"}', 400),
    "no unicode": (b"schema-version: v2\ndd-service: \xff\n", 400),
    "zero": ("schema-version: v2\ndd-service: a\0b\n", 400),
    "escaped zero": ('schema-version: v2\ndd-service: "a\\0b"\n', 400),
    "zero in a team": ('{"schema-version":"v2","dd-service":"a","team":"\\u0000"}', 400),
    "not a number": ('{"schema-version":"v2","dd-service":NaN', 400),
}


@pytest.mark.parametrize("path", [DEFINITIONS, ENTITIES, PREVIEW, KINDS])
@pytest.mark.parametrize("kind", REFUSED)
def test_a_document_made_to_harm_is_refused_cheaply(cast: Cast, kind: str, path: str) -> None:
    body, status = REFUSED[kind]
    started_s = time.perf_counter()

    answer = cast.ada.send_bytes("POST", path, body if isinstance(body, bytes) else body.encode())

    assert time.perf_counter() - started_s < 5
    assert status == answer.status_code, answer.text
    [text] = answer.json()["errors"]
    assert len(text) < 300
    assert not [
        word for word in ("Traceback", "yaml.", "/site-packages/", "sqlite", "psycopg") if word in text
    ]
    assert [] == cast.ada.get(ENTITIES).json()["data"]


def test_a_body_that_unpacks_to_too_much_is_refused(cast: Cast) -> None:
    body = gzip.compress(b"a: " + b"x" * 50_000_000)

    answer = cast.ada.send_bytes("POST", ENTITIES, body, content_encoding="gzip")

    assert 413 == answer.status_code


def test_zeros_in_the_free_part_are_kept(cast: Cast) -> None:
    told = a_definition(extensions={"a": "\0", "b": {"\0": 1}})

    assert 200 == cast.ada.post(DEFINITIONS, told).status_code
    assert told == cast.ada.get(f"{DEFINITIONS}/checkout").json()["data"]["attributes"]["schema"]


def test_a_document_of_everything_at_its_limit_is_kept(cast: Cast) -> None:
    tags = [f"k{n}:" + "v" * 20 for n in range(5_000)]
    told = a_definition(dd_service="ä" * 200, team="𝄞" * 200, tags=tags)

    assert 200 == cast.ada.post(DEFINITIONS, told).status_code
    assert 1 == len(cast.ada.get(f"{ENTITIES}?include=schema,raw_schema,relation").json()["data"])
