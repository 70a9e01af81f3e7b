"""Complete a query while somebody writes it: the keys there are, and the values seen under one."""

import re
from typing import Final

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Reason
from fairlead.domain.deployments import DeploymentType, RemediationType
from fairlead.domain.searchable import DEPLOYMENT_FIELDS, FAILURE_FIELDS
from fairlead.search.text import OPERATORS
from fairlead.store import suggestions
from fairlead.store.engine import Transaction

MOST: Final = 12
_FIELDS: Final = {"deployments": DEPLOYMENT_FIELDS, "failures": FAILURE_FIELDS}
NOUNS: Final = tuple(_FIELDS)
_FIXED: Final = {
    "change_failure": ("true", "false"),
    "deployment_type": tuple(DeploymentType),
    "remediation.type": tuple(RemediationType),
    "lead_time_reason": tuple(Reason),
}
_FIRST: Final = ("service", "env", "team", "version", "change_failure", "deployment_type", "severity")
"""Keys that people mean most often; they stand first."""
_WORD: Final = re.compile(r'(?P<sign>-?)(?P<word>(?:[^\s()"]|"[^"]*"?)*)\Z')
_PLAIN: Final = re.compile(r"[\w][\w./#@-]*", re.ASCII)


class Suggestion(Struct, frozen=True):
    """What may stand in a query, and where."""

    text: str
    """As the query writes it."""
    label: str
    """As people read it."""
    start: int
    end: int
    """The part of the query that it takes the place of, in characters."""
    is_key: bool


def complete_search(
    transaction: Transaction, org_id: OrgId, noun: str, text: str, cursor: int
) -> list[Suggestion]:
    """Return what the word before the cursor may become, for one of `NOUNS`; the likeliest first."""
    found = _WORD.search(text[:cursor])
    word = found["word"] if found else ""
    start = cursor - len(word)
    key, colon, value = word.partition(":")
    key = key.removeprefix("@")
    if not colon:
        keys = _keys(transaction, org_id, noun, key.lower())
        return [Suggestion(f"{name}:", name, start, cursor, is_key=True) for name in keys]
    start += len(word) - len(value)
    values = _values(transaction, org_id, noun, key, value.strip('"'))
    return [Suggestion(written(name), name, start, cursor, is_key=False) for name in values]


def tags_to_group_by(transaction: Transaction, org_id: OrgId) -> list[str]:
    """Return the keys of deployments' tags that a query can name and that few enough values were seen of."""
    keys = suggestions.tag_keys(transaction, org_id, "deployments")
    fields = _FIELDS["deployments"]
    return [
        key
        for key, count in keys.items()
        if count < suggestions.MANY and key not in fields and _is_plain(key)
    ]


def _is_plain(key: str) -> bool:
    return bool(_PLAIN.fullmatch(key)) and key not in OPERATORS


def written(value: str) -> str:
    """Return a value as a query writes it."""
    if _is_plain(value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _keys(transaction: Transaction, org_id: OrgId, noun: str, part: str) -> list[str]:
    fields = list(_FIELDS[noun])
    known = dict.fromkeys([*(key for key in _FIRST if key in fields), *fields])
    tags = suggestions.tag_keys(transaction, org_id, noun)
    every = [*known, *(key for key in tags if key not in known)]
    begins = [key for key in every if key.startswith(part)]
    return [*begins, *(key for key in every if part in key and key not in begins)][:MOST]


def _values(transaction: Transaction, org_id: OrgId, noun: str, key: str, part: str) -> list[str]:
    fixed = _FIXED.get(key)
    if fixed is not None:
        return [value for value in fixed if part.lower() in value]
    return suggestions.values(transaction, org_id, noun, key, part, limit=MOST)
