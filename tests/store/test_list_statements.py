"""Pages of pull requests and of what happened to flags: they take as many statements, however long."""

from typing import Any

import pytest

from fairlead.domain.access import OrgId
from fairlead.domain.changes import RepositoryId, Sha
from fairlead.domain.flag_changes import FlagReport
from fairlead.domain.flag_events import Evaluations, FlagEvent, FlagEventType, flag_event_id
from fairlead.domain.insights import PullsAsked, Territory
from fairlead.domain.links import Deployed, Lead, Link, LinkedCommit
from fairlead.metrics.lead_time import deployment_lead
from fairlead.store import links
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.usecases.find_flag_events import FlagEventsAsked, FlagEventsPage, find_flag_events
from fairlead.usecases.find_pull_requests import PullsPage, PullsWanted, find_pull_requests
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_flag_reports import record_evaluations, record_flag_reports
from fairlead.usecases.record_pull_requests import record_pull_requests
from tests.factories import MINUTE_NS, NOON, a_deployment, a_report, a_sha
from tests.store.test_insights_pages import counted

NUMBER = 24
REPOSITORY = RepositoryId("github.com/shopist/checkout")
LIMITS = (3, 6, NUMBER - 1)
EVERYTHING = PullsWanted(deployments=True, flag_references=True, lead_time=True)


def together(transaction: Any, lots: Any) -> list[Any]:
    """Record lots of facts, each of which is one to the writer."""
    record, facts = lots[0]
    record(transaction, facts)
    return [None]


def bring(ledger: Ledger, org_id: OrgId) -> None:
    """Tell of pull requests, each of which was brought to production by two deployments of its own."""
    reports = [
        a_report(org_id=org_id, number=number, head_sha=a_sha(number), updated_at=NOON - number * MINUTE_NS)
        for number in range(NUMBER)
    ]
    ledger.write(together, (record_pull_requests, reports))
    facts = [
        a_deployment(
            org_id=org_id,
            id=f"d-{number}",
            repository_id=REPOSITORY,
            commit_sha=a_sha(number),
            finished_at=NOON - number * MINUTE_NS,
        )
        for number in range(2 * NUMBER)
    ]
    ledger.write(together, (record_deployments, facts))
    with writing(ledger.engine) as transaction:
        links.put(transaction, [_link(one, number // 2) for number, one in enumerate(facts)])


def _link(fact: Any, number: int) -> Link:
    names = "org_id", "id", "service", "env", "repository_id", "commit_sha", "started_at", "finished_at"
    lead = Lead(lead_time_ns=60 * MINUTE_NS, stages_ns=(None,) * 5)
    made = LinkedCommit(sha=Sha(fact.commit_sha), exclusion=None, pull_request=number, lead=lead)
    deployed = Deployed(**{name: getattr(fact, name) for name in names})
    return Link(deployment=deployed, reason=None, lead=deployment_lead([lead]), commits=(made,))


@pytest.mark.parametrize("changes", [{}, {"by_lead_time": True}, {"status": "deployed"}])
def test_statements_do_not_grow_with_the_page_of_pull_requests(
    ledger: Ledger, org_id: OrgId, changes: dict[str, Any]
) -> None:
    bring(ledger, org_id)
    territory = Territory(org_id=org_id, project_key="default", env="prod")
    asked = PullsAsked(territory=territory, from_at=0, until_at=NOON, **changes)
    numbers = []
    for limit in LIMITS:
        with counted(ledger) as told:
            found = ledger.read(find_pull_requests, asked, PullsPage(limit=limit), EVERYTHING)
        assert (limit, NUMBER) == (len(found.items), found.total)
        assert {2} == {len(one.deployments or ()) for one in found.items}
        numbers.append(len(told))

    assert {numbers[0]} == set(numbers)
    assert numbers[0] < 30


@pytest.mark.parametrize("changes", [{}, {"releases_only": True}, {"text": "PAY"}])
def test_statements_do_not_grow_with_the_page_of_flag_events(
    ledger: Ledger, org_id: OrgId, changes: dict[str, Any]
) -> None:
    fields: dict[str, Any] = {
        "org_id": org_id,
        "project_key": "default",
        "environment_key": "production",
        "flag_key": "pay",
    }
    instants = [NOON - number * 60 * MINUTE_NS for number in range(NUMBER)]
    told_of: list[dict[str, Any]] = [
        fields | {"type": FlagEventType.TURNED_ON, "happened_at": at} for at in instants
    ]
    events = tuple(FlagEvent(id=flag_event_id(org_id, *one.values()), **one) for one in told_of)
    report = FlagReport(org_id=org_id, project_key="default", flag_key="pay", events=events)
    ledger.write(together, (record_flag_reports, [report]))
    served = tuple(
        Evaluations(variation="true", minute_at=at + side * MINUTE_NS, count=5, **fields)
        for at in instants
        for side in (-3, 3)
    )
    ledger.write(record_evaluations, served)
    territory = Territory(org_id=org_id, project_key="default", env="production")
    asked = FlagEventsAsked(territory=territory, from_at=0, until_at=NOON, now=2 * NOON, **changes)
    numbers = []
    for limit in LIMITS:
        with counted(ledger) as told:
            found = ledger.read(find_flag_events, asked, FlagEventsPage(limit=limit))
        assert (limit, NUMBER) == (len(found.items), found.total)
        assert all(one.impact is not None for one in found.items)
        numbers.append(len(told))

    assert {numbers[0]} == set(numbers)
    assert numbers[0] < 12
