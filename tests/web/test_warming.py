"""Warming up: what the first look after a start needs is at hand by then."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import event

from fairlead.domain.access import OrgId
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.measured import Noun, Scope
from fairlead.domain.members import Role
from fairlead.intake.reception import Reception
from fairlead.settings import Settings
from fairlead.store import shelf
from fairlead.store.ledger import Ledger
from fairlead.store.segments import NS_PER_DAY
from fairlead.usecases.look_ahead import look_ahead
from fairlead.usecases.record_deployments import record_deployments
from fairlead.web.warming import warm_up
from tests.factories import a_deployment
from tests.linking import work_off
from tests.web.conftest import a_session


def test_whoever_looks_first_after_a_start_finds_segments_read(database: str, org_id: OrgId) -> None:
    ledger, now = Ledger(database), time.time_ns()
    for ended in (now - 7200 * NS_PER_S, now - 300 * NS_PER_DAY):
        ledger.write(record_deployments, a_deployment(org_id=org_id, finished_at=ended, received_at=ended))
    work_off(ledger, now=now)
    a_session(ledger, org_id, "ada", Role.ADMIN)
    read: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        if "day_segments.block" in statement:
            read.append(statement)

    event.listen(ledger.engine, "before_cursor_execute", note)
    # In this thread the loop of a browser that other tests look through may be running.
    with ThreadPoolExecutor(1) as apart:
        counted = _counted(Reception(ledger, Settings()), org_id, read)
        by_warming, by_looking = apart.submit(asyncio.run, counted).result()

    assert 2 == by_warming
    assert 0 == by_looking


async def _counted(reception: Reception, org_id: OrgId, read: list[str]) -> tuple[int, int]:
    """Return how often segments were read while warming up, and then by whoever looked first."""
    await warm_up(reception, asyncio.Event())
    by_warming = len(read)
    await reception.read(look_ahead, org_id, reception.now())
    year = Scope(
        org_id=org_id,
        noun=Noun.DEPLOYMENTS,
        from_at=reception.now() - 365 * NS_PER_DAY,
        until_at=reception.now(),
    )
    await reception.read(shelf.window, year)
    await reception.close()
    return by_warming, len(read) - by_warming
