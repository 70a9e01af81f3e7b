"""From JSON to a declared shape, with errors that name the attribute at fault.

msgspec says where decoding stopped; here that becomes a sentence for the caller. Not here: the
shapes themselves (`dialects/<vendor>/wire.py`) and the body an error is sent in.
"""

import re
from typing import TypeVar

import msgspec

from fairlead.domain.errors import Rejected

_T = TypeVar("_T")

_PATH = re.compile(r" - at `(?P<path>[^`]*)`$")
_MISSING = re.compile(r"^Object missing required field `(?P<name>[^`]+)`")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<name>[^`]+)`")
_EXPECTED = re.compile(r"^Expected `(?P<wanted>[^`]+)`(?:, got `(?P<got>[^`]+)`| (?P<rule>.+))")
_AT_BYTE = re.compile(r"\(byte (\d+)\)")
# The name, then a value that broke off, which may be the item of a list of plain values.
_NAME_BEFORE = re.compile(rb'"((?:[^"\\]|\\.){1,200})"\s*:\s*(?:\[[^\[\]{}:]*)?(?:[-+]?\w*|[a-z]+[\s,\]}])$')
_WORDS = {
    "str": "a string",
    "int": "an integer",
    "float": "a number",
    "bool": "true or false",
    "array": "an array",
    "object": "an object",
}


def decode(decoder: "msgspec.json.Decoder[_T]", body: bytes | memoryview) -> _T:
    """Return `body` as the shape that `decoder` was made for.

    Raises:
        Rejected: not JSON, nested too deeply, or not of that shape; `field` is the attribute's
            name where one can be named.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _misshapen(str(error)) from error
    except msgspec.DecodeError as error:
        raise _malformed(str(error), bytes(body)) from error
    except (RecursionError, UnicodeDecodeError) as error:
        detail = "the body is not acceptable JSON: it is nested too deeply or not UTF-8"
        raise Rejected(detail) from error


def _misshapen(said: str) -> Rejected:
    place = _PATH.search(said)
    path = place["path"].removeprefix("$").removeprefix(".") if place else ""
    if missing := _MISSING.match(said):
        return _about(f"{path}.{missing['name']}".removeprefix("."), "is required")
    if unknown := _UNKNOWN.match(said):
        return _about(f"{path}.{unknown['name']}".removeprefix("."), "is not known here")
    if expected := _EXPECTED.match(said):
        # The body itself cannot be left out, only be something else.
        got = expected["got"] if path else None
        return _about(path, _expectation(expected["wanted"], got, expected["rule"]))
    return _about(path, f"is not valid: {_PATH.sub('', said)}")


def _expectation(wanted: str, got: str | None, rule: str | None) -> str:
    kinds = [_WORDS.get(kind, kind) for kind in wanted.split(" | ") if kind != "null"]
    if got == "null":
        return "is required"
    return f"must be {' or '.join(kinds)}" + (f" {rule}" if rule else "")


def _about(path: str, what: str) -> Rejected:
    """Name the attribute by its own name, as the vendor's recorded errors do, and lists by place."""
    name = path.rpartition(".")[2]
    subject = f'attribute "{name}"' if path else "the body"
    where = f" (at {path})" if "[" in path else ""
    return Rejected(f"{subject} {what}{where}", field=path)


def _malformed(said: str, body: bytes) -> Rejected:
    """Say where JSON broke off, with the name that stands before that place."""
    if not body.strip():
        return Rejected("the body is empty where JSON is expected")
    at = _AT_BYTE.search(said)
    before = body[max(0, int(at[1]) - 300) : int(at[1])] if at else b""
    name = _NAME_BEFORE.search(before)
    if name is None:
        return Rejected(f"the body is not JSON: {said}")
    field = name[1].decode("utf-8", "replace")
    return Rejected(f'attribute "{field}" is not JSON: {said}', field=field)
