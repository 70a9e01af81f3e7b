"""`fairlead report` in each of its forms."""

import csv
import io
import json
from pathlib import Path

import pytest

from fairlead.cli.report_table import sparkline
from fairlead.cli.spans import in_words
from fairlead.store.ledger import Ledger
from fairlead.usecases.record_deployments import record_deployments
from tests.factories import NOON, a_deployment
from tests.programs import Commands

DAY_NS = 86_400 * 10**9
WINDOW = ("--from", "2025-03-10", "--to", "2025-03-24")


@pytest.fixture
def three(database: str) -> None:
    """Three deployments in two weeks, of two services; one has a name that forms have to escape."""
    ledger = Ledger(database)
    for number, service in enumerate(("checkout", "checkout", "a|b,c")):
        fact = a_deployment(service=service, finished_at=NOON + number * 4 * DAY_NS, commit_sha="")
        ledger.write(record_deployments, fact)
    ledger.close()


def test_a_table_says_what_was_measured_and_why_something_is_missing(
    commands_on: Commands, three: None
) -> None:
    told = commands_on.run("report", *WINDOW, "--group-by", "service")

    lines = told.splitlines()
    assert "Delivery, 2025-03-10 to 2025-03-23 (UTC), by week" == lines[0]
    assert [["a|b,c", "1", "0.07", "medium"], ["checkout", "2", "0.14", "high"]] == [
        line.split()[:4] for line in lines[3:5]
    ]
    assert "3 without, no_git" in told
    assert "State of DevOps Report 2024" in told


def test_json_is_what_the_api_answers(commands_on: Commands, three: None) -> None:
    told = json.loads(commands_on.run("report", *WINDOW, "--format", "json", "--query", "service:checkout"))

    assert (2, "service:checkout") == (told["groups"][0]["summary"]["deployments"], told["query"])


def test_csv_has_a_line_for_each_group_and_period(commands_on: Commands, three: None) -> None:
    told = commands_on.run("report", *WINDOW, "--format", "csv", "--group-by", "service")

    rows = [*csv.DictReader(io.StringIO(told))]
    assert [("a|b,c", "0"), ("a|b,c", "1"), ("checkout", "2"), ("checkout", "0")] == [
        (row["service"], row["deployments"]) for row in rows
    ]
    assert {""} == {row["change_lead_time_median_s"] for row in rows}


def test_markdown_keeps_its_columns_whatever_a_service_is_called(commands_on: Commands, three: None) -> None:
    told = commands_on.run("report", *WINDOW, "--format", "md", "--group-by", "service")

    assert "| a\\|b,c | 1 | 0.07 (medium) | - |" in told


def test_pictures_are_drawn_from_one_specification(
    commands_on: Commands, three: None, tmp_path: Path
) -> None:
    picture = tmp_path / "report.png"

    drawn = commands_on.run("report", *WINDOW, "--format", "svg", "--group-by", "service")
    commands_on.run("report", *WINDOW, "--format", "png", "--output", str(picture))

    assert drawn.startswith("<svg")
    assert "Deployments per day" in drawn
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--from", "yesterday"], "--from must be"),
        (["--query", "("], "--query cannot be read"),
        (["--year", "2025"], "--year must be"),
        (["--group-by", "a", "--group-by", "a"], "--group-by takes"),
        (["--timezone", "Berlin"], "--timezone must name"),
        (["--output", "/nowhere/x"], "cannot write /nowhere/x"),
    ],
)
def test_a_wrong_option_is_named(commands_on: Commands, options: list[str], said: str) -> None:
    assert said in commands_on.run("report", *options, code=1)


def test_a_report_of_nothing_says_so(commands_on: Commands) -> None:
    assert "Lead times of 0 out of 0 deployments." in commands_on.run("report")


@pytest.mark.parametrize(
    ("values", "bars"),
    [([], ""), ([None], " "), ([0.0, None], "▁ "), ([1.0, 8.0, None, 4.5], "▂█ ▅"), ([2.0] * 40, "█" * 30)],
)
def test_bars_go_from_nothing_to_the_greatest_value(values: list[float | None], bars: str) -> None:
    assert bars == sparkline(values)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "-"), (0.4, "0 s"), (59, "59 s"), (3599, "59 min"), (11_100, "3 h 05 min"), (90_000, "1 d 01 h")],
)
def test_a_span_is_told_in_its_largest_units(seconds: float | None, words: str) -> None:
    assert words == in_words(seconds)
