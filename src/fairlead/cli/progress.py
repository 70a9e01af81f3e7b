"""Progress of long work: a bar on a terminal, a line now and then elsewhere; both on stderr."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import typer

_PIECES_A_LINE = 10_000


@contextmanager
def progress(what: str, pieces: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that tells how many of how many `pieces` are done."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda done, total: _tell_line(f"{what}: {done} of {total} {pieces}", done)
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _tell_line(line: str, done: int) -> None:
    if done and done % _PIECES_A_LINE == 0:
        typer.echo(line, err=True)
