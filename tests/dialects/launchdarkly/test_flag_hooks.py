"""LaunchDarkly's own outgoing webhooks: signed audit log entries about flags."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from fairlead.dialects.launchdarkly.hooks_signature import signature
from fairlead.dialects.launchdarkly.hooks_translate import read
from fairlead.domain.access import OrgId
from fairlead.domain.flag_events import FlagEvent
from fairlead.domain.hooks import Hook, Vendor
from fairlead.store.engine import Transaction
from fairlead.store.flag_history import events_of
from fairlead.usecases.replay_deliveries import replay_deliveries
from tests.casts import Cast, Person
from tests.hosts import a_hook

CREATED_MS = 1_736_510_400_000  # 2025-01-10T12:00:00Z
TURNED_ON_MS = CREATED_MS + 86_400_000
FLAG = "/api/v2/flags/default/enable-pay"
Deliver = Callable[..., httpx.Response]


def a_flag(**changes: Any) -> dict[str, Any]:
    """Return a flag as an entry holds it, turned on in production."""
    production = {"on": True, "lastModified": TURNED_ON_MS, "version": 3, "rules": [], "offVariation": 1}
    told = {
        "key": "enable-pay",
        "name": "Enable pay",
        "kind": "boolean",
        "creationDate": CREATED_MS,
        "temporary": True,
        "tags": ["beta"],
        "variations": [{"_id": "a", "value": True}, {"_id": "b", "value": False}],
        "archived": False,
        "_version": 3,
        "maintainerId": "569f183514f4432160000007",
        "_maintainer": {"_id": "569f183514f4432160000007", "email": "ada@example.com", "firstName": "Ada"},
        "environments": {"production": production, "test": {"on": False, "lastModified": CREATED_MS}},
    }
    return told | changes


def an_entry(action: str = "updateOn", place: str = "production", **changes: Any) -> dict[str, Any]:
    """Return an entry as LaunchDarkly delivers it: somebody turned a flag on."""
    told = {
        "_links": {"canonical": {"href": "/api/v2/flags/default/enable-pay", "type": "application/json"}},
        "_id": "5a0a1e3f0a2c1b2d3e4f5a6b",
        "_accountId": "569f183514f4432160000001",
        "date": TURNED_ON_MS,
        "accesses": [{"action": action, "resource": f"proj/default:env/{place}:flag/enable-pay;beta,x"}],
        "kind": "flag",
        "name": "Enable pay",
        "description": "",
        "shortDescription": "",
        "comment": "go",
        "member": {"_id": "569f183514f4432160000007", "email": "ada@example.com", "firstName": "Ada"},
        "titleVerb": "turned on the flag",
        "title": "Ada turned on the flag Enable pay in Production",
        "target": {"name": "Enable pay", "resources": [f"proj/default:env/{place}:flag/enable-pay"]},
        "currentVersion": a_flag(),
    }
    return told | changes


@pytest.fixture
def hook(cast: Cast) -> Hook:
    """A hook of Ada's organisation."""
    return a_hook(cast.ledger, Vendor.LAUNCHDARKLY, cast.ada.org_id)


@pytest.fixture
def deliver(cast: Cast, hook: Hook) -> Deliver:
    """Deliver an entry, signed with the secret of the hook or another."""

    def send(entry: Any, secret: str = hook.secret, **headers: str) -> httpx.Response:
        body = entry if isinstance(entry, bytes) else json.dumps(entry).encode()
        signed = {"X-LD-Signature": signature(secret, body), "Content-Type": "application/json"}
        return cast.nobody.http.post(f"/hooks/launchdarkly/{hook.id}", content=body, headers=signed | headers)

    return send


def events(cast: Cast) -> list[FlagEvent]:
    def asked(transaction: Transaction, org_id: OrgId) -> list[FlagEvent]:
        return events_of(transaction, org_id, "default", "enable-pay")

    return cast.ledger.read(asked, cast.ada.org_id)


def test_a_flag_that_was_turned_on_is_kept_as_it_is_now(deliver: Deliver, lucy: Person) -> None:
    answer = deliver(an_entry())

    assert (200, "recorded", 1) == (
        answer.status_code,
        *(answer.json()[name] for name in ("status", "facts")),
    )
    flag = lucy.get(FLAG).json()
    assert ("Enable pay", CREATED_MS, ["beta"], 3) == tuple(
        flag[name] for name in ("name", "creationDate", "tags", "_version")
    )
    assert "ada@example.com" == flag["_maintainer"]["email"]
    assert (True, TURNED_ON_MS) == tuple(
        flag["environments"]["production"][name] for name in ("on", "lastModified")
    )
    assert not flag["environments"]["test"]["on"]


def test_what_happened_is_kept_once_however_often_it_is_delivered(deliver: Deliver, cast: Cast) -> None:
    again = an_entry() | {"comment": "spelled otherwise"}

    statuses = [deliver(entry).json()["status"] for entry in (an_entry(), an_entry(), again)]

    assert ["recorded", "duplicate", "recorded"] == statuses
    [event] = events(cast)
    assert ("enabled_targeting", "production", ("updateOn",), "5a0a1e3f0a2c1b2d3e4f5a6b") == (
        event.type.value,
        event.environment_key,
        event.actions,
        event.entry_id,
    )
    assert ("569f183514f4432160000007", "ada@example.com", "Ada") == (
        event.member.id,
        event.member.email,
        event.member.first_name,
    )


@pytest.mark.parametrize(
    ("done", "changes", "expected"),
    [
        (("createFlag", "*"), {}, "created_flag"),
        (("deleteFlag", "*"), {"currentVersion": None}, "deleted_flag"),
        (("updateGlobalArchived", "*"), {"currentVersion": a_flag(archived=True)}, "archived_flag"),
        (("updateGlobalArchived", "*"), {}, "restored_flag"),
        (("updateRules", "production"), {}, "updated_rules"),
        (("updateTargets", "production"), {}, "updated_targets"),
        (("updateFallthrough", "production"), {}, "updated_default_rule"),
        (("updateOffVariation", "production"), {}, "updated_off_variation"),
        (("updatePrerequisites", "production"), {}, "updated_prerequisites"),
        (("updateFlagVariations", "*"), {}, "updated_variations"),
        (("updateName", "*"), {}, "updated_settings"),
        (("updateOn", "test"), {}, "disabled_targeting"),
        (("updateOn", "test"), {"currentVersion": None, "titleVerb": "turned off"}, "disabled_targeting"),
    ],
)
def test_each_action_is_told_by_its_kind(
    deliver: Deliver, cast: Cast, done: tuple[str, str], changes: dict[str, Any], expected: str
) -> None:
    action, place = done
    assert 200 == deliver(an_entry(action, place, **changes)).status_code

    [event] = events(cast)
    assert (expected, "" if place == "*" else place) == (event.type.value, event.environment_key)


def test_an_entry_that_overtook_another_is_not_undone_by_it(deliver: Deliver, lucy: Person) -> None:
    off = a_flag(environments={"production": {"on": False, "lastModified": TURNED_ON_MS + 5}})
    later = an_entry(_id="b", date=TURNED_ON_MS + 5, currentVersion=off)

    for entry in (later, an_entry()):
        deliver(entry)

    assert not lucy.get(FLAG).json()["environments"]["production"]["on"]


def test_projects_and_environments_become_known_with_their_flags(deliver: Deliver, lucy: Person) -> None:
    resource = "proj/shop;tag:env/eu:flag/enable-pay"
    entry = an_entry(accesses=[{"action": "updateOn", "resource": resource}], currentVersion=None)

    deliver(entry)

    environments = lucy.get("/api/v2/projects/shop/environments").json()["items"]
    assert ["eu"] == [one["key"] for one in environments]
    assert lucy.get("/api/v2/flags/shop/enable-pay").json()["environments"]["eu"]["on"]


def test_what_is_not_about_a_flag_is_ignored(deliver: Deliver) -> None:
    told = deliver(an_entry(kind="environment", currentVersion={"key": "production"})).json()

    assert ("ignored", "an entry that is not about a flag") == (told["status"], told["reason"])


def test_only_what_is_signed_with_the_secret_is_taken(deliver: Deliver, cast: Cast) -> None:
    assert 401 == deliver(an_entry(), "whsec_other").status_code
    assert 401 == deliver(an_entry(), **{"X-LD-Signature": ""}).status_code
    assert [] == events(cast)


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({}, "_id"),
        (an_entry(date="soon"), "date"),
        (an_entry(accesses=[{"action": "updateOn"}]), "resource"),
        (an_entry(currentVersion={"key": "enable-pay"}), "name"),
        (an_entry(currentVersion=a_flag(creationDate=1)), "creationDate"),
        (b"{", ""),
    ],
)
def test_what_is_malformed_is_refused_by_name(deliver: Deliver, cast: Cast, entry: Any, named: str) -> None:
    refused = deliver(entry)

    assert (400, "invalid_request") == (refused.status_code, refused.json()["code"]), refused.text
    assert named in refused.json()["message"]
    assert [] == events(cast)


def test_a_replay_changes_nothing(deliver: Deliver, cast: Cast, hook: Hook, lucy: Person) -> None:
    deliver(an_entry())
    before = lucy.get(FLAG).json()

    replayed = list(replay_deliveries(cast.ledger, hook, read))

    assert ["recorded"] == [one.outcome for one in replayed]
    assert before == lucy.get(FLAG).json()
    assert 1 == len(events(cast))
