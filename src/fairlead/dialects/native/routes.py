"""What an operator's tools ask for: liveness, readiness, metrics, and the OpenAPI document."""

from collections.abc import Sequence

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from fairlead.domain.errors import OldSchema, Unavailable
from fairlead.intake.body import AnyRequest
from fairlead.intake.telemetry import exposition
from fairlead.usecases.check_store import check_store


@get("/healthz")
async def healthz() -> ASGIResponse:
    """Say that this process answers, whatever the state of its database."""
    return ASGIResponse(body=b'{"status":"ok"}')


@get("/readyz")
async def readyz(request: AnyRequest) -> ASGIResponse:
    """Say whether requests can be served: the database answers and its schema is this program's."""
    try:
        await request.app.state.reception.read(check_store)
    except (Unavailable, OldSchema) as error:
        return ASGIResponse(
            body=msgspec.json.encode({"status": "unavailable", "reason": str(error)}), status_code=503
        )
    return ASGIResponse(body=b'{"status":"ready"}')


@get("/metrics")
async def metrics(request: AnyRequest) -> ASGIResponse:
    """Expose this server's own metrics in Prometheus' text format."""
    body, media_type = exposition(several_processes=request.app.state.several_processes)
    return ASGIResponse(body=body, media_type=media_type)


@get("/api/fairlead/v1/openapi.json")
async def openapi(request: AnyRequest) -> ASGIResponse:
    """Return the OpenAPI document of this server."""
    return ASGIResponse(body=request.app.state.openapi())


HANDLERS: Sequence[HTTPRouteHandler] = (healthz, readyz, metrics, openapi)
