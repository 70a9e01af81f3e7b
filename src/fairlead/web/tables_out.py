"""Tables as files: CSV for spreadsheets and JSON for programs.

Not here: which rows.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from fairlead.intake.answer import Answer
from fairlead.web.drawing import HEADERS

_FORMULA: Final = ("=", "+", "@", "\t", "\r")


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """Return rows as CSV; what has no value is empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[_cell(row[name]) for name in columns] for row in rows])
    return text.getvalue().encode()


def as_file(body: bytes, media_type: str, name: str) -> Answer:
    """Return an answer that a browser saves under a name."""
    return Answer(200, body, media_type, HEADERS | {"Content-Disposition": f'attachment; filename="{name}"'})


def table_file(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], form: str, name: str) -> Answer:
    """Return rows as a file in the form `csv` or `json`."""
    if form == "csv":
        return as_file(as_csv(rows, columns), "text/csv; charset=utf-8", f"{name}.csv")
    return as_file(msgspec.json.format(msgspec.json.encode(rows)), "application/json", f"{name}.json")


def _cell(value: Any) -> Any:
    """Return a value as a cell; a text that a spreadsheet would run as a formula is marked as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
