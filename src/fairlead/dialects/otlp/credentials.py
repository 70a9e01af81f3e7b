"""Who sends spans: an API key in `DD-API-KEY`, or any key in `Authorization`, bare or `Bearer`.

Exporters can be given headers and little else, so one header has to be enough. A key that comes
percent-encoded, as the environment of an exporter asks for it, is one without such characters.
"""

from fairlead.domain.access import KeyKind, Permission
from fairlead.domain.errors import NotPermitted, Stranger
from fairlead.intake.body import AnyRequest, headers_of
from fairlead.intake.callers import Caller, Callers


async def sender(callers: Callers, request: AnyRequest) -> Caller:
    """Return who sends facts.

    Raises:
        Stranger: no valid key was shown.
        NotPermitted: an access token was shown that may not write.
    """
    shown = _shown(request)
    caller = (callers.remembered(shown) or await callers.caller(shown)) if shown else None
    if caller is None or caller.kind is KeyKind.APP:
        raise Stranger(keyless=not shown)
    if caller.kind is KeyKind.ACCESS_TOKEN and Permission.DORA_METRICS_WRITE not in caller.permissions:
        raise NotPermitted(f"this token lacks the permission {Permission.DORA_METRICS_WRITE.value}")
    return caller


def _shown(request: AnyRequest) -> str:
    headers = headers_of(request)
    key = headers.get(b"dd-api-key", b"").decode("latin-1").strip()
    if key:
        return key
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" else scheme
