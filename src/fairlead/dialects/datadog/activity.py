"""From Datadog's AI activity reports to tool uses.

Unlike the rest of the API these tolerate no unknown field, and a report counts as a whole: one
bad entry refuses it, by its index.
"""

import re
from collections.abc import Iterable
from datetime import date

from fairlead.dialects.datadog import wire
from fairlead.domain.access import OrgId
from fairlead.domain.activity import ToolUse, model_names, tool_name
from fairlead.domain.errors import Rejected
from fairlead.domain.texts import require_text

ACTIVITY = "ai_impact_user_activity"
MOST_ENTRIES = 1000
MOST_NAMES = 100
"""Tools, and models, of one entry. Nobody uses as many in a day."""

_EMAIL = re.compile(r"[^@\s]+@[^@.\s]+(?:\.[^@.\s]+)+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def tool_uses_from(request: wire.ActivityRequest, org_id: OrgId, now: int) -> list[ToolUse]:
    """Return one use per entry and tool.

    Raises:
        Rejected: there are none or more than 1000 entries, or one is malformed; its index is named.
    """
    if not 1 <= len(request.data) <= MOST_ENTRIES:
        detail = f'attribute "data" must hold 1 to {MOST_ENTRIES} entries'
        raise Rejected(detail, field="data")
    return [use for index, entry in enumerate(request.data) for use in _entry(entry, index, org_id, now)]


def _entry(entry: wire.ActivityData, index: int, org_id: OrgId, now: int) -> Iterable[ToolUse]:
    """Return the uses of one entry.

    Raises:
        Rejected: it is malformed; the message says where.
    """
    try:
        return _uses(entry, org_id, now)
    except Rejected as error:
        raise Rejected(f"{error} (at data[{index}])", field=f"data[{index}].{error.field}") from error


def _uses(entry: wire.ActivityData, org_id: OrgId, now: int) -> list[ToolUse]:
    told = entry.attributes
    if entry.type != ACTIVITY:
        raise Rejected(f'attribute "type" must be "{ACTIVITY}"', field="type")
    if not _EMAIL.fullmatch(told.user_email):
        raise Rejected('attribute "user_email" must be an email address', field="attributes.user_email")
    if not _is_day(told.day):
        raise Rejected('attribute "day" must be a day as YYYY-MM-DD', field="attributes.day")
    tools = dict.fromkeys(tool_name(tool) for tool in _names(told.tools, "tools"))
    if not tools or "" in tools:
        detail = 'attribute "tools" must name at least one tool, and none may be blank'
        raise Rejected(detail, field="attributes.tools")
    models = model_names(tuple(_names(told.models or [], "models")))
    email = require_text(told.user_email, "user_email").lower()
    return [
        ToolUse(
            org_id=org_id,
            user_email=email,
            day=told.day,
            tool=tool,
            is_active=told.is_active,
            models=models,
            received_at=now,
        )
        for tool in tools
    ]


def _names(names: list[str], field: str) -> list[str]:
    if len(names) > MOST_NAMES:
        detail = f'attribute "{field}" holds more than {MOST_NAMES} names'
        raise Rejected(detail, field=f"attributes.{field}")
    return [require_text(name, field) for name in names]


def _is_day(text: str) -> bool:
    if not _DAY.fullmatch(text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
