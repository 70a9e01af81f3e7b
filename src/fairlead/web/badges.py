"""Badges: one metric as a small picture, for a page elsewhere.

Whoever shows one has an access token that may read in the address, or is signed in.
"""

from collections.abc import Sequence
from typing import Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from markupsafe import escape

from fairlead.domain.access import KeyKind, OrgId, Permission
from fairlead.domain.errors import NotFound, NotPermitted, Rejected, Stranger
from fairlead.domain.instants import NS_PER_S
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.reception import Reception
from fairlead.intake.sessions import visitor_of
from fairlead.metrics.level_tables import Level
from fairlead.search.tree import Everything
from fairlead.usecases.keep_level_year import find_level_year
from fairlead.usecases.measure_delivery import Question, measure_delivery
from fairlead.web.forms import Form, fields_in
from fairlead.web.searches import read_search
from fairlead.web.spans import PRESETS, USUAL
from fairlead.web.tiles import METRICS, tiles

_DAY_NS: Final = 86_400 * NS_PER_S
_COLOURS: Final = {
    Level.ELITE: "#17693f",
    Level.HIGH: "#17693f",
    Level.MEDIUM: "#7a5200",
    Level.LOW: "#a8231b",
}
_PLAIN: Final = "#0b6b74"
_SIGN_WIDTH: Final = 6.6
_MARGIN: Final = 9
_HEADERS: Final = {
    "Cache-Control": "private, max-age=300",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@get("/badge/{name:str}")
async def badge(request: AnyRequest, name: FromPath[str]) -> Answer:
    """Return a badge of a metric over the last 90 days, or as many as `range` says."""
    asked = Form(fields_in(request.scope["query_string"]))
    org_id = await _org_id(request, asked.text("token"))
    metric = name.removesuffix(".svg")
    if metric == name or metric not in METRICS:
        raise NotFound(f"there are badges of {', '.join(f'{one}.svg' for one in METRICS)}")
    search, preset = read_search(asked.text("query")), asked.text("range") or USUAL
    if search.is_wrong:
        raise Rejected(search.detail, field="query")
    if preset not in PRESETS:
        raise Rejected(f"the range must be one of {', '.join(PRESETS)}", field="range")
    reception: Reception = request.app.state.reception
    now = reception.now() + NS_PER_S
    question = Question(
        org_id=org_id,
        from_at=now - PRESETS[preset][1] * _DAY_NS,
        until_at=now,
        where=search.tree or Everything(),
    )
    [group] = (await reception.read(measure_delivery, question)).groups
    year = await reception.read(find_level_year, org_id)
    [tile] = [one for one in tiles(group.summary, None, year) if one.name == metric]
    colour = _PLAIN if tile.level is None else _COLOURS[tile.level]
    return Answer(200, drawn(tile.title.lower(), tile.said, colour), "image/svg+xml", _HEADERS)


def drawn(title: str, said: str, colour: str) -> bytes:
    """Return a badge: a title on grey, and what is said on a colour."""
    left = round(len(title) * _SIGN_WIDTH) + 2 * _MARGIN
    right = round(len(said) * _SIGN_WIDTH) + 2 * _MARGIN
    text = escape(f"{title}: {said}")
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" aria-label="{text}">
<title>{text}</title>
<clipPath id="r"><rect width="{left + right}" height="20" rx="4"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#3c4652"/>
<rect x="{left}" width="{right}" height="20" fill="{colour}"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
<text x="{left / 2}" y="14">{escape(title)}</text>
<text x="{left + right / 2}" y="14">{escape(said)}</text></g>
</svg>
""".encode()


async def _org_id(request: AnyRequest, token: str) -> OrgId:
    """Return whose numbers are meant.

    Raises:
        Stranger: nobody is signed in, and there is no valid token.
        NotPermitted: the token may not read.
        TooMany: it has no requests left.
    """
    reception: Reception = request.app.state.reception
    if not token:
        visitor = await visitor_of(reception, request)
        if visitor is None:
            raise Stranger
        return visitor.org_id
    caller = await reception.callers.caller(token)
    if caller is None or caller.kind is not KeyKind.ACCESS_TOKEN:
        raise NotPermitted("this is no access token")
    if Permission.DORA_METRICS_READ not in caller.permissions:
        raise NotPermitted(f"this token lacks the permission {Permission.DORA_METRICS_READ.value}")
    await reception.admit(request, caller)
    return caller.org_id


HANDLERS: Sequence[HTTPRouteHandler] = (badge,)
