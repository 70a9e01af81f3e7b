from typing import Any

import msgspec
import pytest

from fairlead.dialects.datadog import wire
from fairlead.dialects.datadog.activity import tool_uses_from
from fairlead.domain.activity import ToolUse
from fairlead.domain.errors import Rejected
from tests.datadog_requests import an_activity
from tests.factories import NOON, ORG_ID


def uses(*entries: dict[str, Any]) -> list[ToolUse]:
    request = msgspec.convert({"data": list(entries)}, wire.ActivityRequest)
    return tool_uses_from(request, ORG_ID, NOON)


def test_an_entry_is_one_use_for_each_tool() -> None:
    told = an_activity(
        user_email="Ada@Example.com",
        tools=["Claude Code", "claude-code", "Cursor"],
        models=["GPT-5", "gpt-5"],
    )

    assert [
        ToolUse(
            org_id=ORG_ID,
            user_email="ada@example.com",
            day="2026-05-26",
            tool=tool,
            is_active=True,
            models=("gpt-5",),
            received_at=NOON,
        )
        for tool in ("claude_code", "cursor")
    ] == uses(told)


def test_models_need_not_be_told() -> None:
    assert () == uses(an_activity(models=None))[0].models


def test_a_report_holds_up_to_a_thousand_entries() -> None:
    assert 1000 == len(uses(*[an_activity()] * 1000))


@pytest.mark.parametrize("number", [0, 1001])
def test_a_report_of_none_or_too_many_is_refused(number: int) -> None:
    with pytest.raises(Rejected, match='attribute "data" must hold 1 to 1000 entries'):
        uses(*[an_activity()] * number)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"user_email": "ada"}, 'attribute "user_email" must be an email address'),
        ({"user_email": "ada@example"}, 'attribute "user_email" must be an email address'),
        ({"user_email": "a@b@example.com"}, 'attribute "user_email" must be an email address'),
        ({"user_email": "ada@.com"}, 'attribute "user_email" must be an email address'),
        (
            {"user_email": "a" * 1000 + "@example.com"},
            'attribute "user_email" is longer than 1000 characters',
        ),
        ({"day": "26-05-2026"}, 'attribute "day" must be a day as YYYY-MM-DD'),
        ({"day": "2026-02-29"}, 'attribute "day" must be a day as YYYY-MM-DD'),
        ({"day": "20260526"}, 'attribute "day" must be a day as YYYY-MM-DD'),
        ({"day": "2026-05-26T00:00:00Z"}, 'attribute "day" must be a day as YYYY-MM-DD'),
        ({"tools": []}, 'attribute "tools" must name at least one tool, and none may be blank'),
        ({"tools": ["Cursor", " "]}, 'attribute "tools" must name at least one tool, and none may be blank'),
        ({"tools": ["t\x00"]}, 'attribute "tools" holds a NUL character'),
        ({"tools": [f"t{n}" for n in range(101)]}, 'attribute "tools" holds more than 100 names'),
        ({"models": [f"m{n}" for n in range(101)]}, 'attribute "models" holds more than 100 names'),
    ],
)
def test_a_bad_entry_is_refused_by_its_index(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Rejected) as refused:
        uses(an_activity(), an_activity(**changes), an_activity(day="x"))

    assert f"{said} (at data[1])" == str(refused.value)


def test_another_type_of_entry_is_refused() -> None:
    with pytest.raises(Rejected, match='attribute "type" must be "ai_impact_user_activity"'):
        uses(an_activity() | {"type": "user_activity"})
