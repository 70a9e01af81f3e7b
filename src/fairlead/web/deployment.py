"""One deployment: what is in it, how long that took and why, what became of it, and what people say."""

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from fairlead.domain.access import Permission
from fairlead.domain.deployments import ChangeFailureDecision, Remediation, RemediationType
from fairlead.domain.errors import Rejected
from fairlead.domain.links import STAGES as STAGE_NAMES
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.decide_change_failure import DecisionOn, decide_change_failures
from fairlead.usecases.explain_deployment import ExplainedDeployment
from fairlead.usecases.show_deployment import ShownDeployment, show_deployment
from fairlead.web import reasons
from fairlead.web.addresses import address, deployment_address, failure_address
from fairlead.web.drawing import go_to
from fairlead.web.forms import Form
from fairlead.web.source_addresses import commit_address, difference_address
from fairlead.web.threshold import way_back
from fairlead.web.visit import Visit

_WIDTH: Final = 1000
"""Of the bar of stages, in units of its drawing."""


class Stage(Struct, frozen=True, kw_only=True):
    """One stage of the lead time, as the bar shows it."""

    name: str
    title: str
    ns: int | None
    why: str
    left: float
    width: float


class Event(Struct, frozen=True):
    """Something on the way from the first commit to the end."""

    at: int
    text: str
    address: str = ""


@get("/deployments/{deployment_id:path}")
async def show_one(request: AnyRequest, deployment_id: FromPath[str]) -> Answer:
    """Show a deployment."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    shown = await visit.reception.read(show_deployment, visit.org_id, deployment_id[1:])
    return _page(visit, shown)


@post("/deployments/{deployment_id:path}")
async def decide(request: AnyRequest, deployment_id: FromPath[str]) -> Answer:
    """Keep what a person says about a deployment: failed, with what repaired it, or stable."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_WRITE)
    form = await visit.form()
    deployment_id = deployment_id[1:]
    try:
        decision = _decision(visit, form)
        on = DecisionOn(org_id=visit.org_id, deployment=deployment_id, decision=decision)
        detail = _told(decision)
        await visit.change(decide_change_failures, on, "decided about deployment", deployment_id, detail)
    except Rejected as error:
        shown = await visit.reception.read(show_deployment, visit.org_id, deployment_id)
        return _page(visit, shown, complaint=str(error), status=400)
    back = form.text("back") or address(deployment_address(deployment_id), {"done": "decided"})
    return go_to(way_back(back))


def _decision(visit: Visit, form: Form) -> ChangeFailureDecision:
    verdict, kind = form.text("verdict"), form.text("remediation_type")
    if verdict not in {"failed", "stable"}:
        raise Rejected("say whether it failed or is stable", field="verdict")
    if kind and kind not in set(RemediationType):
        raise Rejected("a repair is a rollback or a rollforward", field="remediation_type")
    remediation = Remediation(type=RemediationType(kind) if kind else None, id=form.text("remediation_id"))
    if remediation.id and remediation.type is None:
        raise Rejected("say whether that was a rollback or a rollforward", field="remediation_type")
    return ChangeFailureDecision(
        change_failure=verdict == "failed",
        remediation=remediation,
        decided_at=visit.now,
        decided_by=visit.visitor.member.email,
    )


def _told(decision: ChangeFailureDecision) -> str:
    if not decision.change_failure:
        return "stable"
    by = decision.remediation
    return f"failed, {by.type} by {by.id or 'something unknown'}" if by.type else "failed"


def _page(visit: Visit, shown: ShownDeployment, *, complaint: str = "", status: int = 200) -> Answer:
    told = shown.told
    fact = told.known.fact
    before = told.previous
    return visit.page(
        "deployment.html",
        status=status,
        shown=shown,
        told=told,
        known=told.known,
        fact=fact,
        measured=[one for one in told.commits if one.link.exclusion is None],
        left_out=[one for one in told.commits if one.link.exclusion is not None],
        why_left_out=reasons.LEFT_OUT,
        stages=list(_stages(told)),
        width=_WIDTH,
        events=sorted(_events(told), key=lambda event: event.at),
        why_lead_time=reasons.why_lead_time(told),
        why_commits=reasons.why_commits(told),
        why_failure=reasons.why_failure(shown.judgement),
        why_recovery=reasons.why_recovery(told),
        difference=difference_address(fact.repository_id, before.commit_sha, fact.commit_sha)
        if before
        else "",
        commit_address=commit_address,
        deployment_address=deployment_address,
        failure_address=failure_address,
        stage_titles=[reasons.STAGES[name][0] for name in STAGE_NAMES],
        received=_readable(fact.fact),
        complaint=complaint,
    )


def _stages(told: ExplainedDeployment) -> Iterator[Stage]:
    """Yield the stages with their places in a bar; a stage that reaches back takes no place in it."""
    means = told.known.link.lead.stages_ns
    total = sum(max(ns or 0, 0) for ns in means)
    left = 0.0
    for name, ns in zip(STAGE_NAMES, means, strict=True):
        width = max(ns or 0, 0) / total * _WIDTH if total else 0.0
        yield Stage(
            name=name,
            title=reasons.STAGES[name][0],
            ns=ns,
            why=reasons.why_stage(name, told),
            left=round(left, 1),
            width=round(width, 1),
        )
        left += width


def _events(told: ExplainedDeployment) -> Iterator[Event]:
    fact = told.known.fact
    commits = [one for one in told.commits if one.link.exclusion is None]
    if commits:
        first, last = commits[-1].commit, commits[0].commit
        yield Event(
            first.authored_at, f"First commit: {first.subject}", commit_address(fact.repository_id, first.sha)
        )
        if last is not first:
            link = commit_address(fact.repository_id, last.sha)
            yield Event(last.authored_at, f"Last commit: {last.subject}", link)
    for pull in told.pull_requests:
        moments = (
            (pull.opened_at, "opened"),
            (pull.ready_at, "ready for review"),
            (pull.last_approved_at, "approved"),
            (pull.merged_at, "merged"),
        )
        for at, what in moments:
            if at is not None:
                yield Event(at, f"#{pull.number} {what}", pull.url)
    yield Event(fact.started_at, "Deployment began")
    yield Event(fact.finished_at, "Deployment ended")


def _readable(fact: str) -> str:
    """Return a fact as it was received, laid out."""
    try:
        return msgspec.json.format(fact, indent=2)
    except msgspec.DecodeError:
        return fact


HANDLERS: Sequence[HTTPRouteHandler] = (show_one, decide)
