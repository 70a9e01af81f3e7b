"""Record what events of Git hosts tell, each fact as its own kind wants it."""

from collections.abc import Iterable

from fairlead.domain.changes import CommitsOf
from fairlead.domain.deployments import Deployment
from fairlead.domain.errors import FairleadError
from fairlead.domain.flag_changes import FlagReport
from fairlead.domain.reports import DeploymentStart, Fact, PullRequestReport
from fairlead.domain.signals import Incident, Signal
from fairlead.store.engine import Transaction
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.record_flag_reports import record_flag_reports
from fairlead.usecases.record_incidents import record_incidents
from fairlead.usecases.record_pull_requests import record_pull_requests
from fairlead.usecases.record_reported_deployments import record_reported_deployments
from fairlead.usecases.record_signals import record_signals


def record_facts(transaction: Transaction, facts: Iterable[Fact]) -> None:
    """Record facts of all kinds.

    Raises:
        FairleadError: one of them is refused; what was written for the others must not stay.
    """
    told = list(facts)
    # One order everywhere, so that two processes never wait for each other.
    pushed = sorted((one for one in told if isinstance(one, CommitsOf)), key=_repository)
    results = (
        *record_commits(transaction, pushed),
        *record_pull_requests(transaction, [one for one in told if isinstance(one, PullRequestReport)]),
        *record_reported_deployments(
            transaction, [one for one in told if isinstance(one, (Deployment, DeploymentStart))]
        ),
        *record_flag_reports(transaction, [one for one in told if isinstance(one, FlagReport)]),
    )
    record_signals(transaction, [one for one in told if isinstance(one, Signal)])
    record_incidents(transaction, [one for one in told if isinstance(one, Incident)])
    for result in results:
        if isinstance(result, FairleadError):
            raise result


def _repository(told: CommitsOf) -> tuple[int, str]:
    return told.org_id, told.repository_id
