import json
import shlex
import shutil
import signal
import subprocess
from pathlib import Path
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


def test_the_three_things_to_try_work_as_they_are_printed(program: Program) -> None:
    with program.server("demo") as server:
        listing, posting, validating = commands_of(server)

        found = [one["attributes"] for one in answer_of(listing)["data"]]
        assert 5 == len(found)
        assert {("checkout", "prod")} == {(one["service"], one["env"]) for one in found}
        assert answer_of(posting)["data"]["id"]
        assert "9.9.9" == answer_of(listing)["data"][0]["attributes"]["version"]
        assert {"valid": True} == answer_of(validating)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_demo_ends_without_complaint_and_leaves_nothing_behind(
    program: Program, how: signal.Signals
) -> None:
    with program.server("demo") as server:
        code, _ = server.stop(how)

        assert 0 == code
        assert "Traceback" not in server.log
    assert ["server.log"] == [path.name for path in program.home.iterdir()]


def test_a_demo_in_a_directory_can_be_started_again(program: Program) -> None:
    place = program.home / "demo"
    with program.server("demo", "--data-dir", str(place)) as server:
        # It answers once everything is loaded, this checkout's own history too.
        server.get("/healthz").raise_for_status()
        server.stop()
    before = counts(place)

    with program.server("demo", "--data-dir", str(place)) as server:
        listing, _, _ = commands_of(server)
        assert answer_of(listing)["data"]
        server.stop()

    after = counts(place)
    assert before["deployments"] > 3_000
    # The clock went on between the two, and the sample with it.
    assert all(before[table] <= after[table] <= before[table] + 5 for table in before)


def test_the_demo_stays_away_from_a_database_that_the_environment_names(program: Program) -> None:
    mine = program.home / "mine.db"
    with program.server(
        "demo", FAIRLEAD_DATABASE=f"sqlite:///{mine}", FAIRLEAD_DATA_DIR=str(program.home)
    ) as server:
        server.stop()

    assert ["server.log"] == [path.name for path in program.home.iterdir()]
