"""Preferences of one browser: light or dark, and the time zone. Kept in cookies, not on the server."""

from collections.abc import Sequence

from litestar import post
from litestar.handlers import HTTPRouteHandler

from fairlead.domain.errors import Rejected
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.web.drawing import go_to
from fairlead.web.threshold import way_back
from fairlead.web.visit import THEME_COOKIE, THEMES, ZONE_COOKIE, Visit, known_zones

_YEAR_S = 31_536_000


@post("/preferences")
async def prefer(request: AnyRequest) -> Answer:
    """Keep a choice and go back to the page it was made on."""
    visit = await Visit.begin(request)
    form = await visit.form()
    theme, zone = form.text("theme"), form.text("zone")
    if theme in THEMES:
        cookie = f"{THEME_COOKIE}={theme}"
    elif zone in known_zones():
        cookie = f"{ZONE_COOKIE}={zone.replace('/', '%2F')}"
    else:
        raise Rejected("there is no such choice")
    kept = f"{cookie}; Path=/; Max-Age={_YEAR_S}; SameSite=Lax"
    return go_to(way_back(form.text("back")), kept)


HANDLERS: Sequence[HTTPRouteHandler] = (prefer,)
