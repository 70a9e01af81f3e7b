"""Writing that leaves an entry in the audit log: what a caller decides or sets through an API."""

from typing import Any

from fairlead.domain.audit import AuditEntry
from fairlead.domain.identity import id_from_chance
from fairlead.intake.callers import Caller
from fairlead.intake.reception import Reception
from fairlead.store.writer import Verb
from fairlead.usecases.do_audited import Audited, do_audited


async def write_audited(
    reception: Reception, caller: Caller, verb: Verb, fact: Any, *, action: str, subject: str, detail: str
) -> Any:
    """Do `verb` with `fact` and write down who did it; return the result once both are committed."""
    now = reception.now()
    entry = AuditEntry(
        org_id=caller.org_id,
        id=id_from_chance(now, reception.chance(10)),
        at=now,
        # A signed-in member is known by an address, a key by its name and its id.
        actor=f"key {caller.name} ({caller.key_id})" if caller.name else caller.key_id,
        action=action,
        subject=subject,
        detail=detail,
    )
    return await reception.write(do_audited, Audited(verb=verb, fact=fact, entry=entry))
