"""`fairlead`: where the commands hang together, and how an error leaves the program.

An error is one line on stderr that says what to do. The program exits with 2 when it was called
wrongly and with 1 when something failed. Not here: what a command does.
"""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from fairlead import __version__
from fairlead.cli import db, gates, git, hooks, keys, members, org
from fairlead.cli.demo import demo
from fairlead.cli.doctor import doctor
from fairlead.cli.explain import explain
from fairlead.cli.recompute import recompute
from fairlead.cli.report import report
from fairlead.cli.serve import serve
from fairlead.cli.work import work
from fairlead.domain.errors import FairleadError
from fairlead.settings import WrongSetting

FAILED = 1
WRONG_USAGE = 2
INTERRUPTED = 130


def show_help(context: typer.Context) -> None:
    """Print what there is to choose from where nothing was chosen."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


app = typer.Typer(
    name="fairlead",
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (serve, demo, work, explain, report, doctor, recompute):
    app.command()(command)
for group, name in (
    (org.app, "org"),
    (keys.app, "keys"),
    (members.app, "members"),
    (hooks.app, "hooks"),
    (db.app, "db"),
    (git.app, "git"),
    (gates.app, "gates"),
):
    group.callback(invoke_without_command=True)(show_help)
    app.add_typer(group, name=name)


@app.callback(invoke_without_command=True)
def fairlead(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Fairlead records how software is delivered, and says how well.

    `fairlead demo` shows it with a sample organisation; `fairlead serve` runs it.
    """
    if version:
        typer.echo(f"fairlead {__version__}")
        raise typer.Exit
    show_help(context)


def main(args: Sequence[str] | None = None) -> None:
    """Run the command that `args`, by default those of this process, ask for, and exit."""
    sys.exit(_run(args))


def _run(args: Sequence[str] | None) -> int:
    try:
        result: Any = app(args, prog_name="fairlead", standalone_mode=False)
    except typer.TyperException as error:
        return _say(_advised(error), error.exit_code)
    except WrongSetting as error:
        return _say(str(error), WRONG_USAGE)
    except FairleadError as error:
        return _say(str(error), FAILED)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has seen enough. Python would complain once more when it closes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    return result if isinstance(result, int) else 0


def _advised(error: typer.TyperException) -> str:
    """Return what is wrong with a call, and the command whose help has the answer."""
    text = error.format_message().replace("Value error, ", "")
    context = getattr(error, "ctx", None)
    return text if context is None else f"{text.rstrip('.')}; see `{context.command_path} --help`"


def _say(text: str, code: int) -> int:
    typer.echo(f"fairlead: {' '.join(text.split())}", err=True)
    return code
