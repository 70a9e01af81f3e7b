"""Warming up: after a start, before anybody has looked, what the first look needs is made ready.

Only where somebody can look at all, so that a server for programs alone stays small. Not here: what is
kept of it, and for how long (`store.shelf`).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

from fairlead.domain.errors import FairleadError
from fairlead.intake.reception import Reception
from fairlead.usecases.list_members import list_inhabited_organisations
from fairlead.usecases.look_ahead import earlier_scopes, look_ahead, look_further
from fairlead.web.drawing import templates

MOST_ORGANISATIONS: Final = 3
"""What fits into memory beside everything else; whoever comes from another waits a moment longer."""
_FIRST: Final = ("overview.html", "deployments.html", "deployment.html", "services.html")


async def warm_up(reception: Reception, stop: asyncio.Event) -> None:
    """Make ready, a step at a time, until all is done or `stop` is set."""
    # A database that does not answer yet is told to whoever asks for something.
    with suppress(FairleadError):
        async for _ in _steps(reception):
            if stop.is_set():
                return


async def _steps(reception: Reception) -> AsyncIterator[None]:
    """Make ready, and yield after each step; what is wanted first comes before what is wanted seldom."""
    places = (await reception.read(list_inhabited_organisations))[:MOST_ORGANISATIONS]
    for place in places:
        await reception.read(look_ahead, place.org_id, reception.now())
        await asyncio.to_thread(_read_templates)
        yield
    for place in places:
        for scope in earlier_scopes(place.org_id, reception.now()):
            await reception.read(look_further, scope)
            yield


def _read_templates() -> None:
    for name in _FIRST:
        templates().get_template(name)
