"""Applications: what is deployed, in LaunchDarkly's words; a service in others.

Nobody has to create one: whatever is deployed is there. Not here: how one is spelled or stored.
"""

from enum import StrEnum

from msgspec import Struct

from fairlead.domain.access import OrgId


class ApplicationKind(StrEnum):
    """Where an application runs."""

    SERVER = "server"
    BROWSER = "browser"
    MOBILE = "mobile"


class KnownApplication(Struct, frozen=True, kw_only=True):
    """An application with what was decided about it."""

    org_id: OrgId
    key: str
    name: str
    kind: ApplicationKind = ApplicationKind.SERVER
    description: str = ""
    version: int = 1
    """One more with each change by hand."""
    created_at: int | None = None
    """When somebody first told of it by this name; None where deployments alone do."""
