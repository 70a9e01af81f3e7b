"""Deployments in Fairlead's own API: decode, call one thing, encode."""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.dialects.native import deployment_wire as wire
from fairlead.dialects.native.deployment_translate import explained
from fairlead.dialects.native.exchange import Exchange
from fairlead.domain.access import Permission
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.usecases.explain_deployment import explain_deployment


@get(
    "/api/fairlead/v1/deployments/{deployment_id:path}",
    opt=operation("ExplainDeployment", None, wire.DeploymentExplained),
)
async def fetch_explained(request: AnyRequest, deployment_id: FromPath[str]) -> Answer:
    """Return one deployment with everything derived from it, and why."""
    exchange = await Exchange.with_member(request, Permission.DORA_METRICS_READ)
    told = await exchange.reception.read(explain_deployment, exchange.org_id, deployment_id[1:])
    return exchange.answer(200, explained(told))


HANDLERS: Sequence[HTTPRouteHandler] = (fetch_explained,)
