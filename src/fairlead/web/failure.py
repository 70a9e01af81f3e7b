"""One failure: what was told of it, the deployments tied to it, and what people say about them."""

from collections.abc import Sequence

import msgspec
from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.domain.access import Permission
from fairlead.domain.errors import Rejected
from fairlead.domain.failure_links import LinkDecision, LinkState
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.link_failures import decide_failure_links
from fairlead.usecases.show_failure import show_failure
from fairlead.web.addresses import address, deployment_address, failure_address
from fairlead.web.drawing import go_to
from fairlead.web.source_addresses import commit_address
from fairlead.web.threshold import way_back
from fairlead.web.visit import Visit


@get("/failures/{failure_id:path}")
async def show_one(request: AnyRequest, failure_id: FromPath[str]) -> Answer:
    """Show a failure."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    shown = await visit.reception.read(show_failure, visit.org_id, failure_id[1:])
    failure = shown.failure
    return visit.page(
        "failure.html",
        shown=shown,
        failure=failure,
        address=failure_address(failure.id),
        commit=commit_address(failure.repository_id, failure.commit_sha) if failure.commit_sha else "",
        deployment_address=deployment_address,
        received=msgspec.json.format(failure.fact, indent=2),
    )


@post("/failures/{failure_id:path}")
async def decide(request: AnyRequest, failure_id: FromPath[str]) -> Answer:
    """Keep what somebody says about the failure and a deployment."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_WRITE)
    form, id = await visit.form(), failure_id[1:]
    if form.text("state") not in set(LinkState):
        raise Rejected("say caused, not_caused or undecided", field="state")
    said = LinkDecision(
        org_id=visit.org_id,
        failure_id=id,
        deployment_id=form.text("deployment"),
        state=LinkState(form.text("state")),
        decided_at=visit.now,
        decided_by=visit.visitor.member.email,
    )
    detail = f"{said.state.value} by deployment {said.deployment_id}"
    await visit.change(decide_failure_links, said, "decided about failure", id, detail)
    back = form.text("back") or address(failure_address(id), {"done": "decided"})
    return go_to(way_back(back))


HANDLERS: Sequence[HTTPRouteHandler] = (show_one, decide)
