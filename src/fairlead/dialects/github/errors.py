"""How a delivery of GitHub's is refused: one object that people find in its list of deliveries.

GitHub looks at nothing but the status, and delivers again only when somebody asks it to.
"""

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
_STRANGER = "there is no hook at this address, or X-Hub-Signature-256 was not made with its secret"


def refusal(error: FairleadError) -> tuple[HTTPStatus, bytes]:
    """Return the status and the body that say `error`."""
    status, code = _SAID[type(error)]
    # One answer for both, so that nobody finds out by asking which hooks there are.
    detail = _STRANGER if isinstance(error, Stranger) else str(error)
    return status, _body(code, detail, getattr(error, "field", ""))


def error_body(status: HTTPStatus, detail: str) -> bytes:
    """Return the body for a status that no error of ours stands for."""
    return _body(status.name.lower(), detail)


def _body(code: str, detail: str, field: str = "") -> bytes:
    return msgspec.json.encode({"error": {"code": code, "detail": detail, "field": field or None}})
