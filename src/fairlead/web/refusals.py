"""How the pages refuse: a page that says what happened and what to do, or the way to sign in."""

from http import HTTPStatus
from typing import Final
from urllib.parse import quote

from litestar import Response
from litestar.types import ExceptionHandler

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
from fairlead.intake.body import AnyRequest
from fairlead.web.drawing import HEADERS, drawn
from fairlead.web.visit import path_and_query

HTML: Final = "text/html"
"""As the framework wants it, which names the charset itself."""
_SAID: dict[type[FairleadError], tuple[HTTPStatus, str]] = {
    Rejected: (HTTPStatus.BAD_REQUEST, "That cannot be done"),
    Conflict: (HTTPStatus.CONFLICT, "That cannot be done just now"),
    Stranger: (HTTPStatus.UNAUTHORIZED, "Sign in first"),
    NotPermitted: (HTTPStatus.FORBIDDEN, "Not yours to do"),
    NotFound: (HTTPStatus.NOT_FOUND, "There is nothing here"),
    TooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "Too large"),
    TooMany: (HTTPStatus.TOO_MANY_REQUESTS, "Too many requests"),
    OldSchema: (HTTPStatus.SERVICE_UNAVAILABLE, "The database has to be brought up to date"),
    Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, "The database does not answer"),
    FairleadError: (HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong here"),
}


def refusal(error: FairleadError) -> tuple[HTTPStatus, bytes]:
    """Return the status and the page that say `error`."""
    status, title = _SAID[type(error)]
    return status, _page(title, str(error))


def error_page(status: HTTPStatus, detail: str) -> bytes:
    """Return the page for a status that no error of ours stands for."""
    return _page(status.phrase, detail)


def to_sign_in(request: AnyRequest, _error: Exception) -> Response[bytes]:
    """Send somebody who is not signed in to where they can, and back afterwards."""
    wanted = path_and_query(request) if request.scope["method"] == "GET" else "/"
    headers = HEADERS | {"Location": f"/sign-in?next={quote(wanted, safe='')}"}
    return Response(b"", status_code=HTTPStatus.SEE_OTHER, media_type=HTML, headers=headers)


TO_SIGN_IN: "dict[int | type[Exception], ExceptionHandler[Exception]]" = {Stranger: to_sign_in}


def _page(title: str, detail: str) -> bytes:
    return drawn("error.html", {"title": title, "detail": detail[:1].upper() + detail[1:], "theme": "auto"})
