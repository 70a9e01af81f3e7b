"""What `fairlead doctor` finds: the gaps that were planted, and nothing else."""

from collections.abc import Sequence

import pytest

from fairlead.domain import sample as samples
from fairlead.domain.access import OrgId
from fairlead.domain.deployments import DeploymentId, Outcome
from fairlead.domain.measured import Noun
from fairlead.domain.sample_history import WITHOUT_GIT, WITHOUT_HISTORY, WITHOUT_PULL_REQUESTS
from fairlead.store import deployments
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.usecases.compare_segments import compare_segments
from fairlead.usecases.find_missing import Gap, Looked, find_missing
from fairlead.usecases.load_sample import load_samples
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_failures import record_failures
from tests.factories import NOON, a_deployment, a_failure
from tests.linking import work_off

DAY_NS = 86_400 * 10**9


def gaps(ledger: Ledger, org_id: OrgId) -> list[Gap]:
    """Return what is missing in the quarter of a year before noon."""
    looked = Looked(org_id=org_id, from_at=NOON - 90 * DAY_NS, until_at=NOON + 1)
    return ledger.read(find_missing, looked)


def told(found: Sequence[Gap]) -> set[tuple[str, str, str]]:
    return {(gap.service, gap.metric, gap.missing.value) for gap in found}


def test_the_sample_lacks_what_was_planted_and_nothing_else(
    ledger: Ledger, org_id: OrgId, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The first days of every sample are like all others, and fewer are worked out sooner.
    monkeypatch.setattr(samples, "DAYS", 12)
    sample = samples.sample(org_id, NOON)
    ledger.write(load_samples, sample)
    work_off(ledger)

    found = gaps(ledger, org_id)

    assert {
        (WITHOUT_GIT, "change lead time", "no_git"),
        (WITHOUT_HISTORY, "change lead time", "commit_unknown"),
        (WITHOUT_PULL_REQUESTS, "stages", "no_pull_requests"),
    } == told(found)
    of_git = next(gap for gap in found if gap.service == WITHOUT_GIT)
    mine = sum(one.service == WITHOUT_GIT for one in sample.deployments)
    assert (mine, mine) == (of_git.facts, of_git.of)


def test_each_kind_of_gap_is_found_and_counted(ledger: Ledger, org_id: OrgId) -> None:
    git = {"commit_sha": "", "repository_id": ""}
    for number, changes in enumerate(({"version": ""}, {"version": "1"}, {"version": "2"})):
        ledger.write(
            record_deployments,
            a_deployment(id=DeploymentId(f"d{number}"), finished_at=NOON - number, **git, **changes),
        )
    with writing(ledger.engine) as transaction:
        deployments.put_outcome(transaction, org_id, "d1", Outcome(change_failure=True))
        deployments.put_outcome(
            transaction, org_id, "d2", Outcome(change_failure=True, recovery_time_ns=DAY_NS)
        )
    for started_at in (NOON - 30 * DAY_NS, NOON - 2 * DAY_NS):
        ledger.write(record_failures, a_failure(started_at=started_at, finished_at=None))

    found = gaps(ledger, org_id)

    assert [
        ("change lead time", "no_git", 3, 3),
        ("change failure rate", "no_version", 1, 1),
        ("recovery time", "no_remediation", 1, 2),
        ("time to restore", "never_ended", 1, 1),
    ] == [(gap.metric, gap.missing.value, gap.facts, gap.of) for gap in found]


def test_where_nothing_is_missing_nothing_is_found(ledger: Ledger, org_id: OrgId) -> None:
    assert [] == gaps(ledger, org_id)


def test_a_segment_that_is_not_what_its_rows_say_is_found(ledger: Ledger, org_id: OrgId) -> None:
    for day in range(3):
        ledger.write(record_deployments, a_deployment(finished_at=NOON + day * DAY_NS))
    work_off(ledger)
    assert (3, []) == ledger.read(compare_segments, org_id)

    with writing(ledger.engine) as transaction:
        # Behind the back of everything that marks days.
        transaction.exec_driver_sql("UPDATE deployments SET env = 'elsewhere'")

    compared, wrong = ledger.read(compare_segments, org_id)
    assert (3, 3) == (compared, len(wrong))
    assert {Noun.DEPLOYMENTS} == {day.noun for day in wrong}
