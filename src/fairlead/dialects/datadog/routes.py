"""The operations of Datadog's DORA Metrics API: decode, call one thing, encode.

Not here: any rule about deployments or failures, and the wording of refusals.
"""

from collections.abc import Sequence
from functools import partial

import msgspec
from litestar import delete, get, patch, post
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.datadog import translate, wire
from fairlead.dialects.datadog.activity import tool_uses_from
from fairlead.dialects.datadog.errors import MEDIA_TYPE
from fairlead.dialects.datadog.exchange import Exchange
from fairlead.dialects.datadog.listing import deployments_page, failures_page
from fairlead.domain.access import Permission
from fairlead.intake.answer import Answer
from fairlead.intake.audited import write_audited
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation as _operation
from fairlead.usecases.decide_change_failure import DecisionOn, decide_change_failures
from fairlead.usecases.delete_deployments import DeploymentNamed, delete_deployments
from fairlead.usecases.delete_failures import FailureNamed, delete_failures
from fairlead.usecases.find_deployments import find_deployments
from fairlead.usecases.find_failures import find_failures
from fairlead.usecases.get_changes import get_changes
from fairlead.usecases.get_failure import get_failure
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_failures import record_failures
from fairlead.usecases.record_tool_uses import record_tool_uses

_deployment = msgspec.json.Decoder(wire.DeploymentRequest)
_failure = msgspec.json.Decoder(wire.FailureRequest)
_list = msgspec.json.Decoder(wire.ListRequest)
_patch = msgspec.json.Decoder(wire.PatchRequest)
_version_patch = msgspec.json.Decoder(wire.VersionPatchRequest)
_activity = msgspec.json.Decoder(wire.ActivityRequest)

operation = partial(_operation, media_type=MEDIA_TYPE)

READ = Permission.DORA_METRICS_READ
WRITE = Permission.DORA_METRICS_WRITE

_NOTHING = wire.Fetched(None)

# The singular spelling stands in Datadog's product pages, the plural one in its specification.
_SINGULAR = "/api/v2/dora/deployment/{deployment_id:path}"


@post(
    "/api/v2/dora/deployment",
    status_code=200,
    opt=operation("CreateDORADeployment", wire.DeploymentRequest, wire.ReceiptResponse, key_alone=True),
)
async def create_deployment(request: AnyRequest) -> Answer:
    """Record a deployment; the same id again replaces it."""
    exchange = await Exchange.with_sender(request)
    told = await exchange.told(_deployment)
    fact = translate.deployment_from(told, exchange.body, exchange.org_id, exchange.reception.now())
    recorded = await exchange.reception.write(record_deployments, fact)
    return exchange.answer(200, translate.receipt_for(recorded, translate.DEPLOYMENT))


@post(
    "/api/v2/dora/deployments",
    status_code=200,
    opt=operation("ListDORADeployments", wire.ListRequest, wire.DeploymentsFetched),
)
async def list_deployments(request: AnyRequest) -> Answer:
    """Return deployments by search, time and order."""
    exchange = await Exchange.with_member(request, READ)
    page = deployments_page(await exchange.told(_list))
    found = await exchange.reception.read(find_deployments, exchange.org_id, page)
    style, with_url = exchange.time_style, exchange.needs_repository_url
    seen = [translate.deployment_object(one, style, with_url=with_url) for one in found]
    return exchange.answer(200, wire.Fetched(seen))


@get(
    "/api/v2/dora/deployments/{deployment_id:path}",
    opt=operation("GetDORADeployment", None, wire.DeploymentFetched),
)
async def fetch_deployment(request: AnyRequest) -> Answer:
    """Return one deployment."""
    exchange = await Exchange.with_member(request, READ)
    told = await exchange.reception.read(get_changes, exchange.org_id, exchange.path_id)
    with_url = exchange.needs_repository_url
    seen = translate.deployment_object(told.known, exchange.time_style, told, with_url=with_url)
    return exchange.answer(200, wire.Fetched(seen))


@patch(
    ["/api/v2/dora/deployments/{deployment_id:path}", _SINGULAR],
    status_code=202,
    opt=operation("PatchDORADeployment", wire.PatchRequest, wire.Fetched, alias=_SINGULAR),
)
async def patch_deployment(request: AnyRequest) -> Answer:
    """Mark a deployment as failed or stable."""
    exchange = await Exchange.with_member(request, WRITE)
    told = await exchange.told(_patch)
    said = translate.decision_by_id(told, exchange.path_id, exchange.caller, exchange.reception.now())
    await _decide(exchange, said)
    return exchange.answer(202, _NOTHING)


@patch(
    "/api/v2/dora/deployments",
    status_code=202,
    opt=operation("PatchDORADeploymentByVersion", wire.VersionPatchRequest, wire.Fetched),
)
async def patch_deployment_by_version(request: AnyRequest) -> Answer:
    """Mark the latest deployment of a version as failed or stable."""
    exchange = await Exchange.with_member(request, WRITE)
    told = await exchange.told(_version_patch)
    said = translate.decision_by_version(told, exchange.caller, exchange.reception.now())
    await _decide(exchange, said)
    return exchange.answer(202, _NOTHING)


async def _decide(exchange: Exchange, said: DecisionOn) -> None:
    """Keep a decision with an entry in the audit log; what decides nothing leaves none."""
    if said.decision is None:
        await exchange.reception.write(decide_change_failures, said)
        return
    await write_audited(
        exchange.reception,
        exchange.caller,
        decide_change_failures,
        said,
        action="decided about deployment",
        subject=translate.subject_of(said),
        detail=translate.detail_of(said.decision),
    )


@delete(
    "/api/v2/dora/deployment/{deployment_id:path}",
    status_code=202,
    opt=operation("DeleteDORADeployment", None, wire.Fetched),
)
async def delete_deployment(request: AnyRequest) -> Answer:
    """Delete a deployment."""
    exchange = await Exchange.with_member(request, WRITE)
    named = DeploymentNamed(org_id=exchange.org_id, id=exchange.path_id, at=exchange.reception.now())
    await exchange.reception.write(delete_deployments, named)
    return exchange.answer(202, _NOTHING)


@post(
    "/api/v2/dora/failure",
    status_code=200,
    opt=operation("CreateDORAFailure", wire.FailureRequest, wire.ReceiptResponse, key_alone=True),
)
async def create_failure(request: AnyRequest) -> Answer:
    """Record a failure, or its end."""
    return await _record_failure(request)


@post(
    "/api/v2/dora/incident",
    status_code=200,
    opt=operation(
        "CreateDORAIncident", wire.FailureRequest, wire.ReceiptResponse, deprecated=True, key_alone=True
    ),
)
async def create_incident(request: AnyRequest) -> Answer:
    """Record a failure under the path of before."""
    return await _record_failure(request)


@post(
    "/api/v2/dora/failures",
    status_code=200,
    opt=operation("ListDORAFailures", wire.ListRequest, wire.FailuresFetched),
)
async def list_failures(request: AnyRequest) -> Answer:
    """Return failures by search, time and order."""
    exchange = await Exchange.with_member(request, READ)
    page = failures_page(await exchange.told(_list))
    found = await exchange.reception.read(find_failures, exchange.org_id, page)
    style = exchange.time_style
    return exchange.answer(200, wire.Fetched([translate.failure_object(one, style) for one in found]))


@get(
    "/api/v2/dora/failures/{failure_id:path}",
    opt=operation("GetDORAFailure", None, wire.FailureFetched),
)
async def fetch_failure(request: AnyRequest) -> Answer:
    """Return one failure."""
    exchange = await Exchange.with_member(request, READ)
    failure = await exchange.reception.read(get_failure, exchange.org_id, exchange.path_id)
    return exchange.answer(200, wire.Fetched(translate.failure_object(failure, exchange.time_style)))


@delete(
    "/api/v2/dora/failure/{failure_id:path}",
    status_code=202,
    opt=operation("DeleteDORAFailure", None, wire.Fetched),
)
async def delete_failure(request: AnyRequest) -> Answer:
    """Delete a failure."""
    exchange = await Exchange.with_member(request, WRITE)
    named = FailureNamed(org_id=exchange.org_id, id=exchange.path_id)
    await exchange.reception.write(delete_failures, named)
    return exchange.answer(202, _NOTHING)


@post(
    "/api/v2/ai_impact/user_activity",
    status_code=200,
    opt=operation("CreateAIImpactUserActivity", wire.ActivityRequest, wire.Fetched, key_alone=True),
)
async def create_user_activity(request: AnyRequest) -> Answer:
    """Record who used which AI coding tool on which day."""
    exchange = await Exchange.with_sender(request)
    told = await exchange.told(_activity)
    uses = tool_uses_from(told, exchange.org_id, exchange.reception.now())
    await exchange.reception.write(record_tool_uses, uses)
    return exchange.answer(200, _NOTHING)


@get("/api/v1/validate", opt=_operation("Validate", None, wire.Validity, key_alone=True))
async def validate(request: AnyRequest) -> Answer:
    """Say whether the API key is valid."""
    exchange = await Exchange.with_sender(request)
    return exchange.answer(200, wire.Validity(valid=True), "application/json")


V1: Sequence[HTTPRouteHandler] = (validate,)
V2: Sequence[HTTPRouteHandler] = (
    create_deployment,
    list_deployments,
    fetch_deployment,
    patch_deployment,
    patch_deployment_by_version,
    delete_deployment,
    create_failure,
    create_incident,
    list_failures,
    fetch_failure,
    delete_failure,
    create_user_activity,
)


async def _record_failure(request: AnyRequest) -> Answer:
    exchange = await Exchange.with_sender(request)
    told = await exchange.told(_failure)
    fact = translate.failure_from(told, exchange.body, exchange.org_id, exchange.reception.now())
    recorded = await exchange.reception.write(record_failures, fact)
    return exchange.answer(200, translate.receipt_for(recorded, translate.FAILURE))
