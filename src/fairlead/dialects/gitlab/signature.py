"""How GitLab proves that a delivery is its own: a token sent along, or a signature.

The secret token comes as it is in `X-Gitlab-Token`. Since GitLab 19 a webhook can have a signing
token instead: then `webhook-signature` holds `v1,` and the base64 HMAC-SHA-256 of
`<webhook-id>.<webhook-timestamp>.<body>`, as the Standard Webhooks specification has it. The ids
are sent either way, the signature only with a signing token; a delivery that has one is held to it.
Sources: GitLab's page "Webhooks", and its merge request 230944. The age of the timestamp is not
looked at: the same delivery a second time changes nothing.
"""

import base64
import hashlib
import hmac

from fairlead.domain.errors import Stranger
from fairlead.domain.hooks import Hook, signing_key
from fairlead.intake.hooks import Headers, header

_TOKEN = b"x-gitlab-token"
_SIGNATURE = b"webhook-signature"


def require_token(hook: Hook, headers: Headers) -> None:
    """Refuse what cannot be proved, before its body is read.

    Raises:
        Stranger: there is neither a signature nor the hook's secret token.
    """
    if header(headers, _SIGNATURE):
        return
    given = header(headers, _TOKEN)
    if not given:
        raise Stranger(keyless=True)
    if not hmac.compare_digest(hook.secret.encode(), given.encode()):
        raise Stranger


def prove(hook: Hook, headers: Headers, body: bytes) -> None:
    """Check the signature of a body, or the token where there is no signature.

    Raises:
        Stranger: it was not made with the hook's secret.
    """
    require_token(hook, headers)
    given = header(headers, _SIGNATURE).split()
    if not given:
        return
    wanted = signature(hook.secret, headers, body).encode()
    if not any(hmac.compare_digest(wanted, one.encode()) for one in given):
        raise Stranger


def signature(secret: str, headers: Headers, body: bytes) -> str:
    """Return what GitLab sends along with `body` and the ids in `headers`."""
    ids = headers.get(b"webhook-id", b"") + b"." + headers.get(b"webhook-timestamp", b"") + b"."
    made = hmac.new(signing_key(secret), ids + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(made).decode()
