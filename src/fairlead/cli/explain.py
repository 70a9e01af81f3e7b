"""`fairlead explain`: one deployment, and why each of its numbers is what it is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli.options import ORG_DEFAULT, Database, DataDir, Json, Org, settings_from
from fairlead.cli.printing import print_json, readable
from fairlead.domain.changes import Exclusion, Reason
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.links import STAGES

if TYPE_CHECKING:
    from fairlead.usecases.explain_deployment import ExplainedDeployment

_MOST_COMMITS_SHOWN = 30

ADVICE = {
    Reason.FIRST_DEPLOYMENT: "It is the first with git of this service, environment and repository: "
    "there is nothing to compare it with. The next one will have a lead time.",
    Reason.NO_GIT: "It was reported without a commit. Send `git` with repository_url and commit_sha.",
    Reason.COMMIT_UNKNOWN: "Its commit is not known here. Send the history: `fairlead git import PATH "
    "--repository-url URL`, `datadog-ci git-metadata upload`, or a webhook of the Git host.",
    Reason.PREVIOUS_COMMIT_UNKNOWN: "The commit of the deployment before is not known here. Send older "
    "history: `fairlead git import PATH --repository-url URL`.",
    Reason.GAP_OVER_60_DAYS: "The deployment before is more than 60 days older, so the time would measure "
    "the pause. The next one will have a lead time.",
    Reason.NO_NEW_COMMITS: "It brought nothing that was not deployed before: the same commit again, or an "
    "older one.",
    Reason.ONLY_MERGE_COMMITS: "It brought merge commits alone, which have no change of their own.",
    Reason.NO_COMMIT_IN_PATHS: "No commit it brought touches the paths of its service. See the service's "
    "source patterns in the catalogue.",
}
_LEFT_OUT = {
    Exclusion.MERGE_COMMIT: "merge commit",
    Exclusion.OUTSIDE_PATHS: "outside the paths of the service",
    Exclusion.SQUASHED: "squash of a pull request, whose own commits are measured",
    Exclusion.OVER_THE_CAP: "beyond the cap of 5000 commits",
}


def explain(
    deployment_id: Annotated[str, typer.Argument(metavar="DEPLOYMENT_ID", help="The id of the deployment.")],
    *,
    org: Org = ORG_DEFAULT,
    as_json: Json = False,
    database: Database = None,
    data_dir: DataDir = None,
) -> None:
    """Tell of one deployment what it brought, how long that took, and what is missing and why."""
    from fairlead.cli.opening import find_organisation, open_ledger
    from fairlead.dialects.native.deployment_translate import explained
    from fairlead.usecases.explain_deployment import explain_deployment

    with open_ledger(settings_from(database=database, data_dir=data_dir)) as ledger:
        told = ledger.read(explain_deployment, find_organisation(ledger, org), deployment_id)
    if as_json:
        print_json(explained(told))
    else:
        typer.echo("\n".join(page(told)))


def page(told: "ExplainedDeployment") -> Iterator[str]:
    """Yield the lines of an explanation."""
    fact = told.known.fact
    yield f"Deployment {fact.id}"
    yield f"  {fact.service} {fact.version or '(no version)'} to {fact.env or '(no environment)'}"
    yield f"  {readable(fact.started_at)} to {readable(fact.finished_at)}, {_span(fact.duration_ns)}"
    if fact.commit_sha:
        yield f"  commit {fact.commit_sha[:12]} of {fact.repository_id}"
    if told.previous is not None:
        before = told.previous
        yield f"  after {before.id} of {readable(before.finished_at)}, commit {before.commit_sha[:12]}"
    yield ""
    yield from _failure(told)
    yield ""
    yield from _lead_time(told)
    yield from _commits(told)
    yield from _flags(told)
    yield from _gates(told)
    if told.pending:
        yield ""
        yield "Some of this is being worked out again; until then the former answer stands."


def _failure(told: "ExplainedDeployment") -> Iterator[str]:
    outcome = told.known.outcome
    words = {None: "Not known whether it failed", True: "Failed", False: "Did not fail"}
    yield f"{words[outcome.change_failure]}: {told.judgement.reason}"
    if outcome.remediation_id:
        kind = "" if outcome.remediation_type is None else f" by {outcome.remediation_type.value}"
        yield f"  repaired{kind} with {outcome.remediation_id}, after {_span(outcome.recovery_time_ns)}"
    for one in told.failures:
        name, state = one.failure.name or one.failure.id, one.state.value.replace("_", " ")
        yield f"  failure {name} of {readable(one.failure.started_at)}: {state}"
    if told.judgement.type_reason:
        yield f"A {outcome.deployment_type.value}: it {told.judgement.type_reason}"


def _gates(told: "ExplainedDeployment") -> Iterator[str]:
    if told.gate_evaluations:
        yield ""
        yield "Gates"
    for one in told.gate_evaluations:
        dry = ", in dry run" if one.dry_run else ""
        yield f"  {readable(one.started_at)}  {one.status.value}  {one.identifier}{dry}"
        for rule in one.rules:
            if rule.reason:
                yield f"    {rule.name}: {rule.reason}"


def _lead_time(told: "ExplainedDeployment") -> Iterator[str]:
    link = told.known.link
    if link.reason is not None:
        yield f"No change lead time: {link.reason.value}"
        yield f"  {ADVICE[link.reason]}"
        return
    if link.number_of_commits is None:
        yield "Change lead time has not been worked out yet; a server or `fairlead work` does it."
        return
    lead = link.lead
    spread = f"{_span(lead.shortest_ns)} to {_span(lead.longest_ns)}"
    count = f"{link.number_of_commits} {'commit' if link.number_of_commits == 1 else 'commits'}"
    yield f"Change lead time {_span(lead.average_ns)} on average over {count} ({spread})"
    for name, ns in zip(STAGES, lead.stages_ns, strict=True):
        yield f"  {name.replace('_', ' '):<18} {_span(ns)}"


def _commits(told: "ExplainedDeployment") -> Iterator[str]:
    measured = [one for one in told.commits if one.link.exclusion is None]
    if measured:
        yield ""
        yield "Commits"
    for one in measured[:_MOST_COMMITS_SHOWN]:
        taken = None if one.link.lead is None else one.link.lead.lead_time_ns
        number = "" if one.link.pull_request is None else f" (#{one.link.pull_request})"
        written = f"{one.commit.author.name}, {readable(one.commit.authored_at)}"
        yield f"  {one.commit.sha[:12]}  {_span(taken):>16}  {one.commit.subject}{number} ({written})"
    if len(measured) > _MOST_COMMITS_SHOWN:
        yield f"  and {len(measured) - _MOST_COMMITS_SHOWN} more; --json has all of them"
    left_out = [one for one in told.commits if one.link.exclusion is not None]
    if left_out:
        yield ""
        yield "Left out"
    for one in left_out[:_MOST_COMMITS_SHOWN]:
        why = _LEFT_OUT[one.link.exclusion] if one.link.exclusion is not None else ""
        yield f"  {one.commit.sha[:12]}  {why}: {one.commit.subject}"


def _flags(told: "ExplainedDeployment") -> Iterator[str]:
    if told.flag_references:
        yield ""
        yield "Flags in code"
    for one in told.flag_references:
        yield f"  {one.project_key}/{one.flag_key}  {one.added} added, {one.removed} removed"


def _span(ns: int | None) -> str:
    """Return a span for people: to the second, days in words; a dash for none."""
    return "-" if ns is None else str(timedelta(seconds=round(ns / NS_PER_S)))
