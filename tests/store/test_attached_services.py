"""What events take from the catalogue when they are told."""

from typing import Any

import pytest

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import Deployment
from fairlead.domain.failures import Failure
from fairlead.search.parse import parse
from fairlead.store.ledger import Ledger
from fairlead.usecases.find_deployments import Page, find_deployments
from fairlead.usecases.get_deployment import get_deployment
from fairlead.usecases.get_failure import get_failure
from fairlead.usecases.put_entries import put_entries
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_failures import record_failures
from tests.factories import NOON, a_deployment, a_failure, an_entry_told


def put(ledger: Ledger, **changes: Any) -> None:
    ledger.write(put_entries, [an_entry_told(**changes)])


def recorded(ledger: Ledger, **changes: Any) -> Deployment:
    """Record a deployment and return it as it is kept."""
    fact = a_deployment(**{"team": "", "tags": ()} | changes)
    return ledger.read(get_deployment, fact.org_id, ledger.write(record_deployments, fact)).fact


def failed(ledger: Ledger, **changes: Any) -> Failure:
    """Record a failure and return it as it is kept."""
    fact = a_failure(**{"team": "", "tags": ()} | changes)
    return ledger.read(get_failure, fact.org_id, ledger.write(record_failures, fact))


def ids(ledger: Ledger, org_id: OrgId, query: str) -> list[str]:
    page = Page(where=parse(query), limit=100)
    return sorted(known.fact.id for known in ledger.read(find_deployments, org_id, page))


def test_a_deployment_without_a_team_takes_that_of_its_service(ledger: Ledger) -> None:
    put(ledger, team="payments")

    assert "payments" == recorded(ledger).team


def test_a_team_that_was_told_stays(ledger: Ledger) -> None:
    put(ledger, team="payments")

    assert "ops" == recorded(ledger, team="ops").team


def test_languages_and_tags_come_behind_those_of_the_event(ledger: Ledger) -> None:
    put(ledger, languages=("go", "python"), tags=("cost:1", "region:eu", "plain"))

    kept = recorded(ledger, tags=("region:eu", "b:1"))

    assert ("region:eu", "b:1", "language:go", "language:python", "cost:1") == kept.tags


def test_a_deployment_has_at_most_a_hundred_tags_its_own_first(ledger: Ledger) -> None:
    put(ledger, tags=tuple(f"c:{n}" for n in range(50)))
    own = tuple(f"o:{n}" for n in range(80))

    kept = recorded(ledger, tags=own)

    assert (*own, *(f"c:{n}" for n in range(20))) == kept.tags


def test_a_service_is_known_whatever_the_case_of_letters(ledger: Ledger) -> None:
    put(ledger, name="CheckOut", team="payments")

    kept = recorded(ledger, service="CHECKOUT")

    assert ("CHECKOUT", "payments") == (kept.service, kept.team)


def test_what_has_no_entry_stays_as_it_was_told(ledger: Ledger, other_org_id: OrgId) -> None:
    put(ledger, org_id=other_org_id, team="theirs", tags=("a:b",))
    put(ledger, kind="queue", team="payments")

    kept = recorded(ledger, tags=("b:1",))

    assert ("", ("b:1",)) == (kept.team, kept.tags)


def test_deployments_that_arrive_together_take_each_what_is_their_own(
    ledger: Ledger, other_org_id: OrgId
) -> None:
    put(ledger, name="a", team="team-a")
    put(ledger, name="b", team="team-b")
    put(ledger, name="a", org_id=other_org_id, team="theirs")
    facts = [
        a_deployment(service=service, team="", **org)
        for service, org in (("a", {}), ("b", {}), ("c", {}), ("a", {"org_id": other_org_id}))
    ]

    ledger.write(lambda transaction, _: [record_deployments(transaction, facts)], None)

    kept = [ledger.read(get_deployment, fact.org_id, fact.id).fact.team for fact in facts]
    assert ["team-a", "team-b", "", "theirs"] == kept


def test_a_deployment_is_found_by_what_was_attached(ledger: Ledger, org_id: OrgId) -> None:
    put(ledger, team="payments", languages=("go",), tags=("cost:1",))
    kept = recorded(ledger)

    for query in ("team:payments", "language:go", "cost:1"):
        assert [kept.id] == ids(ledger, org_id, query), query


def test_a_later_change_of_the_catalogue_rewrites_nothing(ledger: Ledger, org_id: OrgId) -> None:
    put(ledger, team="payments", tags=("cost:1",))
    kept = recorded(ledger)

    put(ledger, team="ops", tags=("cost:2",), updated_at=NOON + 1)

    assert kept == ledger.read(get_deployment, org_id, kept.id).fact


def test_the_same_fact_delivered_again_stays_as_it_was_told_first(ledger: Ledger, org_id: OrgId) -> None:
    put(ledger, team="payments", tags=("cost:1",))
    first = recorded(ledger, id="from-content", named_by_caller=False)
    put(ledger, team="ops", tags=("cost:2",), updated_at=NOON + 1)

    again = recorded(ledger, id="from-content", named_by_caller=False)

    assert first == again
    assert ([first.id], []) == (ids(ledger, org_id, "cost:1"), ids(ledger, org_id, "cost:2"))


def test_a_fact_told_anew_under_its_callers_id_takes_what_the_catalogue_says_now(
    ledger: Ledger, org_id: OrgId
) -> None:
    put(ledger, team="payments", tags=("cost:1",))
    recorded(ledger, id="mine")
    put(ledger, team="ops", tags=("cost:2",), updated_at=NOON + 1)

    again = recorded(ledger, id="mine")

    assert ("ops", ("cost:2",)) == (again.team, again.tags)
    assert ([], ["mine"]) == (ids(ledger, org_id, "cost:1"), ids(ledger, org_id, "cost:2"))


def test_a_failure_without_a_team_takes_the_first_that_its_services_have(ledger: Ledger) -> None:
    put(ledger, name="a", team="", languages=("go",))
    put(ledger, name="b", team="team-b", tags=("cost:1",))
    put(ledger, name="c", team="team-c", tags=("cost:1", "cost:2"))

    kept = failed(ledger, services=("x", "A", "b", "c"), tags=("own:1",))

    assert "team-b" == kept.team
    assert ("own:1", "language:go", "cost:1", "cost:2") == kept.tags


def test_a_failure_keeps_the_team_that_was_told(ledger: Ledger) -> None:
    put(ledger, team="payments")

    assert "ops" == failed(ledger, team="ops").team


@pytest.mark.parametrize("teams", [("ops", ""), ("", "ops")])
def test_a_team_told_with_either_part_of_a_failure_wins(ledger: Ledger, teams: tuple[str, str]) -> None:
    put(ledger, team="payments")
    failed(ledger, id="f-1", finished_at=None, team=teams[0])

    assert "ops" == failed(ledger, id="f-1", team=teams[1]).team


def test_a_failure_of_a_team_alone_takes_nothing(ledger: Ledger) -> None:
    put(ledger, team="payments", tags=("cost:1",))

    kept = failed(ledger, services=(), team="payments")

    assert () == kept.tags
