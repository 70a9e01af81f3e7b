"""How PagerDuty proves that a delivery is its own: `X-PagerDuty-Signature`.

The header lists `v1=` and the hexadecimal HMAC-SHA-256 of the body, one for each secret that is good
just now. Source: PagerDuty's page "Verifying signatures".
"""

import hashlib
import hmac
import re

from fairlead.domain.errors import Stranger
from fairlead.domain.hooks import Hook
from fairlead.intake.hooks import Headers, header

_HEADER = b"x-pagerduty-signature"
_SIGNATURE = re.compile(r"v1=[0-9a-f]{64}", re.ASCII)


def require_signature(headers: Headers) -> None:
    """Refuse what cannot be proved, before its body is read.

    Raises:
        Stranger: there is no signature.
    """
    if not _given(headers):
        raise Stranger(keyless=True)


def prove(hook: Hook, headers: Headers, body: bytes) -> None:
    """Check the signatures of a body.

    Raises:
        Stranger: none was made with the hook's secret.
    """
    wanted = signature(hook.secret, body)
    if not any(hmac.compare_digest(wanted, one) for one in _given(headers)):
        raise Stranger


def signature(secret: str, body: bytes) -> str:
    """Return what PagerDuty sends along with `body`."""
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _given(headers: Headers) -> list[str]:
    parts = (part.strip() for part in header(headers, _HEADER).split(","))
    return [part for part in parts if _SIGNATURE.fullmatch(part)]
