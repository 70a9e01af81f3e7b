"""Where the address of the server itself leads."""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.web.drawing import go_to
from fairlead.web.visit import Visit


@get("/")
async def home(request: AnyRequest) -> Answer:
    """Go to the deployments."""
    await Visit.begin(request)
    return go_to("/deployments")


@get("/settings")
async def settings(request: AnyRequest) -> Answer:
    """Go to the first of the settings."""
    await Visit.begin(request)
    return go_to("/settings/members")


HANDLERS: Sequence[HTTPRouteHandler] = (home, settings)
