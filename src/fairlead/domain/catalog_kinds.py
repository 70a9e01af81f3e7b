"""Kinds of catalogue entries that users add to those that are built in.

Not here: entries themselves (`domain.catalog`).
"""

import re
import uuid

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.texts import require_text

_IDS = uuid.UUID("8a1f3c9e-2f55-5b0b-9c61-0c9d0f4b7e52")
_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
_LONGEST_NAME = 63
_LONGEST_DESCRIPTION = 10_000


class Kind(Struct, frozen=True, kw_only=True):
    """What entries of a kind are called, and what they are."""

    org_id: OrgId
    name: str
    """Lower-case words with hyphens between them."""
    display_name: str
    """For people; the words of the name where nobody chose another."""
    description: str
    created_at: int
    updated_at: int

    @property
    def id(self) -> str:
        """A UUID that follows from the name."""
        return str(uuid.uuid5(_IDS, f"{self.org_id}/{self.name}"))


def new_kind(org_id: OrgId, name: str, display_name: str, description: str, now: int) -> Kind:
    """Return a kind that may be added.

    Raises:
        Rejected: the name is not in kebab-case, or a text is too long.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        detail = f'attribute "kind" must be in kebab-case, such as my-job, and at most {_LONGEST_NAME} long'
        raise Rejected(detail, field="kind")
    return Kind(
        org_id=org_id,
        name=name,
        display_name=require_text(display_name, "displayName") or name.replace("-", " ").title(),
        description=require_text(description, "description", longest=_LONGEST_DESCRIPTION),
        created_at=now,
        updated_at=now,
    )
