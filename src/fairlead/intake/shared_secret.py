"""Deliveries that show a secret instead of signing: `Authorization`, Bearer or Basic.

Alertmanager and Grafana can send no more than that, or a header of their own. Not here: those.
"""

import base64
import binascii
import hmac

from fairlead.domain.errors import Stranger
from fairlead.domain.hooks import Hook
from fairlead.intake.hooks import Headers, header

_AUTHORIZATION = b"authorization"


def require_secret(hook: Hook, headers: Headers) -> None:
    """Check the secret that is shown: as a token, or as the password of any user.

    Raises:
        Stranger: none is shown, or another.
    """
    scheme, _, shown = header(headers, _AUTHORIZATION).partition(" ")
    if not shown:
        raise Stranger(keyless=True)
    if scheme.lower() == "basic":
        shown = _password(shown)
    if not hmac.compare_digest(hook.secret.encode(), shown.strip().encode()):
        raise Stranger


def _password(shown: str) -> str:
    try:
        return base64.b64decode(shown, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
