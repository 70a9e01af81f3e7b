"""What a deployment brought is counted when it is linked; a schema that did not do so learns it."""

from sqlalchemy import text

from fairlead.domain.access import OrgId
from fairlead.domain.changes import CommitsOf, Person, PullRequestState, RepositoryId
from fairlead.domain.links import Brought
from fairlead.store import schema
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.store.tables import BROUGHT_COLUMNS
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_pull_requests import record_pull_requests
from tests.factories import MINUTE_NS, NOON, a_commit, a_deployment, a_report, a_sha
from tests.linking import linked, work_off

REPOSITORY = RepositoryId("github.com/shopist/checkout")
PEOPLE = ("ada@example.com", "Ada@Example.com", "ben@example.com", "cy@example.com", "ada@example.com")
OPENED_AT = NOON - 300 * MINUTE_NS
MERGED_AT = NOON - 10 * MINUTE_NS


def bring(ledger: Ledger, org_id: OrgId) -> None:
    """Tell of a deployment of three people's commits and two pull requests, and of one before it."""
    made = tuple(
        a_commit(
            sha=a_sha(number),
            parents=(a_sha(number - 1),) if number else (),
            author=Person("Somebody", email),
            authored_at=NOON - (100 - number) * MINUTE_NS,
        )
        for number, email in enumerate(PEOPLE)
    )
    ledger.write(record_commits, CommitsOf(org_id=org_id, repository_id=REPOSITORY, commits=made))
    for number, first, last in ((1, 0, 2), (2, 2, 4)):
        report = a_report(
            org_id=org_id,
            repository_id=REPOSITORY,
            number=number,
            updated_at=MERGED_AT + number,
            opened_at=OPENED_AT + number,
            merged_at=MERGED_AT + number,
            state=PullRequestState.MERGED,
            base_sha=a_sha(first),
            head_sha=a_sha(last),
            merge_sha=a_sha(last),
            commits=2,
            lines_added=100 * number,
            lines_deleted=10 * number,
        )
        ledger.write(record_pull_requests, report)
    for number, at in ((0, NOON - 50 * MINUTE_NS), (4, NOON)):
        fact = a_deployment(
            org_id=org_id,
            id=f"d-{number}",
            repository_id=REPOSITORY,
            commit_sha=a_sha(number),
            finished_at=at,
            started_at=at,
        )
        ledger.write(record_deployments, fact)
    work_off(ledger)


def test_it_is_counted_when_a_deployment_is_linked(ledger: Ledger, org_id: OrgId) -> None:
    bring(ledger, org_id)

    assert Brought() == linked(ledger, org_id, "d-0").summary.brought
    expected = Brought(
        contributors=3,
        lines_added=300,
        lines_deleted=30,
        opened_at=OPENED_AT + 1,
        merged_at=MERGED_AT + 1,
    )
    assert expected == linked(ledger, org_id, "d-4").summary.brought


def test_what_is_told_of_a_pull_request_later_counts(ledger: Ledger, org_id: OrgId) -> None:
    bring(ledger, org_id)
    later = a_report(
        org_id=org_id, repository_id=REPOSITORY, number=2, updated_at=NOON, lines_added=1, lines_deleted=2
    )

    ledger.write(record_pull_requests, later)
    work_off(ledger)

    brought = linked(ledger, org_id, "d-4").summary.brought
    assert (101, 12) == (brought.lines_added, brought.lines_deleted)


def test_deployments_of_an_earlier_schema_are_counted_by_the_migration(ledger: Ledger, org_id: OrgId) -> None:
    bring(ledger, org_id)
    before = [linked(ledger, org_id, id) for id in ("d-0", "d-4")]
    with writing(ledger.engine) as transaction:
        for name in BROUGHT_COLUMNS:
            transaction.execute(text(f"ALTER TABLE deployments DROP COLUMN {name}"))
        transaction.execute(text("UPDATE alembic_version SET version_num = '0024'"))

    schema.migrate(ledger.engine)

    assert before == [linked(ledger, org_id, id) for id in ("d-0", "d-4")]
