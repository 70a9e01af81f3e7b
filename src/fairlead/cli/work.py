"""`fairlead work`: a worker alone."""

import asyncio
import signal

from fairlead.cli.options import Database, DataDir, settings_from


def work(*, database: Database = None, data_dir: DataDir = None) -> None:
    """Do the work that facts ask for, until Ctrl-C or SIGTERM.

    A server does it beside answering requests. With `fairlead serve --no-worker` it is left to
    programs like this one; any number of them may share a database.
    """
    from fairlead.cli.opening import open_ledger
    from fairlead.dialects.prometheus.client import Prometheus
    from fairlead.worker import shift

    async def until_told() -> None:
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        asker = Prometheus(settings.prometheus_url) if settings.prometheus_url else None
        await shift.run(ledger, settings, stop, asker)

    settings = settings_from(database=database, data_dir=data_dir)
    with open_ledger(settings) as ledger:
        asyncio.run(until_told())
