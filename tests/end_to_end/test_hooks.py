"""`fairlead hooks`: made by a command, delivered to over HTTP, listed and replayed by commands."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import delete

from fairlead.domain.changes import RepositoryId
from fairlead.store import pull_requests
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.store.tables import pull_requests as pull_requests_table
from tests.factories import ORG_ID
from tests.hosts import github_signature, payload
from tests.programs import Commands
from tests.servers import served

REPOSITORY = RepositoryId("github.com/shopist/checkout")


def made(commands: Commands, *args: str) -> Any:
    """A new hook, as the command prints it for programs."""
    return json.loads(commands.run("hooks", "create", "github", *args, "--json"))


def listed(commands: Commands, *args: str) -> Any:
    return json.loads(commands.run("hooks", "list", *args, "--json"))


def deliver(http: httpx.Client, hook: Any, name: str) -> str:
    """Deliver a payload file under its own name."""
    body = json.dumps(payload("github", name)).encode()
    headers = {
        "X-GitHub-Event": name.partition(".")[0],
        "X-GitHub-Delivery": name,
        "X-Hub-Signature-256": github_signature(hook["secret"], body),
    }
    status: str = http.post(hook["path"], content=body, headers=headers).json()["status"]
    return status


@pytest.mark.parametrize("command", ["create", "list", "replay"])
def test_every_command_has_help(commands: Commands, command: str) -> None:
    assert f"Usage: fairlead hooks {command}" in commands.run("hooks", command, "--help")


@pytest.mark.parametrize(
    ("vendor", "steps"),
    [
        ("github", ["Payload URL", "application/json", "Pull request reviews", "Deployment statuses"]),
        ("gitlab", ["Secret token", "Signing token", "Merge request events", "Deployment events"]),
    ],
)
def test_a_new_hook_says_what_to_set_up(commands: Commands, vendor: str, steps: list[str]) -> None:
    told = commands.run("hooks", "create", vendor)

    assert f"/hooks/{vendor}/" in told
    assert "whsec_" in told
    assert [] == [step for step in steps if step not in told]


def test_a_new_hook_is_one_object_for_programs(commands: Commands) -> None:
    hook = made(commands, "--deploys", "Deploy=checkout-web:prod", "--deploys", "Deploy=api:prod")

    assert ["id", "vendor", "path", "deploys", "secret"] == list(hook)
    assert f"/hooks/github/{hook['id']}" == hook["path"]
    assert [("Deploy", "checkout-web", "prod"), ("Deploy", "api", "prod")] == [
        tuple(one.values()) for one in hook["deploys"]
    ]


def test_the_secret_is_shown_only_once(commands: Commands) -> None:
    hook = made(commands)

    assert hook["secret"] not in commands.run("hooks", "list") + commands.run("hooks", "list", "--json")


def test_a_list_tells_what_arrived_and_what_was_ignored(database: str, commands_on: Commands) -> None:
    hook = made(commands_on)
    with served(database) as running:
        statuses = [deliver(running.http, hook, name) for name in ("ping", "push", "star.created")]

    [told] = listed(commands_on)
    assert ["answered", "recorded", "ignored"] == statuses
    assert (3, {"star: unknown event": 1}) == (told["deliveries"], told["ignored"])
    assert told["last_delivery_at"]
    shown = commands_on.run("hooks", "list")
    assert hook["id"] in shown
    assert "1 star: unknown event" in shown


def test_hooks_belong_to_one_organisation(commands: Commands) -> None:
    commands.run("org", "create", "shopist")
    hook = made(commands, "--org", "shopist")

    assert [hook["id"]] == [one["id"] for one in listed(commands, "--org", "shopist")]
    assert [] == listed(commands)
    assert "no hook" in commands.run("hooks", "replay", hook["id"], code=1)


def test_a_replay_brings_lost_facts_back(database: str, commands_on: Commands) -> None:
    hook = made(commands_on)
    with served(database) as running:
        for name in ("pull_request.opened", "pull_request.closed", "star.created", "release.published"):
            deliver(running.http, hook, name)
    ledger = Ledger(database)
    with writing(ledger.engine) as transaction:
        transaction.execute(delete(pull_requests_table))

    told = commands_on.run("hooks", "replay", hook["id"])

    known = ledger.read(pull_requests.get, ORG_ID, REPOSITORY, 17)
    ledger.close()
    assert "Replayed 3 deliveries; 2 told facts." in told
    assert "1 release: a release brings nothing to production by itself" in told
    assert known is not None
    assert known.merged_at is not None


def test_a_replay_of_nothing_says_so(commands: Commands) -> None:
    made(commands)

    assert "Replayed 0 deliveries; 0 told facts.\n" == commands.run(
        "hooks", "replay", "--since", "2025-03-12"
    )


@pytest.mark.parametrize(
    ("args", "code", "reason"),
    [
        (["create", "svn"], 2, "'svn' is not one of"),
        (["create", "github", "--deploys", "Deploy"], 2, "NAME=SERVICE:ENV"),
        (["create", "github", "--org", "nobody"], 1, "no organisation named nobody"),
        (["list", "--org", "nobody"], 1, "no organisation named nobody"),
        (["replay", "x"], 1, "no hook x in this organisation"),
        (["replay", "--since", "yesterday"], 2, "must be a time such as 2025-03-12"),
    ],
)
def test_wrong_calls_are_told_in_one_line(
    commands: Commands, args: list[str], code: int, reason: str
) -> None:
    told = commands.run("hooks", *args, code=code)

    assert reason in told
    assert 1 == len(told.splitlines())
