"""One failure: what was told of it, the deployments before it, and what people say about them."""

from collections.abc import Sequence

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.domain.access import Permission
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.show_failure import show_failure
from fairlead.web.addresses import address, deployment_address, failure_address
from fairlead.web.source_addresses import commit_address
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
        back=address(failure_address(failure.id), {"done": "decided"}),
        commit=commit_address(failure.repository_id, failure.commit_sha) if failure.commit_sha else "",
        deployment_address=deployment_address,
        received=msgspec.json.format(failure.fact, indent=2),
    )


HANDLERS: Sequence[HTTPRouteHandler] = (show_one,)
