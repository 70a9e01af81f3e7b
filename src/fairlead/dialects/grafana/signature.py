"""How Grafana proves that a delivery is its own: `X-Grafana-Alerting-Signature`, or a shown secret.

The header is the hexadecimal HMAC-SHA-256 of the body with the text of the secret as key; where the
contact point names a header for the time, of that time, a colon and the body. Source: Grafana's page
"Configure the webhook notifier for Alerting". Versions before 12 can only show the secret.
"""

import hashlib
import hmac
import re

from fairlead.domain.errors import Stranger
from fairlead.domain.hooks import Hook
from fairlead.intake.hooks import Headers, header
from fairlead.intake.shared_secret import require_secret

SIGNATURE = b"x-grafana-alerting-signature"
TIMESTAMP = b"x-grafana-alerting-signature-timestamp"
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


def require_proof(hook: Hook, headers: Headers) -> None:
    """Refuse what cannot be proved, before its body is read.

    Raises:
        Stranger: there is neither a signature nor the secret.
    """
    given = header(headers, SIGNATURE)
    if not given:
        require_secret(hook, headers)
    elif not _HEX.fullmatch(given):
        raise Stranger


def prove(hook: Hook, headers: Headers, body: bytes) -> None:
    """Check the signature of a body, or the secret where there is no signature.

    Raises:
        Stranger: it was not made with the hook's secret.
    """
    require_proof(hook, headers)
    given = header(headers, SIGNATURE)
    if given and not hmac.compare_digest(signature(hook.secret, body, header(headers, TIMESTAMP)), given):
        raise Stranger


def signature(secret: str, body: bytes, timestamp: str = "") -> str:
    """Return what Grafana sends along with `body`."""
    signed = f"{timestamp}:".encode() + body if timestamp else body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
