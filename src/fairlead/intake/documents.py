"""Documents that people keep in files, JSON or YAML, as plain values.

YAML is read by what version 1.2 calls its core schema: texts, numbers, true, false and null, with
anchors and `<<`. A number is one only where it prints as it was written, so that `1.10` and `007`
stay what their author sees; a date is a text. Tags that would make anything else are refused, and so
is what unfolds to more than it is worth. Not here: the shapes of documents (`dialects`).
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import yaml
from msgspec import Struct, field
from yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from fairlead.domain.errors import Rejected, TooLarge

LONGEST = 262_144
"""Characters in a text, whatever it holds."""
MOST_VALUES = 20_000
"""Keys and values in a text, those behind an alias counted wherever it stands."""
DEEPEST = 32
MOST_DOCUMENTS = 100

# The parser in C is ten times as fast; not every platform's package has it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STANDARD = "tag:yaml.org,2002:"
_TAGS = {None, "!", f"{_STANDARD}str", f"{_STANDARD}seq", f"{_STANDARD}map"}
_WORDS = {
    word: value for value in (True, False) for word in (f"{value}", f"{value}".lower(), f"{value}".upper())
}
_NOTHING = {"", "~", "null", "Null", "NULL"}
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_FRACTION = re.compile(r"-?[0-9]{1,15}\.[0-9]{1,15}", re.ASCII)


class Document(Struct, frozen=True):
    """One document and the text it was read from."""

    value: dict[str, Any]
    text: str


def documents_in(body: bytes) -> list[Document]:
    """Return the documents of a body: JSON, YAML, or a JSON string that holds one of them.

    YAML may hold several documents, JSON a list of them. Where a body holds one, that one's text is
    all of it; otherwise each is given as JSON.

    Raises:
        Rejected: none of these, not of objects, nested too deeply, or with tags that make other
            things than plain values.
        TooLarge: too long, or too much of it.
    """
    text = _decoded(body)
    try:
        told = msgspec.json.decode(text)
        if isinstance(told, str):
            text = _measured(told)
            told = msgspec.json.decode(text)
        values = told if isinstance(told, list) else [told]
        _check(values)
    except (msgspec.DecodeError, RecursionError):
        values = _from_yaml(text)
    if not values or not all(isinstance(value, dict) for value in values):
        raise Rejected("the body must hold an object, as JSON or YAML")
    if len(values) > MOST_DOCUMENTS:
        raise TooLarge(f"the body holds more than {MOST_DOCUMENTS} documents")
    if len(values) == 1:
        return [Document(values[0], text)]
    return [Document(value, msgspec.json.encode(value).decode()) for value in values]


def _decoded(body: bytes) -> str:
    try:
        return _measured(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Rejected("the body is not UTF-8") from error


def _measured(text: str) -> str:
    if len(text) > LONGEST:
        raise TooLarge(f"the document is longer than {LONGEST} characters")
    return text


def _check(told: list[Any]) -> None:
    """Hold values that were JSON to the same limits."""
    level: list[Any] = told
    count = depth = 0
    while level:
        count += len(level)
        depth += 1
        _bound(count, depth)
        level = [inner for value in level for inner in _inner(value)]


def _inner(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _bound(count: int, depth: int) -> None:
    if count > MOST_VALUES:
        raise TooLarge(f"the document holds more than {MOST_VALUES} values")
    if depth > DEEPEST:
        raise Rejected(f"the document is nested deeper than {DEEPEST} levels")


def _from_yaml(text: str) -> list[Any]:
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", "it cannot be read")
        raise Rejected(f"the body is neither JSON nor YAML: {problem}{where}") from error
    # A file may end, or begin, with a line that opens a document and says nothing.
    return [value for value in builder.documents if value is not None]


class _Open(Struct):
    """A list or mapping that is being read."""

    value: list[Any] | dict[str, Any]
    anchor: str | None
    counted: int
    """How many values there were before it."""
    key: str | None = None
    merges: bool = False
    """Whether `key` is `<<`, not in quotes."""
    merged: dict[str, Any] = field(default_factory=dict)


class _Builder:
    """Makes plain values out of YAML events, one at a time, however deep."""

    def __init__(self) -> None:
        self.documents: list[Any] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._count = 0
        self._takes: dict[type[Event], Callable[[Any], None]] = {
            ScalarEvent: self._scalar,
            AliasEvent: self._alias,
            SequenceStartEvent: self._start,
            MappingStartEvent: self._start,
            SequenceEndEvent: self._end,
            MappingEndEvent: self._end,
        }

    def take(self, event: Event) -> None:
        """Take the next event."""
        if type(event) in self._takes:
            self._takes[type(event)](event)

    def _scalar(self, event: ScalarEvent) -> None:
        _require_plain(event.tag)
        _require_unicode(event.value)
        self._counted(1)
        implicit = bool(event.implicit[0]) and event.tag is None
        if self._wants_key():
            self._open[-1].key = event.value
            self._open[-1].merges = implicit and event.value == "<<"
            return
        self._named(event.anchor, _plain(event.value) if implicit else event.value, 1)

    def _alias(self, event: AliasEvent) -> None:
        if event.anchor not in self._anchors:
            raise Rejected(f"the alias *{event.anchor} stands for nothing, or for what it is part of")
        value, size = self._anchors[event.anchor]
        self._counted(size)
        if not self._wants_key():
            self._add(value)
        elif isinstance(value, str):
            self._open[-1].key = value
        else:
            raise Rejected("the keys of a document must be texts")

    def _start(self, event: SequenceStartEvent | MappingStartEvent) -> None:
        _require_plain(event.tag)
        if self._wants_key():
            raise Rejected("the keys of a document must be texts")
        value: list[Any] | dict[str, Any] = {} if isinstance(event, MappingStartEvent) else []
        self._open.append(_Open(value, event.anchor, self._count))
        self._counted(1)

    def _end(self, _event: Event) -> None:
        one = self._open.pop()
        # What a mapping says itself wins over what it merges in.
        value = one.merged | one.value if isinstance(one.value, dict) else one.value
        self._named(one.anchor, value, self._count - one.counted)

    def _counted(self, size: int) -> None:
        self._count += size
        _bound(self._count, len(self._open))

    def _wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _named(self, anchor: str | None, value: Any, size: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = value, size
        self._add(value)

    def _add(self, value: Any) -> None:
        if not self._open:
            self.documents.append(value)
            return
        one = self._open[-1]
        if isinstance(one.value, list):
            one.value.append(value)
            return
        if one.merges:
            _merge(one.merged, value)
        else:
            one.value[one.key or ""] = value
        one.key, one.merges = None, False


def _merge(merged: dict[str, Any], value: Any) -> None:
    """Take in what `<<` names: a mapping, or several of which the earlier win."""
    for one in value if isinstance(value, list) else [value]:
        if not isinstance(one, dict):
            raise Rejected("<< must name a mapping, or several")
        for key, inner in one.items():
            merged.setdefault(key, inner)


def _require_plain(tag: str | None) -> None:
    if tag not in _TAGS:
        raise Rejected("the document holds a tag (!) that makes something else than a plain value")


def _require_unicode(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        # Half a character, written as an escape.
        raise Rejected("the body is neither JSON nor YAML: it is not Unicode") from error


def _plain(text: str) -> Any:
    """Return what an unquoted text means."""
    if text in _NOTHING:
        return None
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FRACTION.fullmatch(text) and repr(float(text)) == text:
        return float(text)
    return text
