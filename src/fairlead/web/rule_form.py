"""A rule of a gate as a form says it, both ways, and as a sentence. Not here: pages."""

from collections.abc import Iterable, Mapping
from typing import Final

from fairlead.domain.errors import Rejected
from fairlead.domain.gates import MonitorChoice, Rule, RuleKind, RuleOptions
from fairlead.domain.monitor_search import monitor_query
from fairlead.web.forms import Form
from fairlead.web.words import seconds

_YES: Final = "yes"
_TEXTS: Final = (
    *("name", "query", "monitor_ids", "duration", "warmup"),
    *("allowed_resources", "excluded_resources"),
)
_CHOICES: Final = ("dry_run", "fail_on_no_data", "fail_on_no_groups_found")
_MOST_DIGITS: Final = 18
BLANK: Final[Mapping[str, str]] = dict.fromkeys((*_TEXTS, *_CHOICES), "") | {"fail_on_no_data": _YES}
"""The form of a rule that does not exist yet, with what holds unless told otherwise."""


def told_by(form: Form) -> dict[str, str]:
    """Return what a form says, to show it again."""
    return {name: form.text(name) for name in (*_TEXTS, *_CHOICES)}


def written(rule: Rule) -> dict[str, str]:
    """Return a rule as the form has it."""
    options = rule.options
    return {
        "name": rule.name,
        "query": options.query or "",
        "monitor_ids": "\n".join(_lines(options.monitor_ids or ())),
        "duration": _number_written(options.duration_s),
        "warmup": _number_written(options.warmup_s),
        "allowed_resources": "\n".join(options.allowed_resources or ()),
        "excluded_resources": "\n".join(options.excluded_resources or ()),
        "dry_run": _choice_written(rule.dry_run),
        "fail_on_no_data": _choice_written(options.fail_on_no_data is not False),
        "fail_on_no_groups_found": _choice_written(bool(options.fail_on_no_groups_found)),
    }


def options_in(form: Form, kind: RuleKind) -> RuleOptions:
    """Return the options that a form tells of a rule of a kind.

    Raises:
        Rejected: one cannot be read, or two exclude each other; `field` is the one of the form.
    """
    return _of_monitors(form) if kind is RuleKind.MONITOR else _of_detection(form)


def _of_monitors(form: Form) -> RuleOptions:
    query, choices = form.text("query"), _choices(form.text("monitor_ids"))
    if query and choices:
        raise Rejected("tell a search or the numbers of monitors, not both", field="monitor_ids")
    if not query and not choices:
        raise Rejected("say which monitors: by a search, or by their numbers", field="query")
    # There is somebody to tell; a rule that is kept says so when it is decided.
    monitor_query(query)
    return RuleOptions(
        query=query or None,
        monitor_ids=choices or None,
        duration_s=_number(form, "duration"),
        warmup_s=_number(form, "warmup"),
        fail_on_no_data=bool(form.text("fail_on_no_data")),
        fail_on_no_groups_found=bool(form.text("fail_on_no_groups_found")),
    )


def _of_detection(form: Form) -> RuleOptions:
    allowed, excluded = (_names(form.text(name)) for name in ("allowed_resources", "excluded_resources"))
    if allowed and excluded:
        raise Rejected("tell those to watch or those to leave out, not both", field="excluded_resources")
    return RuleOptions(
        duration_s=_number(form, "duration"),
        allowed_resources=allowed or None,
        excluded_resources=excluded or None,
    )


def _number(form: Form, field: str) -> int | None:
    text = form.text(field)
    if not text:
        return None
    if not _is_number(text):
        raise Rejected("this is a whole number of seconds", field=field)
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _names(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def _choices(text: str) -> tuple[MonitorChoice, ...]:
    """Return monitors in the order told; a line has a number, and one of its groups or nothing."""
    told: dict[int, dict[str, None]] = {}
    for line in _names(text):
        number, _, group = line.partition(" ")
        if not _is_number(number):
            raise Rejected("a line begins with the number of a monitor", field="monitor_ids")
        told.setdefault(int(number), {})[group.strip()] = None
    if any("" in groups and len(groups) > 1 for groups in told.values()):
        raise Rejected("a monitor is watched whole or by some of its groups, not both", field="monitor_ids")
    return tuple(MonitorChoice(id=id, groups=tuple(filter(None, groups))) for id, groups in told.items())


def _lines(choices: Iterable[MonitorChoice]) -> Iterable[str]:
    for choice in choices:
        yield from (f"{choice.id} {group}" for group in choice.groups) if choice.groups else [str(choice.id)]


def _number_written(number: int | None) -> str:
    return "" if number is None else str(number)


def _choice_written(holds: bool) -> str:  # noqa: FBT001 — a box that is ticked or not.
    return _YES if holds else ""


def watches(options: RuleOptions) -> str:
    """Return what a rule looks at, in a sentence."""
    parts = []
    if options.query:
        parts.append(f"monitors that match {options.query}")
    if options.monitor_ids:
        parts.append("monitors " + ", ".join(str(one.id) for one in options.monitor_ids))
    if options.allowed_resources:
        parts.append(f"only {', '.join(options.allowed_resources)}")
    if options.excluded_resources:
        parts.append(f"without {', '.join(options.excluded_resources)}")
    if options.duration_s:
        parts.append(f"for {seconds(options.duration_s)}")
    if options.warmup_s:
        parts.append(f"after a warm-up of {seconds(options.warmup_s)}")
    if options.fail_on_no_data is not None:
        parts.append("failing without data" if options.fail_on_no_data else "passing without data")
    if options.fail_on_no_groups_found:
        parts.append("failing where no group matches")
    return "; ".join(parts) or "everything of the service"
