"""Where a service definition departs from its schema without being refused.

The sentences and the places are those of recorded answers; the patterns are those of the schemas
that Datadog publishes for editors (`service-catalog/<version>/schema.json`). Not here: what is
refused (`catalog_documents.py`).
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from fairlead.dialects.datadog.definitions_translate import CONTACT_TYPES, V2, V2_1, V2_2
from fairlead.dialects.datadog.definitions_wire import Contact, Definition, MetaWarning

CHECKED_VERSIONS = (V2, V2_1, V2_2)
_ITEM = "/properties/contacts/items/$ref"
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_SLACK = {V2: r"https://[a-zA-Z0-9_\-]+.slack\.com/archives/[a-zA-Z0-9_\-]+", V2_1: r"^https://.+"}
_SHORTEST_NAME = 2


def warnings_about(told: Definition) -> list[MetaWarning]:
    """Return what is odd about the contacts of a definition, in their order."""
    return [
        MetaWarning(f"/contacts/{number}/{field}", _ITEM + keyword, message)
        for number, contact in enumerate(told.contacts)
        for field, keyword, message in _complaints(contact, told.schema_version)
    ]


def _complaints(contact: Contact, version: str) -> Iterator[tuple[str, str, str]]:
    if 0 < len(contact.name) < _SHORTEST_NAME:
        message = f"length must be >= {_SHORTEST_NAME}, but got {len(contact.name)}"
        yield "name", "/properties/name/minLength", message
    if version in _SLACK:
        yield from _strictly(contact, version)
    elif contact.type == "email":
        yield from _email(contact, "/then")
    elif not _is_uri(contact.contact):
        yield "contact", "/else/properties/contact/format", f"'{contact.contact}' is not valid 'uri'"


def _strictly(contact: Contact, version: str) -> Iterator[tuple[str, str, str]]:
    if contact.type not in CONTACT_TYPES:
        known = ", ".join(f'"{type}"' for type in CONTACT_TYPES)
        yield "type", "/properties/type/enum", f"value must be one of {known}"
    if contact.type == "email":
        yield from _email(contact, "/allOf/0/then")
    if contact.type == "slack" and not re.search(_SLACK[version], contact.contact):
        # As it was recorded, backslashes are doubled in the sentence.
        pattern = _SLACK[version].replace("\\", "\\\\")
        yield "contact", "/allOf/1/then/properties/contact/pattern", f"does not match pattern '{pattern}'"


def _email(contact: Contact, branch: str) -> Iterator[tuple[str, str, str]]:
    if not _EMAIL.fullmatch(contact.contact):
        yield "contact", f"{branch}/properties/contact/format", f"'{contact.contact}' is not valid 'email'"


def _is_uri(text: str) -> bool:
    try:
        return bool(urlsplit(text).scheme)
    except ValueError:
        return False
