"""Welcome: what a link that works once leads to: a new member, or a new password."""

import asyncio
from collections.abc import Sequence

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.domain.access import Organisation
from fairlead.domain.errors import Conflict, NotFound, Rejected
from fairlead.domain.members import (
    Link,
    Member,
    TokenKind,
    require_email,
    require_name,
    token_digest,
    token_owner,
)
from fairlead.domain.passwords import SALT_BYTES, SHORTEST, hashed, require_password
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, read_body
from fairlead.intake.reception import Reception
from fairlead.intake.sessions import require_own_origin
from fairlead.usecases.make_link import find_link
from fairlead.usecases.take_link import LinkTaken, take_links
from fairlead.web.drawing import go_to
from fairlead.web.forms import Form, fields_in
from fairlead.web.threshold import HOME, new_session, outside, session_cookie

_LARGEST = 8_192
_CHANCE_BYTES = 20
Found = tuple[Link, Organisation, Member | None]


@get("/welcome/{token:str}")
async def show_welcome(request: AnyRequest, token: FromPath[str]) -> Answer:
    """Show what the link is for."""
    found = await _found(request, token)
    if found is None:
        return outside(request, "welcome_over.html", status=404)
    return _page(request, found, Form({}))


@post("/welcome/{token:str}")
async def take_welcome(request: AnyRequest, token: FromPath[str]) -> Answer:
    """Make the member, or set the password, and let them in."""
    reception: Reception = request.app.state.reception
    require_own_origin(request, reception.settings.public_url)
    form = Form(fields_in(await read_body(request, _LARGEST)))
    found = await _found(request, token)
    if found is None:
        return outside(request, "welcome_over.html", status=404)
    session, expires_at = new_session(reception, found[0].org_id)
    try:
        taken = await _taken(reception, found, form, session, expires_at)
        await reception.write(take_links, taken)
    except (Rejected, Conflict) as error:
        return _page(request, found, form, str(error), getattr(error, "field", "email"))
    except NotFound:
        return outside(request, "welcome_over.html", status=404)
    return go_to(HOME, session_cookie(request, reception, session))


async def _found(request: AnyRequest, token: str) -> Found | None:
    reception: Reception = request.app.state.reception
    org_id = token_owner(TokenKind.LINK, token)
    if org_id is None:
        return None
    return await reception.read(find_link, org_id, token_digest(token), reception.now())


async def _taken(reception: Reception, found: Found, form: Form, session: str, expires_at: int) -> LinkTaken:
    link, _, member = found
    email = require_email(form.text("email")) if member is None else member.email
    name = require_name(form.text("name")) if member is None else member.name
    password = require_password(form.secret("password"))
    if password != form.secret("again"):
        raise Rejected("the two passwords differ", field="again")
    return LinkTaken(
        org_id=link.org_id,
        digest=link.digest,
        email=email,
        name=name,
        password_hash=await asyncio.to_thread(hashed, password, reception.chance(SALT_BYTES)),
        session_digest=token_digest(session),
        session_expires_at=expires_at,
        chance=reception.chance(_CHANCE_BYTES),
        at=reception.now(),
    )


def _page(request: AnyRequest, found: Found, form: Form, complaint: str = "", field: str = "") -> Answer:
    link, organisation, member = found
    return outside(
        request,
        "welcome.html",
        status=400 if complaint else 200,
        role=link.role.value,
        organisation=organisation.name,
        member=member,
        email=form.text("email"),
        name=form.text("name"),
        complaint=complaint,
        field=field,
        shortest=SHORTEST,
    )


HANDLERS: Sequence[HTTPRouteHandler] = (show_welcome, take_welcome)
