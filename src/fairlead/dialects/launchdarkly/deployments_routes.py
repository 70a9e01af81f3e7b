"""Deployment events and deployments of Engineering Insights: decode, call one thing, encode."""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import UUID

import msgspec
from litestar import get, patch, post
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.launchdarkly import deployments_translate as translate
from fairlead.dialects.launchdarkly import deployments_wire as wire
from fairlead.dialects.launchdarkly.credentials import operation
from fairlead.dialects.launchdarkly.errors import PatchFailed
from fairlead.dialects.launchdarkly.exchange import Exchange
from fairlead.dialects.launchdarkly.patches import change_from
from fairlead.domain.access import Permission
from fairlead.domain.errors import NotFound, Rejected
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.correct_attempts import AttemptCorrected, correct_attempts
from fairlead.usecases.find_attempts import Expanded, find_attempts, get_attempt
from fairlead.usecases.record_attempts import record_attempts

_READ, _WRITE = Permission.INSIGHTS_READ, Permission.INSIGHTS_WRITE
_event = msgspec.json.Decoder(wire.DeploymentEvent)
_PATH = "/api/v2/engineering-insights/deployments"


@post(
    ["/api/v2/engineering-insights/deployment-events", "/api/v2/accelerate/deployment-events"],
    opt=operation(
        "createDeploymentEvent", wire.DeploymentEvent, None, alias="/api/v2/accelerate/deployment-events"
    ),
)
async def create_event(request: AnyRequest) -> Answer:
    """Record an event of a deployment."""
    exchange = await Exchange.begin(request, _WRITE)
    told = await exchange.told(_event)
    event = translate.event_from(told, exchange.org_id, exchange.reception.now())
    await exchange.reception.write(record_attempts, event)
    return exchange.nothing(HTTPStatus.CREATED)


@get(
    _PATH,
    opt=operation(
        "getDeployments",
        None,
        wire.Deployments,
        query="projectKey! environmentKey! applicationKey from to kind status after before limit# expand",
    ),
)
async def list_deployments(request: AnyRequest) -> Answer:
    """Return a page of deployments, newest first."""
    exchange = await Exchange.begin(request, _READ)
    asked = exchange.asked
    page = translate.list_page(asked, exchange.org_id, exchange.reception.now())
    found = await exchange.reception.read(find_attempts, page, translate.expanded(asked))
    return exchange.answer(translate.deployments(asked, page, found, exchange.org_id))


@get(f"{_PATH}/{{deployment_id:str}}", opt=operation("getDeployment", None, wire.Deployment, query="expand"))
async def fetch_deployment(request: AnyRequest) -> Answer:
    """Return one deployment."""
    exchange = await Exchange.begin(request, _READ)
    expanded = translate.expanded(exchange.asked)
    shown = await exchange.reception.read(get_attempt, exchange.org_id, _uuid_in(exchange), expanded)
    return exchange.answer(translate.deployment(shown, exchange.org_id))


@patch(f"{_PATH}/{{deployment_id:str}}", opt=operation("updateDeployment", None, wire.Deployment))
async def update_deployment(request: AnyRequest) -> Answer:
    """Correct a deployment by hand."""
    exchange = await Exchange.begin(request, _WRITE)
    uuid, org_id = _uuid_in(exchange), exchange.org_id
    change = change_from(await exchange.body())
    shown = await exchange.reception.read(get_attempt, org_id, uuid, Expanded())
    before = translate.document(shown, org_id)
    try:
        after = change.applied(before, translate.EDITABLE)
    except PatchFailed as error:
        # This operation knows no 422.
        raise Rejected(str(error), field="path") from error
    told = AttemptCorrected(
        org_id=org_id,
        uuid=uuid,
        correction=translate.correction_from(before, after),
        at=exchange.reception.now(),
        by=exchange.caller.key_id,
    )
    await exchange.reception.write(correct_attempts, told)
    corrected = await exchange.reception.read(get_attempt, org_id, uuid, Expanded())
    return exchange.answer(translate.deployment(corrected, org_id))


def _uuid_in(exchange: Exchange) -> str:
    """Return the id in the path in its usual spelling.

    Raises:
        NotFound: it is no UUID, and so names nothing.
    """
    told = exchange.part("deployment_id")
    try:
        return str(UUID(told))
    except ValueError as error:
        raise NotFound(f"there is no deployment with the id {told[:100]}") from error


HANDLERS: Sequence[HTTPRouteHandler] = (
    create_event,
    list_deployments,
    fetch_deployment,
    update_deployment,
)
