"""From LaunchDarkly's questions about applications and changes of them to Fairlead's, and back.

The `filter` is LaunchDarkly's for applications: `field operator value`, parted by commas. Source: its API
documentation, "Filtering applications and application versions".
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from msgspec import UNSET
from msgspec.structs import replace

from fairlead.dialects.launchdarkly import applications_wire as wire
from fairlead.dialects.launchdarkly.asked import Asked
from fairlead.dialects.launchdarkly.flags_answers import flags_href
from fairlead.dialects.launchdarkly.patches import Change
from fairlead.dialects.launchdarkly.times import milliseconds
from fairlead.dialects.launchdarkly.wire import Link
from fairlead.domain.applications import ApplicationKind, KnownApplication
from fairlead.domain.errors import Rejected
from fairlead.domain.flags import LONGEST_DESCRIPTION, require_name
from fairlead.domain.texts import require_text
from fairlead.intake.decoding import decode
from fairlead.usecases.keep_applications import ApplicationFound

HERE = "/api/v2/applications"
_EDITABLE = frozenset({"name", "kind", "description"})
_TERM = re.compile(
    r"\s*(?P<field>key|name|kind|autoAdded)\s+(?P<operator>equals|notEquals|anyOf|contains|startsWith)\s+"
    r'(?P<value>"(?:[^"\\]|\\.)*"|\[[^\]]*\]|true|false)\s*(?:,|$)'
)
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": lambda value, told: bool(value == told),
    "notEquals": lambda value, told: bool(value != told),
    "anyOf": lambda value, told: isinstance(told, list) and value in told,
    "contains": lambda value, told: str(told).lower() in str(value).lower(),
    "startsWith": lambda value, told: str(value).lower().startswith(str(told).lower()),
}
_SORTS: Mapping[str, Callable[[KnownApplication], Any]] = {
    "creationDate": lambda one: one.created_at or 0,
    "name": lambda one: one.name.lower(),
}
_told = msgspec.json.Decoder(wire.ApplicationTold)


def narrowed(found: list[ApplicationFound], asked: Asked) -> list[ApplicationFound]:
    """Return which of `found` a request asks for, in the order it asks for, by key where that says nothing.

    Raises:
        Rejected: `filter` or `sort` has a form that is not known.
    """
    terms = list(_terms(asked.text("filter")))
    kept = [one for one in found if all(term(one.application) for term in terms)]
    for name in reversed(asked.texts("sort")):
        if name.removeprefix("-") not in _SORTS:
            detail = f'query parameter "sort" must name {", ".join(_SORTS)}, with "-" in front or not'
            raise Rejected(detail, field="sort")
        order = _SORTS[name.removeprefix("-")]
        kept.sort(key=lambda one, order=order: order(one.application), reverse=name.startswith("-"))  # type: ignore[misc]
    return kept


def changed_by(change: Change) -> Callable[[KnownApplication], KnownApplication]:
    """Return what makes of an application what a patch wants it to be."""

    def changed(known: KnownApplication) -> KnownApplication:
        document = {"name": known.name, "kind": known.kind.value, "description": known.description}
        told = decode(_told, msgspec.json.encode(change.applied(document, _EDITABLE)))
        return replace(
            known,
            name=require_name(told.name, "name"),
            kind=ApplicationKind(told.kind),
            description=require_text(told.description or "", "description", longest=LONGEST_DESCRIPTION),
        )

    return changed


def application(found: ApplicationFound) -> wire.Application:
    """Return an application, with its flags where they were found."""
    one = found.application
    return wire.Application(
        key=one.key,
        name=one.name,
        kind=one.kind.value,
        description=one.description,
        auto_added=True,
        version=one.version,
        links={"self": Link(f"{HERE}/{quote(one.key, safe='')}")},
        creation_date=UNSET if one.created_at is None else milliseconds(one.created_at),
        flags=UNSET if found.flags is None else _flags(found.flags),
    )


def _flags(flags: tuple[tuple[str, str, str], ...]) -> wire.FlagListings:
    items = [
        wire.FlagListing(name, key, {"self": Link(f"{flags_href(project)}/{quote(key, safe='')}")})
        for project, key, name in flags
    ]
    return wire.FlagListings(items, len(items))


def _terms(told: str) -> Iterator[Callable[[KnownApplication], bool]]:
    at = 0
    while at < len(told):
        found = _TERM.match(told, at)
        value = UNSET if found is None else _value(found["value"])
        if found is None or value is UNSET:
            detail = (
                'query parameter "filter" must be such as kind anyOf ["server", "mobile"], name contains "a"'
            )
            raise Rejected(detail, field="filter")
        at = found.end()
        yield _term(found["field"], found["operator"], value)


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return UNSET


def _term(name: str, operator: str, told: Any) -> Callable[[KnownApplication], bool]:
    def holds(one: KnownApplication) -> bool:
        values = {"key": one.key, "name": one.name, "kind": one.kind.value, "autoAdded": True}
        return _OPERATORS[operator](values[name], told)

    return holds
