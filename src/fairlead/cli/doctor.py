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


_DEPLOYMENT = "datadog-ci dora deployment --service <service> --env ENV"
_IMPORT = "fairlead git import PATH --repository-url https://<repository> --org <org>"
_WHICH = 'fairlead report --org <org> --group-by version --query "service:<service>'
_REMEDIES = {
    "no_git": f'{_DEPLOYMENT} --git-repository-url URL --git-commit-sha "$(git rev-parse HEAD)"',
    "commit_unknown": _IMPORT,
    "previous_commit_unknown": _IMPORT,
    "no_commit_in_paths": f'{_WHICH} lead_time_reason:no_commit_in_paths"',
    "pending": 'fairlead recompute --org <org> --query "service:<service>"',
    "commits_after_deployment": f'{_WHICH} -change_lead_time:* -lead_time_reason:*"',
    "no_pull_requests": "fairlead hooks create <host> --org <org>",
    "no_remediation": "curl -X PATCH $FAIRLEAD/api/v2/dora/deployments/ID -H 'DD-API-KEY: …' "
    '-H \'DD-APPLICATION-KEY: …\' -d \'{"data": {"type": "dora_deployment_patch_request", "attributes": '
    '{"change_failure": true, "remediation": {"id": "ID", "type": "rollback"}}}}\'',
    "no_version": f"{_DEPLOYMENT} --version VERSION",
    "never_ended": "curl $FAIRLEAD/api/v2/dora/failure -H 'DD-API-KEY: …' -d '"
    '{"data": {"attributes": {"started_at": NS, "finished_at": NS, "services": ["<service>"]}}}\'',
}


def remedy(gap: "Gap", org: str) -> str:
    """Return the one command that repairs a gap, or keeps it from growing."""
    host = "gitlab" if gap.repository_id.startswith("gitlab") else "github"
    filled = {"service": gap.service or "SERVICE", "repository": gap.repository_id, "org": org, "host": host}
    command = _REMEDIES[gap.missing.value]
    for name, text in filled.items():
        command = command.replace(f"<{name}>", text)
    return command


_SAID = {
    "no_git": "told without a commit",
    "commit_unknown": "their commit is not stored",
    "previous_commit_unknown": "the commit before is not stored",
    "no_commit_in_paths": "no commit in the paths of the service",
    "pending": "not worked out yet",
    "commits_after_deployment": "commits younger than the deployment",
    "no_pull_requests": "no pull requests are known",
    "no_remediation": "failed, and nobody knows what repaired them",
    "no_version": "neither version nor commit, so no rollback is seen",
    "never_ended": "open for more than two weeks",
}


def _lines(gaps: Sequence["Gap"], org: str, days: int) -> Iterator[str]:
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
        noun = "failures" if gap.missing.value == "never_ended" else "deployments"
        yield f"  {gap.metric}: {gap.facts} of {gap.of} {noun}, {_SAID[gap.missing.value]}"
        yield f"    {remedy(gap, org)}"
    yield ""


def _as_json(gaps: Sequence["Gap"], org: str, compared: int, wrong: Sequence["Day"]) -> dict[str, object]:
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
