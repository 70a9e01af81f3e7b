"""Hooks in the database: what they count, what is delivered once, and what a replay makes of it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import Table, delete, select, text
from sqlalchemy.exc import DBAPIError

from fairlead.dialects.github.translate import read
from fairlead.domain.access import OrgId
from fairlead.domain.changes import CommitsOf, RepositoryId
from fairlead.domain.errors import NotFound, Rejected
from fairlead.domain.hooks import (
    Delivery,
    DeliveryOutcome,
    Deploys,
    Hook,
    HookId,
    Reading,
    Vendor,
    packed,
)
from fairlead.store import hooks
from fairlead.store.engine import reading, writing
from fairlead.store.ledger import Ledger
from fairlead.store.tables import (
    commits,
    deployment_starts,
    deployments,
    hook_deliveries,
    missing_parents,
    pull_request_reviews,
    pull_requests,
)
from fairlead.usecases.create_hook import HookWanted, create_hooks
from fairlead.usecases.create_organisation import create_organisations
from fairlead.usecases.find_hook import find_hook
from fairlead.usecases.list_hooks import list_hooks
from fairlead.usecases.record_delivery import Delivered, record_deliveries
from fairlead.usecases.replay_deliveries import replay_deliveries
from tests.factories import NOON, a_commit, a_report, a_sha, an_organisation
from tests.hosts import a_hook, payload

EVENTS = (
    "pull_request.opened",
    "push",
    "pull_request_review.submitted",
    "pull_request.closed",
    "pull_request.ready_for_review",
    "deployment_status.success",
    "deployment_status.in_progress",
    "release.published",
    "star.created",
    "workflow_run.completed",
)
FACT_TABLES = (pull_requests, pull_request_reviews, commits, missing_parents, deployments, deployment_starts)


@pytest.fixture
def hook(ledger: Ledger, org_id: OrgId) -> Hook:
    return a_hook(ledger, Vendor.GITHUB, org_id, Deploys(name="Deploy", service="checkout", env="prod"))


def a_delivery(hook: Hook, id: str, event: str, told: Any, received_at: int = NOON) -> Delivery:
    return Delivery(
        org_id=hook.org_id,
        hook_id=hook.id,
        id=id,
        event=event,
        received_at=received_at,
        headers={"content-type": "application/json"},
        packed=packed(json.dumps(told).encode()),
    )


def deliver(ledger: Ledger, hook: Hook, *names: str) -> list[bool]:
    """Deliver payload files, a second apart, each under its own name."""
    delivered = []
    for place, name in enumerate(names):
        delivery = a_delivery(hook, name, name.partition(".")[0], payload("github", name), NOON + place)
        delivered.append(Delivered(delivery=delivery, reading=read(hook, delivery)))
    return [ledger.write(record_deliveries, one) for one in delivered]


def rows(ledger: Ledger, tables: Sequence[Table] = FACT_TABLES) -> dict[str, list[tuple[Any, ...]]]:
    with reading(ledger.engine) as transaction:
        return {
            table.name: sorted(tuple(row) for row in transaction.execute(select(table))) for table in tables
        }


def test_a_hook_comes_back_as_it_was_created(ledger: Ledger, hook: Hook) -> None:
    assert hook == ledger.read(find_hook, hook.org_id, hook.id)
    assert [hook] == ledger.read(list_hooks, hook.org_id)


def test_hooks_come_back_oldest_first(ledger: Ledger, org_id: OrgId) -> None:
    def wanted(at: int) -> HookWanted:
        chance = at.to_bytes(16, "big")
        return HookWanted(org_id=org_id, vendor=Vendor.GITLAB, secret=bytes(32), chance=chance, at=at)

    made = [ledger.write(create_hooks, wanted(NOON - number)) for number in range(3)]

    assert made[::-1] == ledger.read(list_hooks, org_id)


def test_a_hook_for_an_organisation_that_is_not_there_is_refused(ledger: Ledger, other_org_id: OrgId) -> None:
    with pytest.raises(NotFound, match="no such organisation"):
        a_hook(ledger, Vendor.GITHUB, other_org_id)
    with pytest.raises(NotFound, match="no such organisation"):
        ledger.read(list_hooks, other_org_id)


def test_an_organisation_sees_its_own_hooks_only(ledger: Ledger, hook: Hook) -> None:
    other = ledger.write(create_organisations, an_organisation())
    theirs = a_hook(ledger, Vendor.GITHUB, other.org_id)

    assert [hook] == ledger.read(list_hooks, hook.org_id)
    assert ledger.read(find_hook, hook.org_id, theirs.id) is None


def test_a_delivery_is_kept_once(ledger: Ledger, hook: Hook) -> None:
    assert [True, True, False] == deliver(ledger, hook, "push", "star.created", "push")


def test_two_of_one_id_in_one_batch_are_one(ledger: Ledger, hook: Hook) -> None:
    delivery = a_delivery(hook, "1", "push", payload("github", "push"))
    one = Delivered(delivery=delivery, reading=read(hook, delivery))

    with writing(ledger.engine) as transaction:
        assert [True, False] == record_deliveries(transaction, [one, one])
    [counted] = ledger.read(list_hooks, hook.org_id)
    assert 1 == counted.deliveries


# SQLite has one writing transaction at a time anyway.
@pytest.mark.parametrize("engine_kind", ["postgresql"])
def test_nobody_else_counts_at_a_hook_that_was_claimed(ledger: Ledger, hook: Hook) -> None:
    with writing(ledger.engine) as mine, writing(ledger.engine) as theirs:
        hooks.claim(mine, hook.org_id, hook.id)
        theirs.execute(text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError, match="lock timeout"):
            hooks.claim(theirs, hook.org_id, hook.id)


def test_one_id_at_two_hooks_is_two_deliveries(ledger: Ledger, hook: Hook) -> None:
    other = a_hook(ledger, Vendor.GITHUB, hook.org_id)

    assert [True] == deliver(ledger, hook, "push")
    assert [True] == deliver(ledger, other, "push")


def test_a_hook_counts_what_arrived_and_why_it_was_ignored(ledger: Ledger, hook: Hook) -> None:
    deliver(ledger, hook, *EVENTS)

    [counted] = ledger.read(list_hooks, hook.org_id)
    assert (10, NOON + 9) == (counted.deliveries, counted.last_delivery_at)
    assert {
        "release: a release brings nothing to production by itself": 1,
        "star: unknown event": 1,
    } == counted.ignored


def test_a_delivery_to_a_hook_that_is_gone_is_refused(ledger: Ledger, hook: Hook) -> None:
    delivery = Delivery(
        org_id=hook.org_id, hook_id=HookId("0" * 48), id="1", event="push", received_at=NOON, packed=b""
    )

    with pytest.raises(NotFound):
        ledger.write(record_deliveries, Delivered(delivery=delivery, reading=Reading(ignored="nothing")))


def test_a_bad_delivery_takes_none_of_its_neighbours_along(ledger: Ledger, hook: Hook) -> None:
    told = payload("github", "push")
    bad, good = (a_delivery(hook, name, "push", told) for name in ("bad", "good"))
    circle = CommitsOf(
        org_id=hook.org_id,
        repository_id=RepositoryId("github.com/shopist/checkout"),
        commits=tuple(a_commit(sha=a_sha(one), parents=(a_sha(1 - one),)) for one in (0, 1)),
    )
    batch = [
        Delivered(delivery=bad, reading=Reading(facts=(circle,))),
        Delivered(delivery=good, reading=read(hook, good)),
    ]

    with pytest.raises(Rejected, match="its own ancestor"), writing(ledger.engine) as transaction:
        record_deliveries(transaction, batch)
    assert [] == rows(ledger, [hook_deliveries])["hook_deliveries"]
    with pytest.raises(Rejected):
        ledger.write(record_deliveries, batch[0])
    assert ledger.write(record_deliveries, batch[1])


def test_a_replay_makes_of_deliveries_what_they_made_the_first_time(ledger: Ledger, hook: Hook) -> None:
    deliver(ledger, hook, *EVENTS)
    first = rows(ledger)
    with writing(ledger.engine) as transaction:
        for table in FACT_TABLES:
            transaction.execute(delete(table))

    replayed = list(replay_deliveries(ledger, hook, read))

    assert first == rows(ledger)
    assert list(EVENTS[:8] + EVENTS[9:]) == [one.delivery.id for one in replayed]


def test_a_replay_onto_what_is_there_changes_nothing(ledger: Ledger, hook: Hook) -> None:
    deliver(ledger, hook, *EVENTS)
    before = rows(ledger, [*FACT_TABLES, hook_deliveries]), ledger.read(list_hooks, hook.org_id)

    list(replay_deliveries(ledger, hook, read))

    assert before == (rows(ledger, [*FACT_TABLES, hook_deliveries]), ledger.read(list_hooks, hook.org_id))


def test_a_replay_can_begin_at_an_instant(ledger: Ledger, hook: Hook) -> None:
    deliver(ledger, hook, *EVENTS)

    replayed = replay_deliveries(ledger, hook, read, since_at=NOON + 7)

    assert ["release.published", "workflow_run.completed"] == [one.delivery.id for one in replayed]


def test_a_replay_goes_through_many_deliveries_of_one_instant(ledger: Ledger, hook: Hook) -> None:
    told = payload("github", "release.published")
    with writing(ledger.engine) as transaction:
        for number in range(120):
            delivery = a_delivery(hook, f"{number:03}", "release", told)
            record_deliveries(transaction, [Delivered(delivery=delivery, reading=read(hook, delivery))])

    assert [f"{number:03}" for number in range(120)] == [
        one.delivery.id for one in replay_deliveries(ledger, hook, read)
    ]


def test_a_replay_passes_over_what_is_refused_now(ledger: Ledger, hook: Hook) -> None:
    deliver(ledger, hook, "push", "pull_request.opened")

    def choosy(hook: Hook, delivery: Delivery) -> Reading:
        if delivery.event == "push":
            raise Rejected("not today", field="ref")
        return read(hook, delivery)

    assert [(DeliveryOutcome.IGNORED, "not today"), (DeliveryOutcome.RECORDED, "")] == [
        (one.outcome, one.reason) for one in replay_deliveries(ledger, hook, choosy)
    ]


def test_a_replay_that_understands_more_says_so(ledger: Ledger, hook: Hook) -> None:
    deliver(ledger, hook, "release.published")

    def wiser(hook: Hook, delivery: Delivery) -> Reading:
        return Reading(facts=(a_report(org_id=hook.org_id),))

    list(replay_deliveries(ledger, hook, wiser))
    [row] = rows(ledger, [hook_deliveries])["hook_deliveries"]
    assert ("recorded", "") == row[-2:]


def test_headers_and_body_are_kept_as_they_arrived(ledger: Ledger, hook: Hook) -> None:
    delivery = a_delivery(hook, "1", "push", payload("github", "push"))
    ledger.write(record_deliveries, Delivered(delivery=delivery, reading=read(hook, delivery)))

    page = hooks.DeliveriesPage(org_id=hook.org_id, hook_id=hook.id, since_at=0, limit=10)
    assert [delivery] == ledger.read(hooks.deliveries, page)
