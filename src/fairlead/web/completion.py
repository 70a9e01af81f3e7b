"""What the search bar asks while somebody writes: how to go on, and whether it is right so far."""

from collections.abc import Sequence

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from fairlead.domain.access import Permission
from fairlead.domain.errors import Rejected
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.search.limits import LONGEST
from fairlead.usecases.complete_search import NOUNS, complete_search
from fairlead.web.drawing import page_answer
from fairlead.web.searches import read_search
from fairlead.web.visit import Visit


@get("/completion")
async def complete(request: AnyRequest) -> Answer:
    """Return suggestions for the word before the cursor, and what is wrong with the whole."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    text = next(iter(visit.fields.get("query", ())), "")
    noun, cursor = visit.asked("noun", NOUNS[0]), visit.asked("cursor", str(len(text)))
    if noun not in NOUNS or not cursor.isascii() or not cursor.isdigit() or len(text) > LONGEST:
        raise Rejected("there is nothing to complete")
    place = min(int(cursor), len(text))
    found = await visit.reception.read(complete_search, visit.org_id, noun, text, place)
    search = read_search(text.strip())
    wrong = {"detail": search.detail, "position": search.position} if search.is_wrong else None
    told = msgspec.json.encode({"suggestions": found, "wrong": wrong})
    return page_answer(request, told, media_type="application/json")


HANDLERS: Sequence[HTTPRouteHandler] = (complete,)
