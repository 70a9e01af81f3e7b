"""What a request's query asks for in the lists of gates: filters, pages and cursors.

A cursor is where the page before ended, and opaque to clients. Not here: the statements behind it.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from fairlead.dialects.datadog.catalog_listing import Query
from fairlead.dialects.datadog.gates_translate import uuid_from
from fairlead.dialects.datadog.times import from_date_time
from fairlead.domain.errors import Rejected
from fairlead.domain.evaluations import Status
from fairlead.domain.gates import RuleKind
from fairlead.domain.instants import NS_PER_S
from fairlead.usecases.find_evaluations import EvaluationsPage, RulesPage
from fairlead.usecases.find_gates import GatesPage

_CURSOR = "page[cursor]"
_DAY_NS = 86_400 * NS_PER_S
_LONGEST_SPAN_NS = 30 * _DAY_NS
_USUAL_GATES, _MOST_GATES = 50, 1000
_USUAL_EVALUATIONS, _USUAL_RULES, _MOST_EVALUATIONS = 20, 50, 100
_BOOLEANS = {"true": True, "false": False}
_gate_place = msgspec.json.Decoder(tuple[int, str])
_evaluation_place = msgspec.json.Decoder(tuple[int, str, int])


class Page(Struct, frozen=True):
    """How long a page is, and the cursor it was asked for with."""

    size: int
    cursor: str

    @staticmethod
    def cursor_after(place: Sequence[int | str]) -> str:
        """Return the cursor of the page behind `place`."""
        return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()


def gates_page(query: Query) -> tuple[GatesPage, Page]:
    """Return which gates are asked for, one more than are shown.

    Raises:
        Rejected: a filter, the size or the cursor is not acceptable.
    """
    page = _page(query, _USUAL_GATES, _MOST_GATES)
    wanted = GatesPage(
        service=_text(query, "filter[service]"),
        env=_text(query, "filter[env]"),
        identifier=_text(query, "filter[identifier]"),
        dry_run=_boolean(query, "filter[dry_run]"),
        after=_place(page.cursor, _gate_place),
        limit=page.size + 1,
    )
    return wanted, page


def evaluations_page(query: Query, now: int) -> tuple[EvaluationsPage, Page]:
    """Return which evaluations are asked for, one more than are shown.

    Raises:
        Rejected: a filter, the span of time, the size or the cursor is not acceptable.
    """
    page = _page(query, _USUAL_EVALUATIONS, _MOST_EVALUATIONS)
    wanted = EvaluationsPage(
        **_common(query, now, page),
        evaluation_ids=_ids(query, "filter[evaluation_id]"),
        dry_run=_boolean(query, "filter[dry_run]"),
    )
    return wanted, page


def rules_page(query: Query, now: int) -> tuple[RulesPage, Page]:
    """Return which evaluations of rules are asked for, one more than are shown.

    Raises:
        Rejected: as `evaluations_page`.
    """
    page = _page(query, _USUAL_RULES, _MOST_EVALUATIONS)
    wanted = RulesPage(
        **_common(query, now, page),
        kinds=query.chosen("filter[type]", list(RuleKind)),
        names=_texts(query, "filter[name]"),
        rule_ids=_ids(query, "filter[rule_id]"),
        rule_evaluation_ids=_ids(query, "filter[evaluation_id]"),
        evaluation_ids=_ids(query, "filter[gate_evaluation_id]"),
        dry_run=_boolean(query, "filter[dry_run]"),
        gate_dry_run=_boolean(query, "filter[gate_dry_run]"),
    )
    return wanted, page


def _common(query: Query, now: int, page: Page) -> dict[str, Any]:
    since_at, until_at = _span(query, now)
    return {
        "since_at": since_at,
        "until_at": until_at,
        "services": _texts(query, "filter[service]"),
        "envs": _texts(query, "filter[env]"),
        "identifiers": _texts(query, "filter[identifier]"),
        "versions": _texts(query, "filter[version]"),
        "statuses": query.chosen("filter[status]", list(Status)),
        "gate_ids": _ids(query, "filter[gate_id]"),
        "after": _place(page.cursor, _evaluation_place),
        "limit": page.size + 1,
    }


def _span(query: Query, now: int) -> tuple[int, int]:
    # What starts at this very instant belongs to it.
    until_at = _time(query, "filter[to]", now + 1)
    since_at = _time(query, "filter[from]", until_at - _DAY_NS)
    if since_at >= until_at:
        raise Rejected('parameter "filter[from]" must be earlier than "filter[to]"', field="filter[from]")
    if until_at - since_at > _LONGEST_SPAN_NS:
        raise Rejected('"filter[from]" and "filter[to]" must be at most 30 days apart', field="filter[from]")
    return since_at, until_at


def _time(query: Query, name: str, usual: int) -> int:
    text = _text(query, name)
    at = from_date_time(text, name)
    return usual if at is None else at


def _page(query: Query, usual: int, most: int) -> Page:
    return Page(query.number("page[size]", usual, 1, most), _text(query, _CURSOR) or "")


def _place(cursor: str, decoder: "msgspec.json.Decoder[Any]") -> Any:
    if not cursor:
        return None
    try:
        return decoder.decode(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise Rejected(f'parameter "{_CURSOR}" is not a cursor of this list', field=_CURSOR) from None


def _text(query: Query, name: str) -> str | None:
    texts = query.texts(name)
    return texts[-1] if texts else None


def _texts(query: Query, name: str) -> list[str]:
    """Return what is told under `name`, one at a time or with commas between."""
    return [part.strip() for text in query.texts(name) for part in text.split(",") if part.strip()]


def _ids(query: Query, name: str) -> list[str]:
    return [uuid_from(text, name) for text in _texts(query, name)]


def _boolean(query: Query, name: str) -> bool | None:
    text = _text(query, name)
    if text is None:
        return None
    if text.lower() not in _BOOLEANS:
        raise Rejected(f'parameter "{name}" must be true or false', field=name)
    return _BOOLEANS[text.lower()]
