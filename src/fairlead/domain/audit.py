"""The audit log: who changed what, and when. Entries are only ever added.

Not here: facts that arrive from outside, which carry their own record.
"""

from msgspec import Struct

from fairlead.domain.access import OrgId


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One thing that somebody did."""

    org_id: OrgId
    id: str
    """A UUIDv7 of its instant, so that ids follow time."""
    at: int
    actor: str
    """A member's e-mail address, or `server` for the command line."""
    action: str
    """A verb with its noun, such as `key created`."""
    subject: str
    """What it was done to, as people name it."""
    detail: str = ""
    """What else there is to know; no secrets."""
