"""`fairlead report`: how well an organisation delivers, for people, programs and slides."""

import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from fairlead.cli.options import ORG_DEFAULT, Database, DataDir, Org, settings_from
from fairlead.domain.errors import FairleadError, Rejected


class Form(StrEnum):
    """What a report can be printed as."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MD = "md"
    SVG = "svg"
    PNG = "png"


class Every(StrEnum):
    """How long each point of a report is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def report(
    *,
    query: Annotated[str, typer.Option("--query", metavar="QUERY", help="Only what this search finds.")] = "",
    from_: Annotated[
        str,
        typer.Option("--from", metavar="T", help="A day, or RFC 3339, or milliseconds; default 90 days ago."),
    ] = "",
    to: Annotated[str, typer.Option("--to", metavar="T", help="Likewise, exclusive; default now.")] = "",
    interval: Annotated[Every, typer.Option("--interval", help="How long each point is.")] = Every.WEEK,
    group_by: Annotated[
        list[str] | None,
        typer.Option(
            "--group-by",
            metavar="FIELD",
            help="service, env, team, repository, version, source or the key of a tag; may be given again.",
        ),
    ] = None,
    timezone: Annotated[
        str, typer.Option("--timezone", metavar="ZONE", help="Where days begin, such as Europe/Berlin.")
    ] = "UTC",
    year: Annotated[
        str,
        typer.Option(
            "--year",
            metavar="YEAR",
            help="The DORA report whose levels are shown; default the one of the settings.",
        ),
    ] = "",
    form: Annotated[Form, typer.Option("--format", help="What to print.")] = Form.TABLE,
    output: Annotated[
        Path | None, typer.Option("--output", metavar="FILE", help="Write to this file instead.")
    ] = None,
    org: Org = ORG_DEFAULT,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Tell how often, how fast and how safely an organisation delivers.

    Levels are those of DORA's reports; a dash stands where nothing could be measured, and `fairlead
    doctor` says what is missing.
    """
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.cli.reporting import written
    from fairlead.dialects.native.metrics_translate import question_from, year_in
    from fairlead.usecases.keep_level_year import find_level_year
    from fairlead.usecases.measure_delivery import measure_delivery

    told = {
        "query": query,
        "from": from_,
        "to": to,
        "interval": interval.value,
        "timezone": timezone,
        "year": year,
    }
    asked = {name: [text] for name, text in told.items() if text} | {"group_by": group_by or []}
    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        org_id = find_organisation(ledger, org)
        try:
            question = question_from(asked, org_id, time.time_ns())
            levels_of = year_in(asked, ledger.read(find_level_year, org_id))
            answer = ledger.read(measure_delivery, question)
        except Rejected as error:
            option = f"--{error.field.replace('_', '-')}"
            raise Rejected(str(error).replace(f'attribute "{error.field}"', option)) from error
    _put(written(form.value, answer, levels_of, query), output)


def _put(content: str | bytes, output: Path | None) -> None:
    """Write to a file, or to where the program writes; a picture never to a terminal."""
    data = content if isinstance(content, bytes) else f"{content}\n".encode()
    if output is not None:
        try:
            output.write_bytes(data)
        except OSError as error:
            raise FairleadError(f"cannot write {output}: {error.strerror}") from error
    elif isinstance(content, bytes):
        if sys.stdout.isatty():
            raise FairleadError("a picture is nothing for a terminal; name a file with --output")
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        typer.echo(content)
