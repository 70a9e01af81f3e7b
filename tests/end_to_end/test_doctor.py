"""`fairlead doctor`: the gaps of each service and the command for each."""

import json
import time
from collections.abc import Sequence

from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.usecases.advise import remedy
from fairlead.usecases.find_missing import Gap, Missing
from fairlead.usecases.record_deployments import record_deployments
from tests.factories import a_deployment
from tests.linking import work_off
from tests.programs import Commands


def told(database: str) -> None:
    ledger = Ledger(database)
    at = time.time_ns() - 10**9
    ledger.write(record_deployments, a_deployment(finished_at=at, received_at=at))
    ledger.write(
        record_deployments,
        a_deployment(service="cart", finished_at=at, received_at=at, commit_sha="", repository_id=""),
    )
    work_off(ledger, now=at + 10**12)
    ledger.close()


def test_each_gap_has_its_command(commands_on: Commands, database: str) -> None:
    told(database)

    said = commands_on.run("doctor")

    assert "checkout\n  change lead time: 1 of 1 deployments, their commit is not stored" in said
    assert (
        "    fairlead git import PATH --repository-url https://github.com/shopist/checkout --org default"
        in said
    )
    assert "cart\n  change lead time: 1 of 1 deployments, told without a commit" in said
    assert "datadog-ci dora deployment --service cart --env ENV --git-repository-url URL" in said
    assert "Compared 1 days of columns with their facts." in said


def test_programs_are_told_the_same(commands_on: Commands, database: str) -> None:
    told(database)

    said = json.loads(commands_on.run("doctor", "--json"))

    assert [("cart", "no_git"), ("checkout", "commit_unknown")] == [
        (gap["service"], gap["missing"]) for gap in said["gaps"]
    ]
    assert {"compared": 1, "wrong": []} == said["segments"]


def test_where_nothing_is_missing_it_says_so(commands_on: Commands) -> None:
    assert "Nothing is missing in the last 90 days." in commands_on.run("doctor")


def test_columns_that_are_wrong_fail_and_are_built_anew(commands_on: Commands, database: str) -> None:
    told(database)
    ledger = Ledger(database)
    ledger.write(_behind_the_back, None)
    ledger.close()

    assert "fairlead recompute --segments --org default" in commands_on.run("doctor", code=1)
    assert "Built 1 day." in commands_on.run("recompute", "--segments")
    commands_on.run("doctor")


def _behind_the_back(transaction: Transaction, facts: Sequence[None]) -> list[None]:
    transaction.exec_driver_sql("UPDATE deployments SET env = 'elsewhere'")
    return [None] * len(facts)


def test_every_kind_of_gap_has_a_command() -> None:
    for missing in Missing:
        gap = Gap(
            service="cart",
            repository_id="gitlab.com/a/b",
            metric="m",
            missing=missing,
            facts=1,
            of=1,
        )

        command = remedy(gap, "acme")

        assert command
        assert "<" not in command
    assert "fairlead hooks create gitlab --org acme" == remedy(
        Gap(
            service="cart",
            repository_id="gitlab.com/a/b",
            metric="m",
            missing=Missing.NO_PULL_REQUESTS,
            facts=1,
            of=1,
        ),
        "acme",
    )
