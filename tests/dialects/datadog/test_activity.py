import json
from typing import Any

import pytest
from sqlalchemy import select

from fairlead.store.tables import tool_uses
from tests.casts import Cast
from tests.datadog_requests import ACTIVITY, an_activity

JSON_API = "application/vnd.api+json"


def kept(cast: Cast) -> list[tuple[str, str, str, bool, list[str]]]:
    """Return the rows of Ada's organisation, which cannot be asked for over HTTP yet."""

    def rows(transaction: Any) -> list[tuple[str, str, str, bool, list[str]]]:
        columns = tool_uses.c
        wanted = select(columns.user_email, columns.day, columns.tool, columns.is_active, columns.models)
        found = transaction.execute(wanted.where(columns.org_id == cast.ada.org_id))
        return sorted((*row[:3], bool(row[3]), json.loads(row[4])) for row in found)

    return cast.ledger.read(rows)


def test_a_report_is_kept_by_person_day_and_tool(cast: Cast) -> None:
    entries = [
        an_activity(user_email="Ada@Example.com", tools=["Claude Code", "GitHub Copilot"], models=["GPT-5"]),
        an_activity(user_email="ben@example.com", is_active=False, models=None),
    ]

    answer = cast.robot.post(ACTIVITY, {"data": entries})

    assert (200, JSON_API, {"data": None}) == (
        answer.status_code,
        answer.headers["content-type"],
        answer.json(),
    )
    assert [
        ("ada@example.com", "2026-05-26", "claude_code", True, ["gpt-5"]),
        ("ada@example.com", "2026-05-26", "copilot", True, ["gpt-5"]),
        ("ben@example.com", "2026-05-26", "claude_code", False, []),
    ] == kept(cast)


def test_what_is_told_again_replaces(cast: Cast) -> None:
    cast.robot.post(ACTIVITY, {"data": [an_activity()]})
    cast.robot.post(ACTIVITY, {"data": [an_activity(is_active=False, models=["m"], tools=["claude-code"])]})

    assert [("ada@example.com", "2026-05-26", "claude_code", False, ["m"])] == kept(cast)


def test_of_what_is_told_twice_in_one_report_the_later_stays(cast: Cast) -> None:
    cast.robot.post(ACTIVITY, {"data": [an_activity(), an_activity(is_active=False, models=None)]})

    assert [("ada@example.com", "2026-05-26", "claude_code", False, [])] == kept(cast)


@pytest.mark.parametrize(
    ("entry", "detail"),
    [
        (
            an_activity(user_email=None),
            'attribute "user_email" is required (at data[1].attributes.user_email)',
        ),
        (an_activity(day=None), 'attribute "day" is required (at data[1].attributes.day)'),
        (an_activity(is_active=None), 'attribute "is_active" is required (at data[1].attributes.is_active)'),
        (an_activity(tools=None), 'attribute "tools" is required (at data[1].attributes.tools)'),
        (
            an_activity(is_active="yes"),
            'attribute "is_active" must be true or false (at data[1].attributes.is_active)',
        ),
        (an_activity(colour="green"), 'attribute "colour" is not known here (at data[1].attributes.colour)'),
        (an_activity() | {"id": "1"}, 'attribute "id" is not known here (at data[1].id)'),
        (
            an_activity(tools=[]),
            'attribute "tools" must name at least one tool, and none may be blank (at data[1])',
        ),
        (an_activity(user_email="ada"), 'attribute "user_email" must be an email address (at data[1])'),
        (an_activity(day="2026-02-30"), 'attribute "day" must be a day as YYYY-MM-DD (at data[1])'),
        (5, 'attribute "data[1]" must be an object (at data[1])'),
    ],
)
def test_one_bad_entry_refuses_the_report_by_its_index(cast: Cast, entry: Any, detail: str) -> None:
    answer = cast.robot.post(ACTIVITY, {"data": [an_activity(), entry]})

    assert 400 == answer.status_code
    assert [{"status": "400", "title": "Bad Request", "detail": detail}] == answer.json()["errors"]
    assert [] == kept(cast)


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"data": []}, 'attribute "data" must hold 1 to 1000 entries'),
        ({"data": [an_activity()] * 1001}, 'attribute "data" must hold 1 to 1000 entries'),
        ({"data": an_activity()}, 'attribute "data" must be an array'),
        ({}, 'attribute "data" is required'),
        ({"data": [an_activity()], "meta": {}}, 'attribute "meta" is not known here'),
    ],
)
def test_a_report_of_another_shape_is_refused(cast: Cast, body: Any, detail: str) -> None:
    answer = cast.robot.post(ACTIVITY, body)

    assert (400, detail) == (answer.status_code, answer.json()["errors"][0]["detail"])
