"""The chart library: Vega-Lite with all it needs, written out from the wheel that carries it.

That takes a second and a whole engine of JavaScript, so it is done in a process of its own, once for
each version, and kept in the data directory. Not here: what a chart shows (`charts.py`).
"""

import asyncio
import gzip
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from litestar import get
from litestar.params import FromPath

from fairlead.domain.errors import FairleadError, NotFound
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.web.desk import Desk
from fairlead.web.static_files import FOR_EVER, packed_or_not

_MEDIA_TYPE: Final = "text/javascript; charset=utf-8"
_WRITE_OUT: Final = "import sys, vl_convert; sys.stdout.buffer.write(vl_convert.javascript_bundle().encode())"
_DRAW: Final = (
    "import sys, json, vl_convert; spec = json.load(sys.stdin.buffer);"
    "sys.stdout.buffer.write(vl_convert.vegalite_to_png(spec, scale=2))"
)
_PATIENCE_S: Final = 60


@cache
def library_url() -> str:
    """Return the address of the library, which changes with its version."""
    return f"/charts/{version('vl-convert-python')}/vega.js"


@get("/charts/{wanted:str}/vega.js")
async def chart_library(request: AnyRequest, wanted: FromPath[str]) -> Answer:
    """Send the library; a browser may keep it for ever."""
    if wanted != version("vl-convert-python"):
        raise NotFound("there is no such version of the chart library")
    desk: Desk = request.app.state.desk
    async with desk.drawing:
        if desk.library is None:
            desk.library = await _library(desk.settings.data_path)
    packed = desk.library
    return packed_or_not(request, gzip.decompress(packed), packed, _MEDIA_TYPE, {"Cache-Control": FOR_EVER})


async def png_of(desk: Desk, specification: bytes) -> bytes:
    """Return a picture of a Vega-Lite specification. One at a time: it takes a second of a processor.

    Raises:
        FairleadError: it cannot be drawn.
    """
    async with desk.drawing:
        return await _run(_DRAW, specification)


async def _library(data_path: Path) -> bytes:
    """Return the packed library, from the data directory if it was written out before."""
    place = data_path / "charts" / f"vega-{version('vl-convert-python')}.js.gz"
    try:
        return await asyncio.to_thread(place.read_bytes)
    except OSError:
        pass
    packed = await asyncio.to_thread(gzip.compress, await _run(_WRITE_OUT, b""), 9)
    await asyncio.to_thread(_keep, place, packed)
    return packed


def _keep(place: Path, packed: bytes) -> None:
    """Keep the library for the next start; without a place to write it is made again then."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_suffix(".part")
        unfinished.write_bytes(packed)
        unfinished.replace(place)
    except OSError:
        return


async def _run(program: str, told: bytes) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        program,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        made, complaint = await asyncio.wait_for(process.communicate(told), _PATIENCE_S)
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise FairleadError(f"a chart cannot be drawn: {complaint.decode(errors='replace')[-200:]}")
    return made


HANDLERS = (chart_library,)
