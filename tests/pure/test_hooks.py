from typing import Any

import pytest

from fairlead.domain.access import OrgId, organisation_id
from fairlead.domain.errors import Rejected
from fairlead.domain.hooks import (
    MOST_REASONS,
    Delivery,
    Deploys,
    Hook,
    HookId,
    Vendor,
    counted,
    deploys_from,
    hook_id,
    hook_owner,
    packed,
    secret_text,
    signing_key,
)
from tests.factories import NOON, ORG_ID

CHANCE = bytes(range(16))


@pytest.mark.parametrize("org_id", [organisation_id("default"), OrgId(0), OrgId(2**63 - 1)])
def test_the_id_of_a_hook_carries_its_organisation(org_id: OrgId) -> None:
    assert org_id == hook_owner(hook_id(org_id, CHANCE))


@pytest.mark.parametrize(
    "text",
    ["", "x", "0" * 47, "0" * 49, "G" * 48, "A" * 48, f"{'0' * 47}\n", "f" * 48, "\u0660" * 48, "../" * 16],
)
def test_what_cannot_be_the_id_of_a_hook_has_no_owner(text: str) -> None:
    assert hook_owner(text) is None


def test_a_secret_stands_for_the_key_it_was_made_of() -> None:
    secret = bytes(range(32))

    assert secret == signing_key(secret_text(secret))
    assert secret_text(secret).startswith("whsec_")


def test_a_secret_does_not_show_when_a_hook_is_logged() -> None:
    hook = Hook(
        org_id=ORG_ID, id=hook_id(ORG_ID, CHANCE), vendor=Vendor.GITHUB, secret="whsec_x", created_at=NOON
    )

    assert "whsec_x" not in repr(hook)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Deploy=checkout:prod", ("Deploy", "checkout", "prod")),
        ("deploy.yml = checkout : prod ", ("deploy.yml", "checkout", "prod")),
        ("a=b=checkout:prod", ("a=b", "checkout", "prod")),
        ("Deploy=team:checkout:prod", ("Deploy", "team:checkout", "prod")),
    ],
)
def test_a_deployment_is_named_by_workflow_service_and_environment(
    text: str, told: tuple[str, str, str]
) -> None:
    name, service, env = told

    assert Deploys(name=name, service=service, env=env) == deploys_from(text)


@pytest.mark.parametrize(
    "text", ["", "Deploy", "Deploy=checkout", "=checkout:prod", "Deploy=:prod", "Deploy=a:"]
)
def test_a_deployment_that_is_not_named_whole_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="NAME=SERVICE:ENV"):
        deploys_from(text)


def test_a_body_comes_back_as_it_was_packed() -> None:
    assert b"\x00 {}" * 1000 == a_delivery(packed=packed(b"\x00 {}" * 1000)).body


def test_a_body_that_was_not_kept_is_empty() -> None:
    assert b"" == a_delivery(packed=b"").body


@pytest.mark.parametrize("field", ["id", "event"])
@pytest.mark.parametrize("text", ["x" * 201, "a\x00b"])
def test_a_delivery_with_an_impossible_name_is_refused(field: str, text: str) -> None:
    with pytest.raises(Rejected):
        a_delivery(**{field: text})


def test_reasons_are_counted_apart_up_to_a_limit() -> None:
    ignored: dict[str, int] = {}
    for number in range(MOST_REASONS + 2):
        ignored = counted(ignored, f"event-{number}", "unknown event")
    ignored = counted(ignored, "event-0", "unknown event")

    assert (2, 2) == (ignored["event-0: unknown event"], ignored["others"])
    assert MOST_REASONS + 1 == len(ignored)


def a_delivery(**changes: Any) -> Delivery:
    fields: dict[str, Any] = {
        "org_id": ORG_ID,
        "hook_id": HookId("0" * 48),
        "id": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "event": "push",
        "received_at": NOON,
        "packed": b"",
    }
    return Delivery(**fields | changes)
