import json
import shlex
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from sqlalchemy import func, select, text

from fairlead.domain.access import organisation_id
from fairlead.store.ledger import Ledger
from fairlead.store.tables import metadata
from tests.databases import missing
from tests.programs import Program, Server

ORG_ID = organisation_id("sample")


def commands_of(server: Server) -> list[str]:
    """The three commands that the demo offers to try."""
    return [line for line in server.lines_until("curl -s -H") + _rest(server) if line.startswith("curl")]


def _rest(server: Server) -> list[str]:
    return [*server.lines_until("curl"), *server.lines_until("curl")]


def answer_of(command: str) -> dict[str, Any]:
    if shutil.which("curl") is None:
        missing("curl is not installed")
    told = subprocess.run(shlex.split(command), capture_output=True, text=True, check=True, timeout=30)
    answer: dict[str, Any] = json.loads(told.stdout)
    return answer


def counts(data_dir: Path) -> dict[str, int]:
    ledger = Ledger(f"sqlite:///{data_dir / 'fairlead.db'}")
    counted = {
        table: ledger.read(_count, table)
        for table in ("deployments", "failures", "deployment_tags", "change_failure_decisions")
    }
    ledger.close()
    return counted


def _count(transaction: Any, table: str) -> int:
    counted = select(func.count()).select_from(metadata.tables[table])
    found: int = transaction.execute(counted.where(text("org_id = :org_id")), {"org_id": ORG_ID}).scalar()
    return found


@dataclass(frozen=True, slots=True)
class Shown:
    """One run of the demo: what its commands answered, and how it ended."""

    listing: dict[str, Any]
    posting: dict[str, Any]
    again: dict[str, Any]
    """The listing, asked once more after posting."""
    validating: dict[str, Any]
    explained: str
    """What it printed after its commands: a report, and its own last deployment."""
    code: int
    log: str
    left: list[str]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    """A demo that was tried by hand where a database is named in the environment, and ended by Ctrl-C."""
    program = Program(tmp_path_factory.mktemp("demo"))
    mine = {
        "FAIRLEAD_DATABASE": f"sqlite:///{program.home / 'mine.db'}",
        "FAIRLEAD_DATA_DIR": str(program.home),
    }
    with program.server("demo", **mine) as server:
        listing, posting, validating = commands_of(server)
        listed, posted, again, valid = map(answer_of, (listing, posting, listing, validating))
        code, explained = server.stop(signal.SIGINT)
    left = [path.name for path in program.home.iterdir()]
    return Shown(listed, posted, again, valid, explained, code, server.log, left)


def test_the_listing_works_as_it_is_printed(shown: Shown) -> None:
    found = [one["attributes"] for one in shown.listing["data"]]

    assert 5 == len(found)
    assert {("checkout", "prod")} == {(one["service"], one["env"]) for one in found}


def test_what_is_posted_as_it_is_printed_is_listed(shown: Shown) -> None:
    assert shown.posting["data"]["id"]
    assert "9.9.9" == shown.again["data"][0]["attributes"]["version"]


def test_the_key_is_valid_as_it_is_printed(shown: Shown) -> None:
    assert {"valid": True} == shown.validating


def test_the_demo_explains_its_own_last_deployment_when_that_is_worked_out(shown: Shown) -> None:
    # By how its lines begin, since the titles of its commits may say anything.
    lines = dedent(shown.explained.partition("Its last deployment")[2].partition("\n")[2]).splitlines()
    outcomes = [one for one in lines if one.startswith(("Did not fail: ", "Failed: "))]
    lead_times = [one for one in lines if one.startswith(("Change lead time ", "No change lead time: "))]

    assert (1, 1) == (len(outcomes), len(lead_times))
    assert "has not been worked out yet" not in lead_times[0]


def test_the_demo_ends_without_complaint(shown: Shown) -> None:
    assert (0, False) == (shown.code, "Traceback" in shown.log)


def test_the_demo_leaves_nothing_behind_not_even_in_a_database_that_the_environment_names(
    shown: Shown,
) -> None:
    assert ["server.log"] == shown.left


def test_a_demo_in_a_directory_can_be_started_again(program: Program) -> None:
    place = program.home / "demo"
    with program.server("demo", "--data-dir", str(place)) as server:
        # It answers once everything is loaded, this checkout's own history too.
        server.get("/healthz").raise_for_status()
        assert 0 == server.stop(signal.SIGTERM)[0]
        assert "Traceback" not in server.log
    before = counts(place)

    with program.server("demo", "--data-dir", str(place)) as server:
        listing, _, _ = commands_of(server)
        assert answer_of(listing)["data"]
        server.stop()

    after = counts(place)
    assert before["deployments"] > 3_000
    # The clock went on between the two, and the sample with it.
    assert all(before[table] <= after[table] <= before[table] + 5 for table in before)
