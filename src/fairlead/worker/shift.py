"""The shift: everything that happens without a request, side by side until it is told to stop."""

import asyncio
from typing import Protocol

from fairlead.gates.findings import Policy
from fairlead.settings import Settings
from fairlead.store.ledger import Ledger
from fairlead.worker import counting, deciding, loop, polling


class Asker(polling.Asker, counting.RangeAsker, Protocol):
    """Whoever knows how to ask Prometheus, for states and for counts."""


async def run(ledger: Ledger, settings: Settings, stop: asyncio.Event, asker: Asker | None = None) -> None:
    """Work until `stop` is set; what is under way then is finished first.

    `asker` asks Prometheus; without one no monitor is polled and no traffic counted.
    """
    tasks = [loop.run(ledger, stop), deciding.run(ledger, stop, Policy(settings.gate_without_data))]
    if asker is not None:
        tasks.append(polling.run(ledger, stop, asker, settings.prometheus_poll_s))
        tasks.append(counting.run(ledger, stop, asker, settings.traffic_caps))
    await asyncio.gather(*tasks)
