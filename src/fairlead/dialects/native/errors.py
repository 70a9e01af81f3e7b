"""How Fairlead itself refuses: one shape, `{"error": {"code", "detail", "field"}}`."""

from http import HTTPStatus

import msgspec

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

_SAID: dict[type[FairleadError], tuple[HTTPStatus, str]] = {
    Rejected: (HTTPStatus.BAD_REQUEST, "rejected"),
    Conflict: (HTTPStatus.CONFLICT, "conflict"),
    Stranger: (HTTPStatus.UNAUTHORIZED, "stranger"),
    NotPermitted: (HTTPStatus.FORBIDDEN, "not_permitted"),
    NotFound: (HTTPStatus.NOT_FOUND, "not_found"),
    TooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large"),
    TooMany: (HTTPStatus.TOO_MANY_REQUESTS, "too_many"),
    OldSchema: (HTTPStatus.SERVICE_UNAVAILABLE, "old_schema"),
    Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "unavailable"),
    FairleadError: (HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected"),
}


def refusal(error: FairleadError) -> tuple[HTTPStatus, bytes]:
    """Return the status and the body that say `error` in Fairlead's own API."""
    status, code = _SAID[type(error)]
    return status, _body(code, str(error), getattr(error, "field", ""))


def error_body(status: HTTPStatus, detail: str) -> bytes:
    """Return the body for a status that no error of ours stands for."""
    return _body(status.name.lower(), detail)


def rate_headers(allowance: Allowance) -> dict[str, str]:
    """Return the `RateLimit` header of the IETF's draft: requests left, and seconds until all are back."""
    return {"RateLimit": f"{allowance.name};r={allowance.remaining};t={allowance.reset_s}"}


def _body(code: str, detail: str, field: str = "") -> bytes:
    return msgspec.json.encode({"error": {"code": code, "detail": detail, "field": field or None}})
