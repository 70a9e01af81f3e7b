"""Who calls, in Datadog's headers: `DD-API-KEY`, `DD-APPLICATION-KEY`, `Authorization: Bearer`.

A sender of facts shows an API key alone. Everybody else shows an API key and an application key
of the same organisation, or a token. With all three sent, the keys count and the token is not
looked at, unless the keys are not both there.
"""

from urllib.parse import parse_qs

from fairlead.domain.access import KeyKind, Permission
from fairlead.domain.errors import NotPermitted, Stranger
from fairlead.intake.body import AnyRequest, headers_of
from fairlead.intake.callers import Caller, Callers

API_KEY = b"dd-api-key"
APP_KEY = b"dd-application-key"
AUTHORIZATION = b"authorization"


async def sender(callers: Callers, request: AnyRequest) -> Caller:
    """Return the owner of the API key.

    Raises:
        Stranger: there is no API key, or it is not valid.
    """
    return await _owner(callers, headers_of(request).get(API_KEY, b"").decode("latin-1"))


async def sender_by_query(callers: Callers, request: AnyRequest) -> Caller:
    """Return the owner of the API key where clients put it into the address, as the oldest API lets them.

    Raises:
        Stranger: there is no API key, or it is not valid.
    """
    shown = parse_qs(request.scope["query_string"].decode("latin-1")).get("api_key", [""])
    return await _owner(callers, shown[0])


async def member(callers: Callers, request: AnyRequest, permission: Permission) -> Caller:
    """Return the owner of the application key or token, who may do what `permission` names.

    Raises:
        Stranger: a key is missing or not valid, or the two are not of one organisation.
        NotPermitted: the key lacks the permission.
    """
    caller = await _application(callers, request)
    if permission not in caller.permissions:
        detail = f"this key lacks the permission {permission.value}"
        raise NotPermitted(detail)
    return caller


async def _application(callers: Callers, request: AnyRequest) -> Caller:
    headers = headers_of(request)
    app_key = headers.get(APP_KEY, b"").decode("latin-1")
    if app_key and headers.get(API_KEY):
        owner = await sender(callers, request)
        application = await callers.caller(app_key)
        if application is None or application.kind is not KeyKind.APP or application.org_id != owner.org_id:
            raise Stranger
        return application
    scheme, _, token = headers.get(AUTHORIZATION, b"").decode("latin-1").partition(" ")
    if scheme.lower() == "bearer" and token:
        bearer = await callers.caller(token.strip())
        if bearer is None or bearer.kind is not KeyKind.ACCESS_TOKEN:
            raise Stranger
        return bearer
    raise Stranger(keyless=not headers.get(API_KEY))


async def _owner(callers: Callers, text: str) -> Caller:
    if not text:
        raise Stranger(keyless=True)
    caller = callers.remembered(text) or await callers.caller(text)
    if caller is None or caller.kind is not KeyKind.API:
        raise Stranger
    return caller
