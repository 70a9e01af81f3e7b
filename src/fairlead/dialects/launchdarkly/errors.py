"""How LaunchDarkly refuses: a code and a message; Engineering Insights adds which attributes are wrong.

Source: the schemas of `ld-openapi.json` and the codes that `ld-find-code-refs` 2.17 switches on. Its
clients tell errors apart by status; `ld-find-code-refs` also looks at `updateSequenceId_conflict`.
"""

from http import HTTPStatus

import msgspec

from fairlead.dialects.launchdarkly.wire import Fault, InvalidRefusal, Refusal
from fairlead.domain.errors import (
    Conflict,
    FairleadError,
    NotFound,
    NotPermitted,
    OldSchema,
    Rejected,
    Stranger,
    TooLarge,
    TooMany,
    Unavailable,
)
from fairlead.domain.instants import NS_PER_MS
from fairlead.intake.allowances import Allowance


class PatchFailed(FairleadError):
    """The patch does not fit what is there."""


class SequenceConflict(FairleadError):
    """The branch was told of with a higher updateSequenceId already."""


_STATUS: dict[type[FairleadError], HTTPStatus] = {
    Rejected: HTTPStatus.BAD_REQUEST,
    Conflict: HTTPStatus.CONFLICT,
    SequenceConflict: HTTPStatus.CONFLICT,
    PatchFailed: HTTPStatus.UNPROCESSABLE_ENTITY,
    Stranger: HTTPStatus.UNAUTHORIZED,
    NotPermitted: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    OldSchema: HTTPStatus.SERVICE_UNAVAILABLE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    FairleadError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_CODE = {
    HTTPStatus.BAD_REQUEST: "invalid_request",
    HTTPStatus.UNAUTHORIZED: "unauthorized",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.METHOD_NOT_ALLOWED: "method_not_allowed",
    HTTPStatus.CONFLICT: "optimistic_locking_error",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "request_entity_too_large",
    HTTPStatus.UNPROCESSABLE_ENTITY: "patch_failed",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limited",
    HTTPStatus.SERVICE_UNAVAILABLE: "service_unavailable",
    HTTPStatus.INTERNAL_SERVER_ERROR: "internal_service_error",
}
_WHOLE_BODY = "body"


def refusal(error: FairleadError) -> tuple[HTTPStatus, bytes]:
    """Return the status and the body that say `error`."""
    status = _STATUS[type(error)]
    code = "updateSequenceId_conflict" if isinstance(error, SequenceConflict) else _CODE[status]
    return status, msgspec.json.encode(Refusal(code, str(error)))


def insights_refusal(error: FairleadError) -> tuple[HTTPStatus, bytes]:
    """Return the same for Engineering Insights, whose 400 names the attributes at fault."""
    if not isinstance(error, Rejected):
        return refusal(error)
    status = HTTPStatus.BAD_REQUEST
    faults = [Fault(error.field or _WHOLE_BODY, _reason(error))]
    return status, msgspec.json.encode(InvalidRefusal(_CODE[status], str(error), faults))


def error_body(status: HTTPStatus, detail: str) -> bytes:
    """Return the body that goes with a status that no error of ours stands for."""
    code = _CODE.get(status, status.phrase.lower().replace(" ", "_"))
    return msgspec.json.encode(Refusal(code, detail))


def rate_headers(allowance: Allowance) -> dict[str, str]:
    """Return the headers of whichever limit is the scarcer; every reset is in epoch milliseconds.

    `X-Ratelimit-Reset` goes with each, because `ld-find-code-refs` sleeps until it whatever the limit.
    """
    name, own_reset = ("Auth-Token", True) if allowance.name == "key" else ("Global", False)
    reset_ms = str(allowance.resets_at // NS_PER_MS)
    headers = {
        f"X-Ratelimit-{name}-Limit": str(allowance.limit),
        f"X-Ratelimit-{name}-Remaining": str(allowance.remaining),
        "X-Ratelimit-Reset": reset_ms,
    }
    return headers | ({f"X-Ratelimit-{name}-Reset": reset_ms} if own_reset else {})


def _reason(error: Rejected) -> str:
    """Return what is wrong without the name of the attribute in front, which stands beside it."""
    for opening in (f'attribute "{error.field}" ', f'query parameter "{error.field}" '):
        if str(error).startswith(opening):
            return str(error).removeprefix(opening)
    return str(error)
