"""`fairlead doctor`: what is missing for each metric, and the one command that repairs it."""

import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli.options import ORG_DEFAULT, Database, DataDir, Json, Org, settings_from
from fairlead.cli.printing import print_json
from fairlead.domain.errors import FairleadError

if TYPE_CHECKING:
    from fairlead.store.segments import Day
    from fairlead.usecases.find_missing import Gap

_NS_PER_DAY = 86_400 * 10**9


def doctor(
    *,
    days: Annotated[
        int, typer.Option("--days", metavar="NUMBER", min=1, max=3650, help="How far to look back.")
    ] = 90,
    org: Org = ORG_DEFAULT,
    as_json: Json = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Tell for each service which metric lacks what, how many deployments that concerns, and the remedy.

    What is as it should be is not told: a first deployment has no lead time. A sample of the columns
    that metrics are measured in is compared with the facts; where they differ the command fails.
    """
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.usecases.compare_segments import compare_segments
    from fairlead.usecases.find_missing import Looked, find_missing

    now = time.time_ns()
    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        org_id = find_organisation(ledger, org)
        looked = Looked(org_id=org_id, from_at=now - days * _NS_PER_DAY, until_at=now + 1)
        gaps = ledger.read(find_missing, looked)
        compared, wrong = ledger.read(compare_segments, org_id)
    if as_json:
        print_json(_as_json(gaps, org, compared, wrong))
    else:
        typer.echo("\n".join(_lines(gaps, org, days)))
        typer.echo(f"Compared {compared} days of columns with their facts.")
    if wrong:
        named = ", ".join(f"{day.noun.value} of day {day.day}" for day in wrong)
        detail = f"{len(wrong)} of {compared} differ ({named})"
        raise FairleadError(f"{detail}; build them anew with `fairlead recompute --segments --org {org}`")


def _lines(gaps: Sequence["Gap"], org: str, days: int) -> Iterator[str]:
    from fairlead.usecases.advise import noun, remedy, said

    if not gaps:
        yield f"Nothing is missing in the last {days} days."
        return
    service = None
    for gap in gaps:
        if gap.service != service:
            if service is not None:
                yield ""
            yield gap.service or "(no service)"
            service = gap.service
        yield f"  {gap.metric}: {gap.facts} of {gap.of} {noun(gap)}, {said(gap)}"
        yield f"    {remedy(gap, org)}"
    yield ""


def _as_json(gaps: Sequence["Gap"], org: str, compared: int, wrong: Sequence["Day"]) -> dict[str, object]:
    from fairlead.usecases.advise import remedy

    return {
        "gaps": [
            {
                "service": gap.service or None,
                "repository_id": gap.repository_id or None,
                "metric": gap.metric,
                "missing": gap.missing.value,
                "facts": gap.facts,
                "of": gap.of,
                "command": remedy(gap, org),
            }
            for gap in gaps
        ],
        "segments": {"compared": compared, "wrong": [[day.noun.value, day.day] for day in wrong]},
    }
