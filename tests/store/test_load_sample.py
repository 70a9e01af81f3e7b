import pytest
from msgspec.structs import replace

from fairlead.domain.access import DEFAULT_ORGANISATION, OrgId, organisation_id
from fairlead.domain.deployments import ChangeFailureDecision, KnownDeployment, RemediationType
from fairlead.domain.sample import Repair, Sample, sample
from fairlead.store import deployments, failures
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.usecases.decide_change_failure import DecisionOn, decide_change_failures
from fairlead.usecases.load_sample import load_samples
from tests.factories import NOON

DAY_NS = 86_400 * 1_000_000_000


def a_sample(until_at: int = NOON) -> Sample:
    """A sample of the organisation that every database has, without its first three months."""
    since = NOON - 30 * DAY_NS
    whole = sample(organisation_id(DEFAULT_ORGANISATION), until_at)
    late = tuple(one for one in whole.deployments if one.finished_at >= since)
    ids = {one.id for one in late}
    return replace(
        whole,
        deployments=late,
        failures=tuple(one for one in whole.failures if one.started_at >= since),
        repairs=tuple(one for one in whole.repairs if {one.failed_id, one.remediation.id} <= ids),
        pull_requests=tuple(one for one in whole.pull_requests if (one.merged_at or until_at) >= since),
        commits=tuple(
            replace(told, commits=tuple(one for one in told.commits if one.authored_at >= since))
            for told in whole.commits
        ),
    )


@pytest.fixture(scope="module")
def told() -> Sample:
    return a_sample()


@pytest.fixture
def loaded(ledger: Ledger, told: Sample) -> Ledger:
    ledger.write(load_samples, told)
    return ledger


def known(ledger: Ledger, org_id: OrgId, id: str) -> KnownDeployment:
    found = ledger.read(deployments.get, org_id, id)
    assert found is not None
    return found


def rows(ledger: Ledger) -> dict[str, int]:
    return {
        table: ledger.read(_count, table) for table in ("deployments", "failures", "change_failure_decisions")
    }


def _count(transaction: Transaction, table: str) -> int:
    # The name is one of three.
    return int(transaction.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())  # noqa: S608


def the_rollback(told: Sample) -> Repair:
    return next(one for one in told.repairs if one.remediation.type is RemediationType.ROLLBACK)


def test_everything_in_a_sample_is_kept(loaded: Ledger, org_id: OrgId, told: Sample) -> None:
    assert {
        "deployments": len(told.deployments),
        "failures": len(told.failures),
        "change_failure_decisions": len(told.repairs),
    } == rows(loaded)
    first = told.deployments[0]
    kept = known(loaded, org_id, first.id).fact
    assert (first.version, first.tags, first.fact) == (kept.version, kept.tags, kept.fact)
    assert told.failures[0] == loaded.read(failures.get, org_id, told.failures[0].id)


def test_what_failed_in_a_sample_knows_its_repair(loaded: Ledger, org_id: OrgId, told: Sample) -> None:
    repair = the_rollback(told)

    outcome = known(loaded, org_id, repair.failed_id).outcome

    assert outcome.change_failure
    assert (repair.remediation.id, repair.remediation.type) == (
        outcome.remediation_id,
        outcome.remediation_type,
    )
    assert outcome.recovery_time_ns


def test_loading_again_changes_nothing(loaded: Ledger, told: Sample) -> None:
    before = rows(loaded)

    loaded.write(load_samples, told)

    assert before == rows(loaded)


def test_loading_a_later_sample_adds_what_happened_since_and_ends_what_was_open(
    loaded: Ledger, org_id: OrgId, told: Sample
) -> None:
    still_open = [one.id for one in told.failures if one.finished_at is None]
    before = rows(loaded)

    later = a_sample(NOON + 20 * DAY_NS)
    loaded.write(load_samples, later)

    added = {one.id for one in later.deployments} - {one.id for one in told.deployments}
    assert before["deployments"] + len(added) == rows(loaded)["deployments"]
    ends = [loaded.read(failures.get, org_id, id) for id in still_open]
    assert still_open
    assert all(one is not None and one.finished_at is not None for one in ends)


def test_what_somebody_decided_about_a_sample_stands(loaded: Ledger, org_id: OrgId, told: Sample) -> None:
    failed_id = the_rollback(told).failed_id
    decision = ChangeFailureDecision(change_failure=False, decided_at=NOON, decided_by="ada")
    loaded.write(decide_change_failures, DecisionOn(org_id=org_id, deployment=failed_id, decision=decision))

    loaded.write(load_samples, told)

    assert known(loaded, org_id, failed_id).outcome.change_failure is False
