"""What a server does with GitHub's deliveries: proves them, keeps each once, and all of it or nothing."""

import json
from dataclasses import replace
from http import HTTPStatus
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import func, select

from fairlead.domain.changes import RepositoryId
from fairlead.domain.hooks import Hook, HookId, Vendor, hook_id
from fairlead.store import commits, deployments
from fairlead.store.tables import hook_deliveries
from fairlead.usecases.create_organisation import create_organisations, new_organisation
from fairlead.usecases.list_hooks import list_hooks
from tests.factories import NOON, a_sha
from tests.hosts import Host, a_hook, github_signature, payload
from tests.servers import served

REPOSITORY = "github.com/shopist/checkout"
MIB = 1_048_576


def the_hook(github: Host) -> Hook:
    """The hook as it is kept now."""
    [hook] = [one for one in github.ledger.read(list_hooks, github.hook.org_id) if one.id == github.hook.id]
    return hook


def kept(github: Host) -> int:
    """How many deliveries there are, of anybody."""
    count = select(func.count()).select_from(hook_deliveries)
    return github.ledger.read(lambda transaction: transaction.execute(count).scalar_one())


def status(response: httpx.Response) -> str:
    assert response.status_code == HTTPStatus.OK, response.text
    told: str = response.json()["status"]
    return told


def test_a_delivery_is_recorded_with_its_facts(github: Host) -> None:
    response = github.deliver("pull_request", payload("github", "pull_request.opened"))

    assert ("recorded", 1) == (status(response), response.json()["facts"])
    known = github.pull_request(17, REPOSITORY)
    assert known is not None
    assert "Charge cards through the new gateway" == known.title


def test_commits_of_a_push_are_kept(github: Host) -> None:
    told = payload("github", "push")
    github.deliver("push", told)

    shas = [one["id"] for one in told["commits"]]
    found = github.ledger.read(commits.known, github.hook.org_id, RepositoryId(REPOSITORY), shas)
    assert set(shas) == found


@pytest.mark.parametrize("order", [("in_progress", "success"), ("success", "in_progress")])
def test_a_deployment_has_the_start_and_the_end_that_were_told_apart(
    github: Host, order: tuple[str, str]
) -> None:
    for state in order:
        github.deliver("deployment_status", payload("github", f"deployment_status.{state}"))

    known = github.ledger.read(deployments.get, github.hook.org_id, "github.com-deployment-145988746")
    assert known is not None
    assert 150 * 10**9 == known.fact.duration_ns


def test_of_two_ends_of_a_deployment_the_earlier_stands(github: Host) -> None:
    later = payload(
        "github", "deployment_status.success", deployment_status__created_at="2025-03-11T18:00:00Z"
    )
    github.deliver("deployment_status", later)
    github.deliver("deployment_status", payload("github", "deployment_status.success"))
    github.deliver("deployment_status", later)

    known = github.ledger.read(deployments.get, github.hook.org_id, "github.com-deployment-145988746")
    assert known is not None
    assert 750 * 10**9 == known.fact.duration_ns


def test_a_delivery_under_a_known_id_changes_nothing(github: Host) -> None:
    opened = payload("github", "pull_request.opened")
    github.deliver("pull_request", opened, X_GitHub_Delivery="one")
    before = the_hook(github)

    again = github.deliver("pull_request", payload("github", "pull_request.closed"), X_GitHub_Delivery="one")

    assert "duplicate" == status(again)
    known = github.pull_request(17, REPOSITORY)
    assert known is not None
    assert known.merged_at is None
    assert before == the_hook(github)


def test_a_delivery_without_an_id_is_told_by_its_content(github: Host) -> None:
    body = json.dumps(payload("github", "push")).encode()
    answers = [github.deliver_bytes("push", body, X_GitHub_Delivery="") for _ in range(2)]

    assert ["recorded", "duplicate"] == [status(answer) for answer in answers]


def test_a_ping_is_answered_and_counted(github: Host) -> None:
    assert "answered" == status(github.deliver("ping", payload("github", "ping")))
    assert (1, {}) == (the_hook(github).deliveries, the_hook(github).ignored)


def test_events_that_tell_nothing_are_counted_with_the_reason(github: Host) -> None:
    for name in ("star.created", "star.created", "release.published", "deployment.created"):
        assert "ignored" == status(github.deliver(name.partition(".")[0], payload("github", name)))

    hook = the_hook(github)
    assert {
        "star: unknown event": 2,
        "release: a release brings nothing to production by itself": 1,
        "deployment: the deployment has not begun": 1,
    } == hook.ignored
    assert 4 == hook.deliveries


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Hub_Signature_256": ""},
        {"X_Hub_Signature_256": "sha256=" + "0" * 64},
        {"X_Hub_Signature_256": "sha1=" + "0" * 40},
        {"X_Hub_Signature_256": "sha256="},
        {"X_Hub_Signature_256": "sha256=ä" + "0" * 63},
    ],
)
def test_a_delivery_without_a_proper_signature_is_refused_and_leaves_nothing(
    github: Host, headers: dict[str, str]
) -> None:
    encoded = {name: value.encode("latin-1") for name, value in headers.items()}

    response = github.deliver("push", payload("github", "push"), **encoded)

    assert (HTTPStatus.UNAUTHORIZED, "stranger") == (response.status_code, response.json()["error"]["code"])
    assert (0, 0) == (kept(github), the_hook(github).deliveries)


def test_a_delivery_that_was_signed_with_another_secret_is_refused(github: Host) -> None:
    forger = replace(github, secret="whsec_" + "A" * 43 + "=")

    assert HTTPStatus.UNAUTHORIZED == forger.deliver("push", payload("github", "push")).status_code
    assert 0 == kept(github)


def test_a_signature_is_good_for_its_own_body_only(github: Host) -> None:
    body = json.dumps(payload("github", "push")).encode()
    signature = github_signature(github.hook.secret, body)

    response = github.deliver_bytes("push", body + b" ", X_Hub_Signature_256=signature)

    assert HTTPStatus.UNAUTHORIZED == response.status_code


@pytest.mark.parametrize("id", ["", "x", "0" * 48, "f" * 48, "../gitlab"])
def test_a_hook_that_is_not_there_is_refused_like_a_wrong_signature(github: Host, id: str) -> None:
    absent = replace(github, hook=replace(github.hook, id=HookId(id)))

    response = absent.deliver("push", payload("github", "push"))

    assert response.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND)
    assert 0 == kept(github)


def test_nobody_delivers_to_the_hook_of_another_vendor(github: Host) -> None:
    theirs = a_hook(github.ledger, Vendor.GITLAB, github.hook.org_id)
    crossed = replace(github, hook=replace(theirs, vendor=Vendor.GITHUB))

    assert HTTPStatus.UNAUTHORIZED == crossed.deliver("push", payload("github", "push")).status_code


def test_what_is_delivered_to_one_organisation_no_other_sees(github: Host) -> None:
    other = github.ledger.write(create_organisations, new_organisation(f"org-{uuid4().hex}", "", NOON))
    theirs = replace(github, hook=a_hook(github.ledger, Vendor.GITHUB, other.org_id))

    github.deliver("pull_request", payload("github", "pull_request.opened"))
    theirs.deliver("pull_request", payload("github", "pull_request.opened", pull_request__title="Theirs"))

    assert ["Charge cards through the new gateway", "Theirs"] == [
        known.title for host in (github, theirs) if (known := host.pull_request(17, REPOSITORY))
    ]


def test_a_hook_of_one_organisation_under_the_name_of_another_is_refused(github: Host) -> None:
    other = github.ledger.write(create_organisations, new_organisation(f"org-{uuid4().hex}", "", NOON))
    mixed = hook_id(other.org_id, bytes.fromhex(github.hook.id[16:]))

    response = replace(github, hook=replace(github.hook, id=mixed)).deliver("ping", payload("github", "ping"))

    assert HTTPStatus.UNAUTHORIZED == response.status_code


def test_a_missing_fact_is_refused_with_its_path_and_leaves_nothing(github: Host) -> None:
    response = github.deliver("push", payload("github", "push", commits__1__id="main"))

    assert HTTPStatus.BAD_REQUEST == response.status_code
    assert {
        "code": "rejected",
        "detail": 'attribute "commits[1].id" must be 40 or 64 hexadecimal digits',
        "field": "commits[1].id",
    } == response.json()["error"]
    assert (0, 0) == (kept(github), the_hook(github).deliveries)


def test_an_event_without_a_name_is_refused(github: Host) -> None:
    response = github.deliver("", payload("github", "push"))

    assert (HTTPStatus.BAD_REQUEST, "X-GitHub-Event") == (
        response.status_code,
        response.json()["error"]["field"],
    )


def test_only_post_delivers(github: Host) -> None:
    response = github.http.get(github.path)

    assert (HTTPStatus.METHOD_NOT_ALLOWED, "method_not_allowed") == (
        response.status_code,
        response.json()["error"]["code"],
    )


def test_a_push_of_as_many_commits_as_github_lists_is_recorded(github: Host) -> None:
    one = payload("github", "push")["commits"][0]
    commits_told = [one | {"id": a_sha(number), "distinct": True} for number in range(2048)]

    response = github.deliver("push", payload("github", "push", commits=commits_told, after=a_sha(2047)))

    assert "recorded" == status(response)
    shas = [a_sha(number) for number in range(2048)]
    known = github.ledger.read(commits.known, github.hook.org_id, RepositoryId(REPOSITORY), shas)
    assert 2048 == len(known)


def test_the_largest_delivery_that_github_sends_is_recorded(github: Host) -> None:
    told = payload("github", "push")
    paths = [f"assets/{number:05}/{'x' * 200}" for number in range(118_000)]
    told["commits"][0]["modified"] = paths

    body = json.dumps(told).encode()
    assert 24 * MIB < len(body) < 25 * MIB
    assert "recorded" == status(github.deliver_bytes("push", body))
    [known] = github.ledger.read(
        commits.fetch, github.hook.org_id, RepositoryId(REPOSITORY), [told["commits"][0]["id"]]
    ).values()
    assert known.paths is not None
    assert len(paths) < len(known.paths)


def test_a_larger_one_is_refused_before_it_is_read(hosts_database: str, github: Host) -> None:
    with served(hosts_database, max_hook_body_bytes=2048) as small:
        response = replace(github, http=small.http).deliver_bytes("push", b" " * 2049)

    assert (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large") == (
        response.status_code,
        response.json()["error"]["code"],
    )
    assert 0 == kept(github)


def test_a_server_that_is_being_lied_to_goes_on_answering(github: Host) -> None:
    for body in (b"", b"{", b"[" * 100_000, b"\xff" * 1000, b'{"ref": ' + b"9" * 100_000):
        assert HTTPStatus.BAD_REQUEST == github.deliver_bytes("push", body).status_code

    assert "recorded" == status(github.deliver("push", payload("github", "push")))
