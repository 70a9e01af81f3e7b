"""What PagerDuty's events become: failures that open and close, and states of monitors."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from fairlead.domain.failures import Failure
from fairlead.domain.hooks import Vendor
from fairlead.domain.instants import from_rfc3339
from fairlead.domain.monitors import Monitor
from fairlead.store import failures, monitors
from fairlead.store.engine import Transaction
from fairlead.usecases.put_entries import put_entries
from tests.alerting_tools import Tool, an_event
from tests.factories import an_entry_told
from tests.gate_factories import a_monitor

ID = "pagerduty-PGR0VU2"
TEN = from_rfc3339("2026-01-01T10:00:00Z")
ELEVEN, TWELVE, ONE = ("2026-01-01T11:00:00Z", "2026-01-01T12:00:00Z", "2026-01-01T13:00:00Z")
RAISED = "[Triggered on {env:stage,service:cart,team:checkout}] Error rate"
BY_HAND = {"id": "PUSER", "type": "user_reference"}


@pytest.fixture
def pagerduty(tool: Callable[[Vendor], Tool]) -> Tool:
    return tool(Vendor.PAGERDUTY)


def the_failure(pagerduty: Tool) -> Failure:
    found = pagerduty.ledger.read(failures.get, pagerduty.hook.org_id, ID)
    assert found is not None
    return found


def whose(pagerduty: Tool) -> tuple[tuple[str, ...], str, str]:
    failure = the_failure(pagerduty)
    return failure.services, failure.team, failure.env


def catalogued(pagerduty: Tool, *entries: dict[str, Any]) -> None:
    told = [an_entry_told(org_id=pagerduty.hook.org_id, **entry) for entry in entries]
    pagerduty.ledger.write(put_entries, told)


def monitored(pagerduty: Tool, *tags: str) -> None:
    def put(transaction: Transaction, facts: Sequence[Monitor]) -> list[None]:
        for fact in facts:
            monitors.put(transaction, fact)
        return [None] * len(facts)

    pagerduty.ledger.write(
        put, replace(a_monitor(name="Error rate", tags=tags), org_id=pagerduty.hook.org_id)
    )


def test_an_incident_is_a_failure_that_opens_and_closes(pagerduty: Tool) -> None:
    assert 200 == pagerduty.deliver(an_event()).status_code
    opened = the_failure(pagerduty)
    pagerduty.deliver(an_event("acknowledged", "2026-01-01T10:02:00Z"))
    pagerduty.deliver(an_event("resolved", ELEVEN))

    assert (TEN, None, "Payments are slow", "P1") == (
        opened.started_at,
        opened.finished_at,
        opened.name,
        opened.severity,
    )
    assert "pagerduty" == opened.source
    assert from_rfc3339(ELEVEN) == the_failure(pagerduty).finished_at


def test_a_late_event_does_not_open_it_again(pagerduty: Tool) -> None:
    for kind, at in (("resolved", ELEVEN), ("triggered", "2026-01-01T10:00:00Z"), ("acknowledged", ELEVEN)):
        pagerduty.deliver(an_event(kind, at))

    assert from_rfc3339(ELEVEN) == the_failure(pagerduty).finished_at


def test_a_reopened_incident_is_open_until_it_is_resolved_again(pagerduty: Tool) -> None:
    pagerduty.deliver(an_event("resolved", ELEVEN))

    pagerduty.deliver(an_event("reopened", TWELVE))
    assert the_failure(pagerduty).finished_at is None
    pagerduty.deliver(an_event("resolved", ONE))
    assert from_rfc3339(ONE) == the_failure(pagerduty).finished_at
    pagerduty.deliver(an_event("reopened", TWELVE, title="told again, late"))
    assert from_rfc3339(ONE) == the_failure(pagerduty).finished_at


def test_an_incident_is_an_alert_of_its_service(pagerduty: Tool) -> None:
    pagerduty.deliver(an_event())
    assert {"incident:PGR0VU2": "alert"} == pagerduty.states('service:"Payments API"')

    pagerduty.deliver(an_event("resolved", ELEVEN))
    assert {"incident:PGR0VU2": "ok"} == pagerduty.states()


def test_names_stay_as_they_are_where_nothing_is_known(pagerduty: Tool) -> None:
    pagerduty.deliver(an_event())

    assert (("Payments API",), "Payments Team", "") == whose(pagerduty)


def test_the_environment_may_be_fixed_by_a_header(pagerduty: Tool) -> None:
    pagerduty.deliver(an_event(), dd_env="prod")

    assert "prod" == the_failure(pagerduty).env


def test_the_group_of_the_monitor_that_raised_it_comes_first(pagerduty: Tool) -> None:
    monitored(pagerduty, "service:other", "env:other")

    pagerduty.deliver(an_event(title=RAISED))

    assert (("cart",), "checkout", "stage") == whose(pagerduty)


def test_an_incident_resolved_by_hand_says_nothing_of_the_group(pagerduty: Tool) -> None:
    monitored(pagerduty, "service:cart", "service:basket", "env:prod", "team:shop")

    pagerduty.deliver(an_event("resolved", ELEVEN, title=RAISED, agent=BY_HAND))

    assert (("cart", "basket"), "shop", "prod") == whose(pagerduty)


def test_the_tags_of_the_monitor_that_raised_it_come_second(pagerduty: Tool) -> None:
    monitored(pagerduty, "service:cart", "env:prod")

    pagerduty.deliver(an_event(title="[Triggered] Error rate"))

    assert (("cart",), "", "prod") == whose(pagerduty)


def test_the_address_in_the_catalogue_comes_third(pagerduty: Tool) -> None:
    url = "https://acme.pagerduty.com/service-directory/PF9KMXH"
    catalogued(pagerduty, {"name": "pay", "team": "money", "pagerduty_url": url})

    pagerduty.deliver(an_event())

    assert (("pay",), "money", "") == whose(pagerduty)


def test_an_address_that_several_share_tells_only_their_team(pagerduty: Tool) -> None:
    url = "https://acme.pagerduty.com/services/PF9KMXH"
    both = [{"name": name, "team": "money", "pagerduty_url": url} for name in ("pay", "bill")]
    catalogued(pagerduty, *both)

    pagerduty.deliver(an_event())

    assert ((), "money", "") == whose(pagerduty)


def test_the_name_in_the_catalogue_comes_fourth(pagerduty: Tool) -> None:
    catalogued(pagerduty, {"name": "payments-api", "team": "money"})

    pagerduty.deliver(an_event(service={"id": "P1", "summary": "payments-api"}))

    assert (("payments-api",), "money", "") == whose(pagerduty)


@pytest.mark.parametrize("team", ["Payments Team", "Payments API"])
def test_a_team_of_the_catalogue_comes_fifth(pagerduty: Tool, team: str) -> None:
    catalogued(pagerduty, {"name": "something-else", "team": team})

    pagerduty.deliver(an_event())

    assert ((), team, "") == whose(pagerduty)


@pytest.mark.parametrize(
    "signature",
    ["", "v1=" + "0" * 64, "v2=" + "0" * 64, "nonsense", ",".join(["v1=" + "1" * 64] * 3)],
)
def test_a_wrong_signature_is_refused(pagerduty: Tool, signature: str) -> None:
    answer = pagerduty.deliver(an_event(), X_PagerDuty_Signature=signature)

    assert 401 == answer.status_code
    assert pagerduty.ledger.read(failures.get, pagerduty.hook.org_id, ID) is None


def test_a_question_whether_somebody_is_there_is_answered(pagerduty: Tool) -> None:
    ping = {
        "event": {"id": "1", "event_type": "pagey.ping", "occurred_at": ELEVEN, "data": {"message": "hi"}}
    }

    assert "answered" == pagerduty.deliver(ping).json()["status"]


@pytest.mark.parametrize("kind", ["incident.annotated", "service.updated"])
def test_other_events_are_ignored(pagerduty: Tool, kind: str) -> None:
    event = {"event": {"id": "1", "event_type": kind, "occurred_at": ELEVEN, "data": {"content": "note"}}}

    assert "ignored" == pagerduty.deliver(event).json()["status"]


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"event": {"id": "1"}},
        an_event(created_at="yesterday"),
        an_event(created_at="1999-01-01T00:00:00Z"),
        an_event(id=5),
        an_event(title="x" * 1001),
    ],
)
def test_what_is_no_event_is_refused(pagerduty: Tool, told: Any) -> None:
    assert 400 == pagerduty.deliver(told).status_code
