"""From a repository and its deployments to an explanation a person understands."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from fairlead.domain.deployments import Deployment, DeploymentId
from fairlead.store.ledger import Ledger
from fairlead.usecases.do_work import do_work
from fairlead.usecases.record_deployments import record_deployments
from tests.datadog_requests import a_deployment as a_request
from tests.factories import MINUTE_NS, a_deployment
from tests.histories import NOON_S, Repository
from tests.programs import Commands, Program

URL = "https://github.com/acme/shop.git"
HOUR_NS = 60 * MINUTE_NS
NOON = NOON_S * 10**9


def deployed(number: int, sha: str, finished_at: int) -> Deployment:
    return a_deployment(
        id=DeploymentId(f"d-{number}"),
        repository_id="github.com/acme/shop",
        commit_sha=sha,
        finished_at=finished_at,
        version=f"v{number}",
    )


def tell(ledger: Ledger, deployments: Sequence[Deployment]) -> None:
    for one in deployments:
        ledger.write(record_deployments, one)


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """Three commits on the main branch and one that came by a merge, an hour apart from 13:00."""
    history = Repository(tmp_path / "shop")
    history.commits(2)
    history.git("checkout", "-q", "-b", "cart")
    history.commit("Cache the cart", {"cart.py": "1"})
    history.git("checkout", "-q", "main")
    history.git("merge", "-q", "--no-ff", "-m", "Merge cart", "cart")
    return history


def test_a_deployment_is_told_with_its_commits_and_those_left_out(
    commands_on: Commands, shop: Repository, database: str
) -> None:
    first, last = (
        shop.git("rev-list", "--reverse", "--first-parent", "HEAD").split()[0],
        shop.git("rev-parse", "HEAD"),
    )
    commands_on.run("git", "import", str(shop.path), "--repository-url", URL)
    ledger = Ledger(database)
    tell(ledger, [deployed(1, first, NOON + 2 * HOUR_NS), deployed(2, last, NOON + 10 * HOUR_NS)])
    while do_work(ledger, time.time_ns()):
        pass
    ledger.close()

    told = commands_on.run("explain", "d-2")

    assert "checkout v2 to prod" in told
    assert "after d-1 of" in told
    assert "Change lead time 7:30:00 on average over 2 commits (7:00:00 to 8:00:00)" in told
    assert "Cache the cart (Ada, 2025-03-12T15:00:00Z)" in told
    assert "merge commit: Merge cart" in told


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("d-1", "No change lead time: first_deployment"),
        ("d-3", "No change lead time: commit_unknown\n  Its commit is not known here. Send the history"),
    ],
)
def test_what_is_missing_is_told_with_what_to_do(
    commands: Commands, shop: Repository, id: str, said: str
) -> None:
    commands.run("git", "import", str(shop.path), "--repository-url", URL)
    ledger = Ledger(f"sqlite:///{commands.home / '.local' / 'share' / 'fairlead' / 'fairlead.db'}")
    tell(
        ledger,
        [
            deployed(1, shop.git("rev-parse", "HEAD"), NOON + HOUR_NS),
            deployed(3, "a" * 40, NOON + 2 * HOUR_NS),
        ],
    )
    while do_work(ledger, time.time_ns()):
        pass
    ledger.close()

    assert said in commands.run("explain", id)


def test_an_id_that_is_nobody_s_is_told_in_one_line(commands: Commands) -> None:
    assert "deployment with id nothing not found" in commands.run("explain", "nothing", code=1)


def test_a_recompute_gives_the_same_again(commands_on: Commands, shop: Repository, database: str) -> None:
    shas = shop.git("rev-list", "--reverse", "HEAD").split()
    commands_on.run("git", "import", str(shop.path), "--repository-url", URL)
    ledger = Ledger(database)
    tell(ledger, [deployed(number, sha, NOON + (number + 9) * HOUR_NS) for number, sha in enumerate(shas)])
    while do_work(ledger, time.time_ns()):
        pass
    ledger.close()
    before = [commands_on.run("explain", f"d-{number}", "--json") for number in range(len(shas))]

    told = commands_on.run("recompute", "--query", "service:checkout")

    assert f"Worked out {len(shas)} deployments.\n" == told
    assert before == [commands_on.run("explain", f"d-{number}", "--json") for number in range(len(shas))]


def test_a_query_that_cannot_be_read_is_told_in_one_line(commands: Commands) -> None:
    assert "--query cannot be read" in commands.run("recompute", "--query", "(", code=1)


def test_a_fact_shows_its_effect_within_a_second(program: Program, shop: Repository) -> None:
    key = {
        kind: json.loads(program.here("keys", "create", "ci", "--kind", kind, "--json"))["key"]
        for kind in ("api", "app")
    }
    headers = {"DD-API-KEY": key["api"], "DD-APPLICATION-KEY": key["app"]}
    program.here("git", "import", str(shop.path), "--repository-url", URL)
    first, *_, last = shop.git("rev-list", "--reverse", "HEAD").split()
    with program.server("serve") as server:
        for number, sha in enumerate((first, last)):
            times = {"started_at": NOON_S + number * 3600, "finished_at": NOON_S + number * 3600 + 60}
            git = {"git": {"repository_url": URL, "commit_sha": sha}}
            body = a_request(id=f"deployment-{number}", **times, **git)
            server.post("/api/v2/dora/deployment", json=body, headers=headers).raise_for_status()
        sent_s = time.monotonic()
        explained: dict[str, int | None] = {"number_of_commits": None}
        while explained["number_of_commits"] is None and time.monotonic() - sent_s < 10:
            answer = server.get("/api/fairlead/v1/deployments/deployment-1", headers=headers)
            explained = answer.raise_for_status().json()
        took_s = time.monotonic() - sent_s

    assert 2 == explained["number_of_commits"]
    # A second is promised on a machine of its own; tests share theirs.
    assert took_s < 3
