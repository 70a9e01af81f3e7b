"""Who calls Fairlead's own API.

Both `DD-` headers, a token in `Authorization`, bare or `Bearer`, or a browser that is signed in.
"""

from fairlead.domain.access import KeyKind, Permission
from fairlead.domain.errors import NotPermitted, Stranger
from fairlead.intake.body import AnyRequest, headers_of
from fairlead.intake.callers import Caller, Callers
from fairlead.intake.reception import Reception
from fairlead.intake.sessions import browser_caller


async def sender(reception: Reception, request: AnyRequest) -> Caller:
    """Return who sends facts: an API key is enough, and so is anything that `member` takes.

    Raises:
        Stranger: nothing valid was shown.
        NotPermitted: a token was shown that may not write.
    """
    caller = await _of_kind(reception.callers, _header(request, b"dd-api-key"), KeyKind.API)
    return caller or await member(reception, request, Permission.DORA_METRICS_WRITE)


async def member(reception: Reception, request: AnyRequest, permission: Permission) -> Caller:
    """Return who may do what `permission` names.

    Raises:
        Stranger: nothing valid was shown, or two keys of different organisations.
        NotPermitted: the permission is lacking, or a page of another server makes a browser ask.
    """
    callers = reception.callers
    caller = await _with_keys(callers, request) or await _with_token(callers, request)
    if caller is None and not _shows_key(request):
        caller = await browser_caller(reception, request)
    if caller is None:
        raise Stranger
    if permission not in caller.permissions:
        detail = f"this key lacks the permission {permission.value}"
        raise NotPermitted(detail)
    return caller


async def _with_keys(callers: Callers, request: AnyRequest) -> Caller | None:
    owner = await _of_kind(callers, _header(request, b"dd-api-key"), KeyKind.API)
    application = await _of_kind(callers, _header(request, b"dd-application-key"), KeyKind.APP)
    if owner is None or application is None or owner.org_id != application.org_id:
        return None
    return application


async def _with_token(callers: Callers, request: AnyRequest) -> Caller | None:
    scheme, _, token = _header(request, b"authorization").partition(" ")
    text = token.strip() if scheme.lower() == "bearer" else scheme
    return await _of_kind(callers, text, KeyKind.ACCESS_TOKEN)


def _shows_key(request: AnyRequest) -> bool:
    """Tell whether a key was sent, valid or not: then nobody else's right counts."""
    return any(_header(request, name) for name in (b"dd-api-key", b"dd-application-key", b"authorization"))


async def _of_kind(callers: Callers, text: str, kind: KeyKind) -> Caller | None:
    caller = await callers.caller(text) if text else None
    return caller if caller is not None and caller.kind is kind else None


def _header(request: AnyRequest, name: bytes) -> str:
    return headers_of(request).get(name, b"").decode("latin-1").strip()
