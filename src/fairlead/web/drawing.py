"""How a page is drawn: templates, the words in them, and the headers every page has.

Not here: who looks (`visit.py`) and what is shown.
"""

import gzip
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from fairlead import __version__
from fairlead.domain.instants import to_rfc3339
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, headers_of
from fairlead.web import words
from fairlead.web.compiled import Compiled
from fairlead.web.static_files import static_url

HTML: Final = "text/html; charset=utf-8"
POLICY: Final = (
    "default-src 'none'; "
    "script-src 'self'; "
    "style-src 'self'; "
    "img-src 'self' data:; "
    "connect-src 'self'; "
    "form-action 'self'; "
    "base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing written into the page itself, no frame around it."""
HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "private, no-store",
}
_COMPILED: Final = Path(str(files("fairlead.web"))) / "templates" / "__pycache__"
_WORTH_PACKING = 1_400
_FAST = 5


@cache
def templates() -> Environment:
    """Return the templates; every value in them is text unless a template says otherwise."""
    environment = Environment(
        loader=PackageLoader("fairlead.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.bytecode_cache = Compiled(_COMPILED, environment)
    environment.globals |= {"static_url": static_url, "version": __version__, "nothing": words.NOTHING}
    environment.filters |= {
        "duration": words.duration,
        "seconds": words.seconds,
        "percent": words.percent,
        "count": words.count,
        "ago": words.ago,
        "exact": words.exact,
        "clock": words.clock,
        "rfc3339": to_rfc3339,
    }
    return environment


def compile_all() -> None:
    """Compile every template, and keep them for the servers that are to come."""
    for name in templates().list_templates(["html"]):
        templates().get_template(name)


def drawn(template: str, values: Mapping[str, Any]) -> bytes:
    """Return a template filled with values."""
    return templates().get_template(template).render(values).encode()


def page_answer(
    request: AnyRequest,
    body: bytes,
    *,
    status: int = HTTPStatus.OK,
    media_type: str = HTML,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """Return a page with the headers that every page has, packed where that is worth it."""
    all_headers = HEADERS | dict(headers or {})
    if len(body) > _WORTH_PACKING and b"gzip" in headers_of(request).get(b"accept-encoding", b""):
        body = gzip.compress(body, _FAST, mtime=0)
        all_headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
    return Answer(status, body, media_type, all_headers)


def go_to(address: str, cookie: str = "") -> Answer:
    """Return an answer that sends the browser on to a page of ours."""
    headers = HEADERS | {"Location": address} | ({"Set-Cookie": cookie} if cookie else {})
    return Answer(HTTPStatus.SEE_OTHER, b"", HTML, headers)
