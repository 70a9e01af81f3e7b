"""AI activity: every statement that touches it."""

from collections.abc import Sequence

import msgspec

from fairlead.domain.activity import ToolUse
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import tool_uses

_uses = BulkInsert(tool_uses, [column.name for column in tool_uses.columns], replaces=True)


def put(transaction: Transaction, uses: Sequence[ToolUse]) -> None:
    """Record one row per person, day and tool; the latest told stays."""
    latest = {(use.org_id, use.user_email, use.day, use.tool): use for use in uses}
    _uses.run(transaction, [_to_row(use) for use in latest.values()])


def _to_row(use: ToolUse) -> tuple[object, ...]:
    models = msgspec.json.encode(use.models).decode()
    return use.org_id, use.user_email, use.day, use.tool, use.is_active, models, use.received_at
