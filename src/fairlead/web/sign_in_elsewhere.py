"""Sign in with an OpenID Connect provider: out to it, and back with whom it vouches for."""

import base64
from collections.abc import Sequence
from hmac import compare_digest
from typing import TYPE_CHECKING, Final

import msgspec
from litestar import get
from litestar.handlers import HTTPRouteHandler

from fairlead.domain.access import organisation_id
from fairlead.domain.errors import NotFound, NotPermitted
from fairlead.domain.members import Member, Role, require_email, require_name
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.reception import Reception
from fairlead.intake.sessions import cookies_of
from fairlead.usecases.welcome_subject import Subject, welcome_subjects
from fairlead.web.desk import Desk
from fairlead.web.drawing import go_to
from fairlead.web.errands import Errand
from fairlead.web.forms import Form, fields_in
from fairlead.web.sign_in import let_in
from fairlead.web.threshold import way_back
from fairlead.web.visit import address_of

if TYPE_CHECKING:
    from fairlead.web.provider import Provider

_COOKIE: Final = "fairlead_errand"
_LASTS_S: Final = 600
_CHANCE_BYTES: Final = 24
_VERIFIER_BYTES: Final = 48
_RETURN: Final = "/sign-in/return"
_decode = msgspec.json.Decoder(Errand).decode


@get("/sign-in/elsewhere")
async def leave(request: AnyRequest) -> Answer:
    """Send the browser to the provider."""
    provider, reception = _provider(request)
    wanted = way_back(Form(fields_in(request.scope["query_string"])).text("next"))
    errand = Errand(
        state=_text(reception.chance(_CHANCE_BYTES)),
        nonce=_text(reception.chance(_CHANCE_BYTES)),
        verifier=_text(reception.chance(_VERIFIER_BYTES)),
        wanted=wanted,
    )
    where = await provider.address(errand, address_of(request, reception) + _RETURN)
    kept = _text(msgspec.json.encode(errand))
    return go_to(where, _cookie(request, reception, kept))


@get(_RETURN)
async def come_back(request: AnyRequest) -> Answer:
    """Let in whom the provider vouches for."""
    provider, reception = _provider(request)
    asked = Form(fields_in(request.scope["query_string"]))
    errand = _errand(request)
    if errand is None or not compare_digest(asked.text("state").encode(), errand.state.encode()):
        raise NotPermitted("this sign-in was begun in another browser, or too long ago; begin again")
    if asked.text("error") or not asked.text("code"):
        raise NotPermitted("the provider did not let you in")
    vouched = await provider.vouched(errand, asked.text("code"), address_of(request, reception) + _RETURN)
    settings = reception.settings
    subject = Subject(
        org_id=organisation_id(settings.oidc_organisation),
        name_there=vouched.name_there,
        email=require_email(vouched.email),
        email_is_verified=vouched.email_is_verified,
        name=require_name(vouched.name),
        role=None if settings.oidc_role == "none" else Role(settings.oidc_role),
        chance=reception.chance(10),
        at=reception.now(),
    )
    member: Member = await reception.write(welcome_subjects, subject)
    return await let_in(request, member, errand.wanted)


def _provider(request: AnyRequest) -> "tuple[Provider, Reception]":
    desk: Desk = request.app.state.desk
    if desk.provider is None:
        raise NotFound("people sign in here with local accounts alone")
    return desk.provider, request.app.state.reception


def _errand(request: AnyRequest) -> Errand | None:
    text = cookies_of(request).get(_COOKIE, "")
    try:
        return _decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, msgspec.MsgspecError):
        return None


def _cookie(request: AnyRequest, reception: Reception, kept: str) -> str:
    secure = "; Secure" if address_of(request, reception).startswith("https:") else ""
    return f"{_COOKIE}={kept}; Path=/sign-in; Max-Age={_LASTS_S}; HttpOnly; SameSite=Lax{secure}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


HANDLERS: Sequence[HTTPRouteHandler] = (leave, come_back)
