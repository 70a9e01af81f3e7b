"""The shapes of Prometheus' answers to queries, letter for letter."""

from typing import Any

from msgspec import Struct

Sample = tuple[float, str]
"""A time in seconds, and a number as text."""


class Element(Struct):
    metric: dict[str, str]
    value: Sample


class Row(Struct):
    metric: dict[str, str]
    values: list[Sample]


class Data(Struct, rename="camel"):
    result_type: str
    result: Any


class Answer(Struct, rename="camel"):
    status: str
    data: Data | None = None
    error_type: str = ""
    error: str = ""
