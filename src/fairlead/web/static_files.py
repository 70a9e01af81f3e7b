"""Styles, scripts and pictures: files of this package, read once and served from memory.

Their address holds a digest of all of them, so a browser may keep them for ever. Not here: the
chart library, which is made on the machine that serves it (`chart_library.py`).
"""

import gzip
import hashlib
from functools import cache
from importlib.resources import files
from typing import Final

from litestar import get
from litestar.params import FromPath
from msgspec import Struct

from fairlead.domain.errors import NotFound
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, headers_of

FOR_EVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


class StaticFile(Struct, frozen=True):
    """A file as it is sent."""

    whole: bytes
    packed: bytes
    media_type: str


@cache
def static_files() -> dict[str, StaticFile]:
    """Return the files by name."""
    found = {}
    for file in sorted(files("fairlead.web").joinpath("static").iterdir(), key=lambda one: one.name):
        media_type = _TYPES.get(file.name.rpartition(".")[2])
        if media_type is not None:
            whole = file.read_bytes()
            found[file.name] = StaticFile(whole, gzip.compress(whole, 9, mtime=0), media_type)
    return found


@cache
def edition() -> str:
    """Return a text that changes with any of the files."""
    digest = hashlib.sha256()
    for name, file in static_files().items():
        digest.update(name.encode() + b"\x00" + file.whole)
    return digest.hexdigest()[:12]


def static_url(name: str) -> str:
    """Return the address of a file."""
    return f"/static/{edition()}/{name}"


def packed_or_not(
    request: AnyRequest, whole: bytes, packed: bytes, media_type: str, headers: dict[str, str]
) -> Answer:
    """Return an answer that is packed where the browser can unpack it."""
    accepted = headers_of(request).get(b"accept-encoding", b"")
    headers = headers | {"Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if b"gzip" in accepted:
        return Answer(200, packed, media_type, headers | {"Content-Encoding": "gzip"})
    return Answer(200, whole, media_type, headers)


@get("/static/{wanted_edition:str}/{name:str}")
async def static_file(request: AnyRequest, wanted_edition: FromPath[str], name: FromPath[str]) -> Answer:
    """Send a file; under the address of another edition it may change, and is not kept."""
    file = static_files().get(name)
    if file is None:
        raise NotFound("there is no such file")
    keep = FOR_EVER if wanted_edition == edition() else "no-cache"
    return packed_or_not(request, file.whole, file.packed, file.media_type, {"Cache-Control": keep})
