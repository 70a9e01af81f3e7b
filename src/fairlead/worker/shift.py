"""The shift: everything that happens without a request, side by side until it is told to stop."""

import asyncio

from fairlead.gates.findings import Policy
from fairlead.settings import Settings
from fairlead.store.ledger import Ledger
from fairlead.worker import deciding, loop


async def run(ledger: Ledger, settings: Settings, stop: asyncio.Event) -> None:
    """Work until `stop` is set; what is under way then is finished first."""
    await asyncio.gather(
        loop.run(ledger, stop),
        deciding.run(ledger, stop, Policy(settings.gate_without_data)),
    )
