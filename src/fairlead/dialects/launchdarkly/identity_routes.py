"""Who a token is (`GET /api/v2/caller-identity`): the shortest way to see that an address is right."""

from collections.abc import Sequence

from litestar import get
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.launchdarkly.credentials import operation
from fairlead.dialects.launchdarkly.exchange import Exchange
from fairlead.dialects.launchdarkly.wire import Identity
from fairlead.domain.access import EVERY_PERMISSION
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest


@get("/api/v2/caller-identity", opt=operation("getCallerIdentity", None, Identity))
async def fetch_identity(request: AnyRequest) -> Answer:
    """Return whose token was shown and what it may do."""
    exchange = await Exchange.begin(request, *EVERY_PERMISSION)
    caller = exchange.caller
    told = Identity(
        account_id=str(caller.org_id),
        auth_kind="token",
        token_kind="auth",  # noqa: S106 — a kind, not a secret.
        token_id=caller.key_id,
        scopes=sorted(permission.value for permission in caller.permissions),
    )
    return exchange.answer(told)


HANDLERS: Sequence[HTTPRouteHandler] = (fetch_identity,)
