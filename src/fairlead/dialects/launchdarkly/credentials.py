"""Who calls: an access token in `Authorization`, bare as LaunchDarkly's clients send it, or with `Bearer`."""

from functools import partial

from fairlead.domain.access import KeyKind, Permission
from fairlead.domain.errors import NotPermitted, Stranger
from fairlead.intake.body import AnyRequest, headers_of
from fairlead.intake.callers import Caller, Callers
from fairlead.intake.openapi import operation as _operation

operation = partial(_operation, token_alone=True)
"""An operation of this dialect, as the OpenAPI document tells it."""


async def member(callers: Callers, request: AnyRequest, *permissions: Permission) -> Caller:
    """Return whose access token was shown, which has one of `permissions`.

    Raises:
        Stranger: there is no access token, or it is not valid.
        NotPermitted: it has none of the permissions.
    """
    told = headers_of(request).get(b"authorization", b"").decode("latin-1").strip()
    scheme, _, token = told.partition(" ")
    text = token.strip() if scheme.lower() == "bearer" else told
    caller = await callers.caller(text) if text else None
    if caller is None or caller.kind is not KeyKind.ACCESS_TOKEN:
        raise Stranger("invalid access token", keyless=not text)
    if caller.permissions.isdisjoint(permissions):
        wanted = " or ".join(permission.value for permission in permissions)
        detail = f"this access token lacks the permission {wanted}"
        raise NotPermitted(detail)
    return caller
