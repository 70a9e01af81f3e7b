"""What a server does with GitLab's deliveries, as far as it differs from GitHub's."""

import json
from dataclasses import replace
from http import HTTPStatus

import pytest

from fairlead.domain.hooks import Vendor
from fairlead.store import deployments
from fairlead.usecases.list_hooks import list_hooks
from tests.hosts import Host, a_hook, payload, standard_signature

REPOSITORY = "gitlab.example.com/shopist/checkout"
EVENT = "Merge Request Hook"
MESSAGE = {"webhook_id": "7bafea1a", "webhook_timestamp": "1741705200"}


def test_a_delivery_with_the_secret_token_is_recorded_with_its_facts(gitlab: Host) -> None:
    response = gitlab.deliver(EVENT, payload("gitlab", "merge_request.open"))

    assert (HTTPStatus.OK, "recorded") == (response.status_code, response.json()["status"])
    known = gitlab.pull_request(23, REPOSITORY)
    assert known is not None
    assert "ada" == known.author


def test_a_delivery_signed_with_the_signing_token_needs_no_secret_token(gitlab: Host) -> None:
    body = json.dumps(payload("gitlab", "merge_request.open")).encode()
    signature = standard_signature(gitlab.hook.secret, MESSAGE, body)

    response = gitlab.deliver_bytes(
        EVENT, body, X_Gitlab_Token="", webhook_signature=f"v1,old {signature}", **MESSAGE
    )

    assert ("recorded", "7bafea1a") == (response.json()["status"], response.json()["delivery"])


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook_id": "another"},
        {"webhook_timestamp": "1741705201"},
        {"webhook_signature": "v1,bm90aGluZw=="},
        {"webhook_signature": "v2,"},
    ],
)
def test_a_signature_is_held_to_its_delivery_even_with_the_secret_token(
    gitlab: Host, changes: dict[str, str]
) -> None:
    body = json.dumps(payload("gitlab", "merge_request.open")).encode()
    signature = standard_signature(gitlab.hook.secret, MESSAGE, body)

    headers = {**MESSAGE, "webhook_signature": signature, **changes}
    response = gitlab.deliver_bytes(EVENT, body, **headers)

    assert HTTPStatus.UNAUTHORIZED == response.status_code


@pytest.mark.parametrize("token", ["", "whsec_x", "ä"])
def test_a_delivery_without_the_secret_token_is_refused_and_leaves_nothing(gitlab: Host, token: str) -> None:
    response = gitlab.deliver(
        EVENT,
        payload("gitlab", "merge_request.open"),
        X_Gitlab_Token=token.encode("latin-1"),
    )

    assert (HTTPStatus.UNAUTHORIZED, "stranger") == (response.status_code, response.json()["error"]["code"])
    [hook] = gitlab.ledger.read(list_hooks, gitlab.hook.org_id)
    assert (0, None) == (hook.deliveries, hook.last_delivery_at)


def test_the_secret_of_another_hook_opens_nothing(gitlab: Host) -> None:
    other = a_hook(gitlab.ledger, Vendor.GITLAB, gitlab.hook.org_id)

    forger = replace(gitlab, secret=other.secret)

    assert HTTPStatus.UNAUTHORIZED == forger.deliver(EVENT, payload("gitlab", "push")).status_code


def test_events_that_share_an_event_id_are_not_taken_for_one(gitlab: Host) -> None:
    names = ("merge_request.open", "merge_request.ready")

    answers = [gitlab.deliver(EVENT, payload("gitlab", name), Idempotency_Key="") for name in names]

    assert ["recorded", "recorded"] == [answer.json()["status"] for answer in answers]


def test_the_same_delivery_again_changes_nothing(gitlab: Host) -> None:
    told = payload("gitlab", "merge_request.open")

    answers = [gitlab.deliver(EVENT, told, Idempotency_Key="one") for _ in range(2)]

    assert ["recorded", "duplicate"] == [answer.json()["status"] for answer in answers]


@pytest.mark.parametrize("order", [("running", "success"), ("success", "running")])
def test_a_deployment_has_the_start_and_the_end_that_were_told_apart(
    gitlab: Host, order: tuple[str, str]
) -> None:
    for status in order:
        gitlab.deliver("Deployment Hook", payload("gitlab", f"deployment.{status}"))

    known = gitlab.ledger.read(deployments.get, gitlab.hook.org_id, "gitlab.example.com-deployment-15")
    assert known is not None
    assert 150 * 10**9 == known.fact.duration_ns


def test_what_is_ignored_is_counted_by_gitlabs_name_for_it(gitlab: Host) -> None:
    gitlab.deliver("Issue Hook", payload("gitlab", "issue"))

    [hook] = gitlab.ledger.read(list_hooks, gitlab.hook.org_id)
    assert {"Issue Hook: unknown event": 1} == hook.ignored


def test_a_missing_fact_is_refused_with_its_path(gitlab: Host) -> None:
    response = gitlab.deliver(EVENT, payload("gitlab", "merge_request.open", object_attributes__iid=None))

    assert (HTTPStatus.BAD_REQUEST, "object_attributes.iid") == (
        response.status_code,
        response.json()["error"]["field"],
    )
