"""Warming up: after a start, before anybody has looked, what the first look needs is made ready.

Only where somebody can look at all, so that a server for programs alone stays small. Not here: what is
kept of it, and for how long (`store.shelf`).
"""

import asyncio
from contextlib import suppress
from typing import Final

from fairlead.domain.errors import FairleadError
from fairlead.intake.reception import Reception
from fairlead.usecases.list_members import list_inhabited_organisations
from fairlead.usecases.look_ahead import look_ahead
from fairlead.web.drawing import templates

MOST_ORGANISATIONS: Final = 3
"""What fits into memory beside everything else; whoever comes from another waits a moment longer."""
_FIRST: Final = ("overview.html", "deployments.html", "deployment.html", "services.html")


async def warm_up(reception: Reception, stop: asyncio.Event) -> None:
    """Make ready, a step at a time, until all is done or `stop` is set."""
    # A database that does not answer yet is told to whoever asks for something.
    with suppress(FairleadError):
        for place in (await reception.read(list_inhabited_organisations))[:MOST_ORGANISATIONS]:
            if stop.is_set():
                return
            await reception.read(look_ahead, place.org_id, reception.now())
            await asyncio.to_thread(_read_templates)


def _read_templates() -> None:
    for name in _FIRST:
        templates().get_template(name)
