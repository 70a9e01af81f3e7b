"""Links between failures and deployments in Fairlead's own API: decode, call one thing, encode."""

from collections.abc import Sequence

import msgspec
from litestar import get, put
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.native import failure_links_wire as wire
from fairlead.dialects.native.exchange import Exchange
from fairlead.dialects.native.failure_links_translate import decision_from, link_seen
from fairlead.domain.access import Permission
from fairlead.domain.errors import Rejected
from fairlead.intake.answer import Answer
from fairlead.intake.audited import write_audited
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.usecases.link_failures import decide_failure_links, links_of_deployment, links_of_failure

_decision = msgspec.json.Decoder(wire.LinkDecided)
_PATH = "/api/fairlead/v1/failure-links"


@get(_PATH, opt=operation("ListFailureLinks", None, wire.LinksSeen, query="failure deployment"))
async def list_links(request: AnyRequest) -> Answer:
    """Return the deployments close to the failure `failure`, or the failures close to `deployment`."""
    exchange = await Exchange.with_member(request, Permission.DORA_METRICS_READ)
    failure = request.query_params.get("failure", "")
    deployment = request.query_params.get("deployment", "")
    if bool(failure) == bool(deployment):
        raise Rejected('one of "failure" and "deployment" is required', field="failure")
    question, id = (links_of_failure, failure) if failure else (links_of_deployment, deployment)
    found = await exchange.reception.read(question, exchange.org_id, id)
    return exchange.answer(200, wire.LinksSeen([link_seen(one) for one in found]))


@put(_PATH, status_code=200, opt=operation("DecideFailureLink", wire.LinkDecided, wire.LinkDecided))
async def decide_link(request: AnyRequest) -> Answer:
    """Say whether a deployment caused a failure; undecided takes it back."""
    exchange = await Exchange.with_member(request, Permission.DORA_METRICS_WRITE)
    told = await exchange.told(_decision)
    said = decision_from(told, exchange.caller, exchange.reception.now())
    await write_audited(
        exchange.reception,
        exchange.caller,
        decide_failure_links,
        said,
        action="decided about failure",
        subject=said.failure_id,
        detail=f"{said.state.value} by deployment {said.deployment_id}",
    )
    return exchange.answer(200, told)


HANDLERS: Sequence[HTTPRouteHandler] = (list_links, decide_link)
