"""Record what Git hosts tell of pull requests, in whatever order it arrives."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from fairlead.domain.changes import PullRequestState
from fairlead.domain.reports import Account, PullRequestReport
from fairlead.store import pull_requests, work
from fairlead.store.engine import Transaction
from fairlead.store.holding import hold_together
from fairlead.store.work import Item


def record_pull_requests(transaction: Transaction, reports: Sequence[PullRequestReport]) -> list[None]:
    """Record each report; what it tells stands where nothing later was told.

    Deployments that a merge brought along are to be measured anew where something changed.
    """
    hold_together(transaction, [(report.org_id, report.repository_id) for report in reports])
    # One order everywhere, so that two processes never wait for each other.
    for _, group in groupby(sorted(reports, key=_key), key=_key):
        _record(transaction, list(group))
    return [None] * len(reports)


def _key(report: PullRequestReport) -> tuple[int, str, int]:
    return report.org_id, report.repository_id, report.number


def _record(transaction: Transaction, reports: Sequence[PullRequestReport]) -> None:
    """Record reports of one pull request."""
    told = Account.of(reports[0])
    known = account = pull_requests.claim(transaction, told)
    for report in reports:
        account = account.with_report(report)
    if account != known:
        pull_requests.put(transaction, account)
    reviews = [review for report in reports for review in report.reviews]
    reviewed = pull_requests.add_reviews(transaction, account, reviews)
    # What equals the first report may have been put there by it just now.
    if reviewed or account != known or known == told:
        work.ask(transaction, _asked(known, account), due_at=0)


def _asked(before: Account, now: Account) -> Iterable[Item]:
    """Yield the work on the deployments that brought what a merge put on the base branch."""
    landed = _landed(before)
    if _landed(now):
        yield work.pull_request_item(now.org_id, now.repository_id, now.number)
    if landed and landed != _landed(now):
        # What was taken for its merge is that no more.
        yield work.commit_item(now.org_id, now.repository_id, landed)


def _landed(one: Account) -> str:
    """Return the commit that a merge put on the base branch; empty before that."""
    if one.facts["state"].value is not PullRequestState.MERGED:
        return ""
    landed: str = one.facts["merge_sha"].value or one.facts["head_sha"].value
    return landed
