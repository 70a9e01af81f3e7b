"""How Datadog refuses: two body shapes, and which error takes which.

Shape A (JSON:API objects) is for what the caller can correct, shape B (a list of texts) for
access and rate. Source: the recorded errors and the OpenAPI document of `datadog-api-client`
2.62.0. A rejected event is always a 400: `datadog-ci` reports success on 404, 409, 422 and 429.
"""

from http import HTTPStatus

import msgspec

from fairlead.dialects.datadog.wire import DetailedErrors, ErrorObject, ObjectErrors, TextErrors
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
from fairlead.intake.allowances import Allowance

MEDIA_TYPE = "application/vnd.api+json"

_STATUS: dict[type[FairleadError], HTTPStatus] = {
    Rejected: HTTPStatus.BAD_REQUEST,
    Conflict: HTTPStatus.BAD_REQUEST,
    Stranger: HTTPStatus.FORBIDDEN,
    NotPermitted: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    OldSchema: HTTPStatus.SERVICE_UNAVAILABLE,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    FairleadError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_IN_SHAPE_B = {HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS}


def refusal(error: FairleadError) -> tuple[HTTPStatus, bytes]:
    """Return the status and the body that say `error` to a Datadog client."""
    status = _STATUS[type(error)]
    if status in _IN_SHAPE_B:
        return status, msgspec.json.encode(TextErrors(_texts(error, status)))
    return status, object_error(status, str(error))


def text_refusal(error: FairleadError) -> tuple[HTTPStatus, bytes]:
    """Return the same for operations that know shape B alone."""
    status = _STATUS[type(error)]
    if status in _IN_SHAPE_B:
        return status, msgspec.json.encode(TextErrors(_texts(error, status)))
    return status, text_error(status, status.phrase if status is HTTPStatus.NOT_FOUND else str(error))


def definition_refusal(error: FairleadError) -> tuple[HTTPStatus, bytes]:
    """Return the same for service definitions, whose 404 was recorded with one key more."""
    status, body = text_refusal(error)
    if status is HTTPStatus.NOT_FOUND:
        body = msgspec.json.encode(DetailedErrors([status.phrase], [{}]))
    return status, body


def monitor_refusal(error: FairleadError) -> tuple[HTTPStatus, bytes]:
    """Return the same for monitors, whose 404 says what was not found."""
    status = _STATUS[type(error)]
    texts = _texts(error, status) if status in _IN_SHAPE_B else [str(error)]
    return status, msgspec.json.encode(TextErrors(texts))


def object_error(status: HTTPStatus, detail: str) -> bytes:
    """Return a body of shape A."""
    error = ErrorObject(status=str(int(status)), title=status.phrase, detail=detail)
    return msgspec.json.encode(ObjectErrors([error]))


def text_error(_status: HTTPStatus, detail: str) -> bytes:
    """Return a body of shape B."""
    return msgspec.json.encode(TextErrors([detail]))


def rate_headers(allowance: Allowance) -> dict[str, str]:
    """Return the `X-RateLimit-*` headers; the clients read `Reset` as whole seconds to wait."""
    return {
        "X-RateLimit-Limit": str(allowance.limit),
        "X-RateLimit-Period": str(allowance.period_s),
        "X-RateLimit-Remaining": str(allowance.remaining),
        "X-RateLimit-Reset": str(allowance.reset_s),
        "X-RateLimit-Name": allowance.name,
    }


def _texts(error: FairleadError, status: HTTPStatus) -> list[str]:
    """Return the recorded words; a permission that is lacking is told beside them."""
    if isinstance(error, Stranger) and error.keyless:
        return ["API key required"]
    return [status.phrase, str(error)] if isinstance(error, NotPermitted) else [status.phrase]
