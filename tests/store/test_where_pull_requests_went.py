"""Which pull requests reached an environment is told at once when a deployment moves, without its commits."""

from sqlalchemy import text

from fairlead.domain.access import OrgId
from fairlead.domain.changes import RepositoryId, Sha
from fairlead.domain.deployments import Deployment
from fairlead.domain.insights import DEPLOYED, PullsAsked, Territory
from fairlead.domain.links import Lead, Link, LinkedCommit
from fairlead.metrics.lead_time import deployment_lead
from fairlead.store import links, schema
from fairlead.store.engine import open_engine, reading, writing
from fairlead.store.ledger import Ledger
from fairlead.usecases.find_pull_requests import PullsPage, PullsWanted, find_pull_requests
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_pull_requests import record_pull_requests
from tests.factories import MINUTE_NS, NOON, a_deployment, a_report, a_sha

CHECKOUT = RepositoryId("github.com/shopist/checkout")
SEARCH = RepositoryId("github.com/shopist/search")
NUMBER = 7


def bring(ledger: Ledger, fact: Deployment) -> None:
    """Record a deployment that brought a pull request of its repository."""
    ledger.write(record_deployments, fact)
    lead = Lead(lead_time_ns=MINUTE_NS, stages_ns=(None,) * 5)
    made = LinkedCommit(sha=Sha(fact.commit_sha), exclusion=None, pull_request=NUMBER, lead=lead)
    with writing(ledger.engine) as transaction:
        link = Link(deployment=fact.place, reason=None, lead=deployment_lead([lead]), commits=(made,))
        links.put(transaction, [link])


def deployed(ledger: Ledger, org_id: OrgId, env: str = "", service: str = "") -> list[str]:
    """Return the repositories of the pull requests that reached an environment or a service."""
    applications = (service,) if service else ()
    territory = Territory(org_id=org_id, project_key="default", env=env, applications=applications)
    asked = PullsAsked(territory=territory, from_at=0, until_at=NOON, status=DEPLOYED)
    found = ledger.read(find_pull_requests, asked, PullsPage(limit=9), PullsWanted())
    assert len(found.items) == found.total
    return [one.pull.key.repository_id for one in found.items]


def test_a_pull_request_is_where_its_deployment_is_told_to_have_gone_since(
    ledger: Ledger, org_id: OrgId
) -> None:
    fact = a_deployment(org_id=org_id, repository_id=CHECKOUT, commit_sha=a_sha(1))
    ledger.write(record_deployments, a_deployment(org_id=org_id, env="staging"))
    ledger.write(
        record_pull_requests,
        a_report(org_id=org_id, repository_id=CHECKOUT, number=NUMBER, updated_at=NOON - MINUTE_NS),
    )
    bring(ledger, fact)
    assert [CHECKOUT] == deployed(ledger, org_id, "prod")
    assert [] == deployed(ledger, org_id, "staging")

    moved = a_deployment(
        org_id=org_id, id=fact.id, env="staging", repository_id=CHECKOUT, commit_sha=a_sha(1)
    )
    ledger.write(record_deployments, moved)

    assert [] == deployed(ledger, org_id, "prod")
    assert [CHECKOUT] == deployed(ledger, org_id, "staging")
    assert [CHECKOUT] == deployed(ledger, org_id)


def test_pull_requests_of_the_same_number_are_told_apart_by_their_repositories(
    ledger: Ledger, org_id: OrgId
) -> None:
    for repository in (CHECKOUT, SEARCH):
        report = a_report(org_id=org_id, repository_id=repository, number=NUMBER, updated_at=NOON - MINUTE_NS)
        ledger.write(record_pull_requests, report)
    bring(ledger, a_deployment(org_id=org_id, service="search", repository_id=SEARCH, commit_sha=a_sha(2)))

    assert [SEARCH] == deployed(ledger, org_id, "prod")
    assert [SEARCH] == deployed(ledger, org_id, service="search")
    assert [] == deployed(ledger, org_id, service="checkout")


def test_links_of_an_earlier_schema_learn_the_kinds_of_their_deployments(empty_database: str) -> None:
    engine = open_engine(empty_database)
    with writing(engine) as transaction:
        schema.start_at(transaction, "0020")
        for id, kind in (("a", 3), ("b", -4)):
            row = {"id": id, "kind": kind}
            transaction.execute(
                text(
                    "INSERT INTO deployments (org_id, id, kind, started_at, finished_at, received_at)"
                    " VALUES (1, :id, :kind, 1, 2, 3)"
                ),
                row,
            )
            transaction.execute(
                text(
                    "INSERT INTO deployment_commits (org_id, deployment_id, position, sha, pull_request)"
                    " VALUES (1, :id, 0, :id, 7)"
                ),
                row,
            )

    schema.migrate(engine)

    with reading(engine) as transaction:
        wanted = text("SELECT deployment_id, kind FROM deployment_commits ORDER BY deployment_id")
        assert [("a", 3), ("b", -4)] == [tuple(row) for row in transaction.execute(wanted)]
    engine.dispose()
