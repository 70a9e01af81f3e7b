"""How LaunchDarkly proves that a delivery is its own: `X-LD-Signature`.

The header is the hexadecimal HMAC-SHA-256 of the body as it was sent, with the text of the secret as
key. Source: LaunchDarkly's documentation, "Webhooks", on signed webhooks.
"""

import hashlib
import hmac
import re

from fairlead.domain.errors import Stranger
from fairlead.domain.hooks import Hook
from fairlead.intake.hooks import Headers, header

_HEADER = b"x-ld-signature"
_SIGNATURE = re.compile(r"[0-9a-f]{64}", re.ASCII)


def require_signature(headers: Headers) -> None:
    """Refuse what cannot be proved, before its body is read.

    Raises:
        Stranger: there is no signature.
    """
    if not _SIGNATURE.fullmatch(header(headers, _HEADER).lower()):
        raise Stranger(keyless=True)


def prove(hook: Hook, headers: Headers, body: bytes) -> None:
    """Check the signature of a body.

    Raises:
        Stranger: it was not made with the hook's secret.
    """
    given = header(headers, _HEADER).lower().encode()
    if not hmac.compare_digest(signature(hook.secret, body).encode(), given):
        raise Stranger


def signature(secret: str, body: bytes) -> str:
    """Return what LaunchDarkly sends along with `body`."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
