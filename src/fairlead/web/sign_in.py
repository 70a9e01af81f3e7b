"""Sign in and out."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from fairlead.domain.access import Organisation, OrgId, organisation_id
from fairlead.domain.errors import FairleadError, Rejected, TooMany
from fairlead.domain.members import Member, Session, token_digest
from fairlead.domain.passwords import is_right
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, read_body
from fairlead.intake.reception import Reception
from fairlead.intake.sessions import require_own_origin, visitor_of
from fairlead.usecases.list_members import list_inhabited_organisations
from fairlead.usecases.sign_in import SessionNamed, end_sessions, find_member, start_sessions
from fairlead.web.desk import Desk
from fairlead.web.drawing import go_to
from fairlead.web.forms import Form, fields_in
from fairlead.web.threshold import new_session, outside, session_cookie, way_back
from fairlead.web.visit import Visit

_LARGEST = 8_192


@get("/sign-in")
async def show_sign_in(request: AnyRequest) -> Answer:
    """Show the form, or go on where somebody is signed in already."""
    reception: Reception = request.app.state.reception
    asked = Form(fields_in(request.scope["query_string"]))
    if await visitor_of(reception, request) is not None:
        return go_to(way_back(asked.text("next")))
    return await _sign_in_page(request, asked)


@post("/sign-in")
async def sign_in(request: AnyRequest) -> Answer:
    """Let somebody in who has the right password."""
    reception: Reception = request.app.state.reception
    require_own_origin(request, reception.settings.public_url)
    form = Form(fields_in(await read_body(request, _LARGEST)))
    try:
        member = await _known(request, form)
    except (TooMany, Rejected) as error:
        return await _sign_in_page(request, form, str(error))
    return await let_in(request, member, form.text("next"))


async def let_in(request: AnyRequest, member: Member, wanted: str) -> Answer:
    """Begin a session and go on to the page that was wanted."""
    reception: Reception = request.app.state.reception
    text, expires_at = new_session(reception, member.org_id)
    session = Session(
        org_id=member.org_id,
        digest=token_digest(text),
        member_id=member.id,
        created_at=reception.now(),
        expires_at=expires_at,
    )
    await reception.write(start_sessions, session)
    return go_to(way_back(wanted), session_cookie(request, reception, text))


@post("/sign-out")
async def sign_out(request: AnyRequest) -> Answer:
    """End the session, here and in the database."""
    visit = await Visit.begin(request)
    await visit.form()
    named = SessionNamed(org_id=visit.org_id, digest=token_digest(visit.visitor.session))
    await visit.reception.write(end_sessions, named)
    return go_to("/sign-in", session_cookie(request, visit.reception, ""))


async def _known(request: AnyRequest, form: Form) -> Member:
    """Return the member whose address and password a form has."""
    reception: Reception = request.app.state.reception
    desk: Desk = request.app.state.desk
    email, password = form.text("email").lower(), form.secret("password")
    org_id = _organisation(form.text("organisation"), await reception.read(list_inhabited_organisations))
    account = f"{org_id} {email}"
    desk.attempts.require_left(account)
    member = None if org_id is None else await reception.read(find_member, org_id, email)
    known_hash = "" if member is None else member.password_hash
    if not await asyncio.to_thread(is_right, known_hash, password) or member is None:
        desk.attempts.note_failure(account)
        raise Rejected("address and password do not belong together", field="password")
    desk.attempts.forget(account)
    return member


def _organisation(name: str, inhabited: Sequence[Organisation]) -> OrgId | None:
    """Return the organisation of that name; the only one there is where none is named."""
    if not name:
        return inhabited[0].org_id if len(inhabited) == 1 else None
    try:
        return organisation_id(name)
    except FairleadError:
        return None


async def _sign_in_page(request: AnyRequest, form: Form, complaint: str = "") -> Answer:
    reception: Reception = request.app.state.reception
    inhabited = await reception.read(list_inhabited_organisations)
    return outside(
        request,
        "sign_in.html",
        status=400 if complaint else 200,
        complaint=complaint,
        email=form.text("email"),
        organisation=form.text("organisation"),
        asks_organisation=len(inhabited) > 1,
        nobody_yet=not inhabited,
        elsewhere=urlsplit(reception.settings.oidc_issuer).netloc,
        wanted=way_back(form.text("next")),
    )


HANDLERS: Sequence[HTTPRouteHandler] = (show_sign_in, sign_in, sign_out)
