"""Load the history of a checkout, with its main line deployed now and then: a sample made of real commits."""

from collections.abc import Sequence

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Commit, RepositoryId, Sha
from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.domain.instants import EARLIEST_AT, NS_PER_S
from fairlead.store import commits, work
from fairlead.store.git_clone import Clone
from fairlead.store.git_imports import ImportNote
from fairlead.store.ledger import Ledger
from fairlead.store.work import Item, Kind
from fairlead.usecases.do_work import do_work
from fairlead.usecases.import_history import Import, import_history
from fairlead.usecases.record_deployments import record_deployments

_MOST_DEPLOYMENTS = 20
_MOST_ROUNDS = 20
_LONGEST_LINE = 2000
_WAIT_NS = 20 * 60 * NS_PER_S
_DURATION_NS = 5 * 60 * NS_PER_S


class Checkout(Struct, frozen=True, kw_only=True):
    """A clone, and as what its history is to be shown."""

    org_id: OrgId
    repository_id: RepositoryId
    service: str
    clone: Clone
    note: ImportNote


def load_checkout(ledger: Ledger, checkout: Checkout, now: int) -> DeploymentId | None:
    """Import the history, deploy some of its main line, and return the last deployment.

    None where there is no commit. Every deployment ends 25 minutes after its commit was made; loading
    twice adds what is new.
    """
    line = checkout.clone.main_line(_LONGEST_LINE)
    if not line:
        return None
    wanted = Import(
        org_id=checkout.org_id,
        repository_id=checkout.repository_id,
        clone=checkout.clone,
        tips=line[:1],
        note=checkout.note,
    )
    import_history(ledger, wanted, lambda _done, _total: None)
    deployed = _deployed(line)
    known = ledger.read(commits.fetch, checkout.org_id, checkout.repository_id, deployed)
    facts = [
        _deployment(checkout, known[sha], now) for sha in deployed if known[sha].committed_at >= EARLIEST_AT
    ]
    for fact in facts:
        ledger.write(record_deployments, fact)
    items = [Item(fact.org_id, kind, fact.id) for fact in facts for kind in (Kind.LINK, Kind.DECIDE)]
    for _ in range(_MOST_ROUNDS):
        # There may be other work, which somebody else will do.
        if not ledger.read(work.asked_for, items):
            break
        do_work(ledger, now)
    return facts[-1].id if facts else None


def _deployed(line: Sequence[Sha]) -> list[Sha]:
    """Return evenly spread commits of a line that is newest first, oldest first, its newest among them."""
    step = max(1, -(-len(line) // _MOST_DEPLOYMENTS))
    return list(reversed(line[::step]))


def _deployment(checkout: Checkout, commit: Commit, now: int) -> Deployment:
    started_at = commit.committed_at + _WAIT_NS
    return Deployment(
        org_id=checkout.org_id,
        id=DeploymentId(f"{checkout.service}-{commit.sha[:12]}"),
        named_by_caller=True,
        service=checkout.service,
        env="prod",
        version=commit.sha[:7],
        repository_id=checkout.repository_id,
        commit_sha=commit.sha,
        started_at=started_at,
        finished_at=started_at + _DURATION_NS,
        source="sample",
        received_at=now,
    )
