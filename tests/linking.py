"""Working off what is asked for, and looking at what came of it.

Not here: facts (`factories.py`) and real repositories (`histories.py`).
"""

from typing import NamedTuple

from fairlead.domain.access import OrgId
from fairlead.domain.catalog import Description, Entry, ref_to
from fairlead.domain.links import LinkedCommit, LinkSummary
from fairlead.store import links, work
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.usecases.do_work import do_work
from fairlead.usecases.get_deployment import get_deployment
from fairlead.usecases.put_entries import EntryTold, put_entries
from tests.factories import NOON

LATER = NOON + 1000 * 86_400_000_000_000
"""After everything that tests tell of, so that whatever was asked for is due."""
_ROUNDS = 200


class Linked(NamedTuple):
    """What is kept about the commits of a deployment."""

    summary: LinkSummary
    commits: list[LinkedCommit]


def work_off(ledger: Ledger, *, now: int = LATER) -> int:
    """Do all work there is, and return how many pieces that were."""
    done = 0
    for _ in range(_ROUNDS):
        taken = do_work(ledger, now)
        done += taken
        if not taken:
            break
    assert 0 == ledger.read(work.waiting), "work is left over"
    return done


def linked(ledger: Ledger, org_id: OrgId, deployment_id: str) -> Linked:
    """Return what is kept about the commits of a deployment."""
    return ledger.read(_linked, org_id, deployment_id)


def _linked(transaction: Transaction, org_id: OrgId, deployment_id: str) -> Linked:
    known = get_deployment(transaction, org_id, deployment_id)
    return Linked(known.link, links.commits_of(transaction, org_id, deployment_id))


def tell_source_patterns(ledger: Ledger, org_id: OrgId, service: str, patterns: tuple[str, ...]) -> None:
    """Put a service into the catalogue, with the globs of the paths that belong to it."""
    entry = Entry(
        org_id=org_id,
        ref=ref_to("service", service),
        format="v2.2",
        document="{}",
        text="{}",
        created_at=NOON,
        updated_at=NOON,
    )
    ledger.write(put_entries, [EntryTold(entry=entry, said=Description(source_patterns=patterns))])
