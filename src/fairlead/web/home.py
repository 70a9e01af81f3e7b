"""Where the name of a section alone leads."""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.web.drawing import go_to
from fairlead.web.visit import Visit


@get("/settings")
async def settings(request: AnyRequest) -> Answer:
    """Go to the first of the settings."""
    await Visit.begin(request)
    return go_to("/settings/rules")


HANDLERS: Sequence[HTTPRouteHandler] = (settings,)
