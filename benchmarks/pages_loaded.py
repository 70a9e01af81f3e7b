"""An organisation with a year of deployments up to now, each with what became of it: for a look at pages.

Written through the door that requests take; what became of them and their lead times, which would need a
history of commits each, go straight into the rows, and then days are built as a worker builds them. Not
here: any measuring.
"""

import time
from typing import Final

from sqlalchemy import Engine, func, select, text

from benchmarks.delivery import deliveries, load, settle
from fairlead.domain.access import OrgId, organisation_id
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.links import STAGES
from fairlead.store import schema, tables
from fairlead.store.engine import open_engine, reading, writing
from fairlead.store.ledger import Ledger
from fairlead.usecases.build_segments import rebuild_segments

DAYS: Final = 365
_DAY_NS: Final = 86_400 * NS_PER_S
_SECOND: Final = "(finished_at / 1000000000)"
_STAGES: Final = ", ".join(
    f"{stage}_ns = ({_SECOND} % {prime}) * 60000000000"
    for stage, prime in zip(STAGES, (83, 241, 13, 97, 7), strict=True)
)
_UPDATES: Final = (
    f"""number_of_commits = 3, {_STAGES}, change_lead_time_ns =
        ({_SECOND} % 83 + {_SECOND} % 241 + {_SECOND} % 97) * 60000000000 WHERE {_SECOND} % 5 <> 0""",
    f"lead_time_reason = 'commit_unknown' WHERE {_SECOND} % 5 = 0",
    f"""change_failure = true, remediation_id = 'another', remediation_type = 'rollback',
        recovery_time_ns = ({_SECOND} % 191) * 60000000000 WHERE {_SECOND} % 23 = 0""",
    f"change_failure = false WHERE {_SECOND} % 23 <> 0",
    f"deployment_type = 'rollback' WHERE {_SECOND} % 29 = 0",
)


def loaded(url: str, count: int) -> OrgId:
    """Return the organisation, whose deployments end with this moment."""
    began_s = time.perf_counter()
    engine = open_engine(url)
    schema.migrate(engine)
    name = f"pages-{count}"
    org_id = organisation_id(name)
    with reading(engine) as transaction:
        mine = tables.deployments.c.org_id == org_id
        there = transaction.execute(select(func.count()).where(mine)).scalar_one()
    if there != count:
        load(engine, name, deliveries(org_id, count, time.time_ns() - DAYS * _DAY_NS, DAYS))
    with reading(engine) as transaction:
        is_built = transaction.execute(select(tables.day_segments.c.day).limit(1)).first() is not None
    if not is_built:
        _let_become(engine, org_id)
    engine.dispose()
    print(f"{count:,} deployments, ready after {time.perf_counter() - began_s:.0f} s", flush=True)
    return org_id


def _let_become(engine: Engine, org_id: OrgId) -> None:
    with writing(engine) as transaction:
        for update in _UPDATES:
            transaction.execute(text(f"UPDATE deployments SET {update} AND org_id = :org"), {"org": org_id})  # noqa: S608 — figures of our own
        # Nothing is to be worked out when the server starts.
        transaction.execute(text("DELETE FROM work WHERE org_id = :org"), {"org": org_id})
    settle(engine)
    ledger = Ledger(str(engine.url.render_as_string(hide_password=False)))
    rebuild_segments(ledger, org_id, lambda _done, _of: None)
    ledger.close()
