"""Do something and write down who did it, both or neither."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from fairlead.domain.audit import AuditEntry
from fairlead.domain.errors import FairleadError
from fairlead.store import audit
from fairlead.store.engine import Transaction
from fairlead.store.writer import Verb


class Audited(Struct, frozen=True, kw_only=True):
    """A verb with its fact, and the entry for the audit log."""

    verb: Verb
    fact: Any
    entry: AuditEntry


def do_audited(transaction: Transaction, facts: Sequence[Audited]) -> list[Any]:
    """Do each in turn and return what its verb returned; what was refused leaves no entry."""
    return [_do(transaction, one) for one in facts]


def _do(transaction: Transaction, one: Audited) -> Any:
    [result] = one.verb(transaction, [one.fact])
    if not isinstance(result, FairleadError):
        audit.put(transaction, one.entry)
    return result
