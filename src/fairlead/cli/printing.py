"""What commands print: tables for people, JSON for programs. Not here: anything on stderr."""

from collections.abc import Iterable, Sequence

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from fairlead.domain.instants import NS_PER_S, to_rfc3339

_WIDTH_OF_PIPES = 500


def print_json(told: object) -> None:
    """Print one JSON value on a line of its own."""
    typer.echo(msgspec.json.encode(told).decode())


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns; a cell that a terminal has no room for goes on below, and none is cut."""
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH_OF_PIPES
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, heading in enumerate(headings):
        # What a row is called by has to be copied in one piece.
        table.add_column(heading, overflow="fold", no_wrap=number == 0)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def readable(instant: int | None) -> str:
    """Return an instant to the second, or nothing for none."""
    return "" if instant is None else to_rfc3339(instant - instant % NS_PER_S)
