"""Load a sample organisation's history: all of it in one transaction, and as often as you like."""

from collections.abc import Callable, Sequence

from fairlead.domain.deployments import ChangeFailureDecision, Deployment
from fairlead.domain.sample import LIVE, SOURCE, Repair, Sample
from fairlead.store import decisions, deployments, work
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.store.work import Item, Kind, pull_request_item
from fairlead.usecases.decide_change_failure import DecisionOn, decide_change_failures
from fairlead.usecases.do_work import do_work
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_failures import record_failures
from fairlead.usecases.record_pull_requests import record_pull_requests

_AT_ONCE = 500


def load_samples(transaction: Transaction, samples: Sequence[Sample]) -> list[None]:
    """Record everything that each sample tells; what is there already stays as it is."""
    for sample in samples:
        record_commits(transaction, sample.commits)
        record_pull_requests(transaction, sample.pull_requests)
        record_deployments(transaction, sample.deployments)
        record_failures(transaction, sample.failures)
        # Every deployment is worked out anyway, so nobody has to look for those of pull requests.
        requests = [
            pull_request_item(one.org_id, one.repository_id, one.number) for one in sample.pull_requests
        ]
        work.tick_off(transaction, work.seize(transaction, requests, now=0, leased_until=1))
        # What people look at first is worked out first.
        live = [Item(one.org_id, Kind.LINK, one.id) for one in sample.deployments if _is_live(one)]
        work.ask(transaction, live, due_at=0)
        decide_change_failures(
            transaction,
            [_decision(sample, one) for one in sample.repairs if _is_undecided(transaction, sample, one)],
        )
    return [None] * len(samples)


def work_out_live(
    ledger: Ledger, sample: Sample, now: Callable[[], int], report: Callable[[int, int], None]
) -> None:
    """Work out what reached production: its commits, and what failed.

    `report` is told how many of how many deployments are done. Other work of the database may be done
    on the way.
    """
    live = [Item(one.org_id, Kind.LINK, one.id) for one in sample.deployments if _is_live(one)]
    while left := len(ledger.read(work.asked_for, live)):
        report(len(live) - left, len(live))
        if not do_work(ledger, now(), _AT_ONCE):
            break


def _is_live(one: Deployment) -> bool:
    return one.env == LIVE and bool(one.commit_sha)


def _is_undecided(transaction: Transaction, sample: Sample, repair: Repair) -> bool:
    """Tell whether nobody has decided about the deployment yet: somebody may have done so otherwise."""
    known = deployments.get(transaction, sample.org_id, repair.failed_id)
    said = decisions.latest(transaction, sample.org_id, [repair.failed_id])
    return known is not None and not said


def _decision(sample: Sample, repair: Repair) -> DecisionOn:
    decision = ChangeFailureDecision(
        change_failure=True,
        remediation=repair.remediation,
        decided_at=repair.decided_at,
        decided_by=SOURCE,
    )
    return DecisionOn(org_id=sample.org_id, deployment=repair.failed_id, decision=decision)
