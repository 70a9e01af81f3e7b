"""Rules that tell which deployment repairs which: what an organisation may set, and its defaults.

Source: Datadog, "Change failure detection" (read 2026). A linked rule names one variable and finds
the deployment that holds its value; a static rule stands for the deployment right before. Where
Datadog is silent: patterns are RE2's, must match the whole text, and mind the case unless they
begin with `(?i)`. Not here: what follows from a match (`metrics.change_failures`).
"""

import re
from dataclasses import dataclass, field  # noqa: TID251 — who changed rules makes no other rules of them.
from enum import StrEnum
from functools import lru_cache
from typing import Final

import re2
from msgspec import Struct

from fairlead.domain.errors import Rejected
from fairlead.domain.instants import NS_PER_S

LONGEST_PATTERN: Final = 1000
MOST_RULES: Final = 50
"""Of each kind."""
LONGEST_WINDOW_NS: Final = 30 * 86_400 * NS_PER_S
# A program of RE2's may take so much memory, and so much time for each character.
_MOST_MEMORY: Final = 1 << 20
_GROUP: Final = "fairlead_value"
# What is escaped is no variable.
_TOKEN: Final = re.compile(r"\\.|\$(pr_title|pr_number|version)\b", re.DOTALL)


class Variable(StrEnum):
    """What a linked rule finds an earlier deployment by."""

    PR_TITLE = "pr_title"
    PR_NUMBER = "pr_number"
    VERSION = "version"


class Aspect(StrEnum):
    """What of a deployment a static rule looks at."""

    PR_TITLE = "pr_title"
    PR_LABEL = "pr_label"
    PR_BRANCH = "pr_branch"
    COMMIT_MESSAGE = "commit_message"
    """The first paragraph of the message, in one line."""
    VERSION = "version"


class LinkedRule(Struct, frozen=True):
    """A pattern with exactly one of `$pr_title`, `$pr_number` and `$version` in it.

    The first two are sought in titles of pull requests, the third in the version.
    """

    pattern: str
    enabled: bool = True

    def __post_init__(self) -> None:
        _require_short(self.pattern)
        if len(_variables(self.pattern)) != 1 or _GROUP in self.pattern:
            detail = "a linked rule needs exactly one of $pr_title, $pr_number and $version"
            raise Rejected(detail, field="pattern")
        _compiled(_with_group(self.pattern))

    @property
    def variable(self) -> Variable:
        """The variable in the pattern."""
        return Variable(_variables(self.pattern)[0])

    def value_in(self, text: str) -> str | None:
        """Return what the variable stands for in `text`; None where the pattern does not match."""
        found = _compiled(_with_group(self.pattern)).fullmatch(text)
        return None if found is None else found.group(_GROUP)


class StaticRule(Struct, frozen=True):
    """A pattern that one text of a deployment has to match."""

    aspect: Aspect
    pattern: str
    enabled: bool = True

    def __post_init__(self) -> None:
        _require_short(self.pattern)
        _compiled(self.pattern)

    def matches(self, text: str) -> bool:
        """Tell whether the whole of `text` matches."""
        return _compiled(self.pattern).fullmatch(text) is not None


def _usual_linked() -> tuple[LinkedRule, ...]:
    """Return the linked rules of whoever has set none: a revert, as Git hosts name it."""
    return (LinkedRule('Revert "$pr_title"'),)


def _usual_static() -> tuple[StaticRule, ...]:
    """Return the static rules of whoever has set none: a hotfix, as people name it."""
    aspects = Aspect.PR_TITLE, Aspect.PR_LABEL, Aspect.PR_BRANCH
    return tuple(StaticRule(aspect, "(?i).*hotfix.*") for aspect in aspects)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureRules:
    """How an organisation wants failed deployments to be recognised."""

    rollbacks: bool = True
    """Whether a version that is put back tells that what came after it had failed."""
    rollbacks_of_rollbacks: bool = True
    """Whether that holds where what came after it was a rollback itself; if not, the same build may
    be rolled out again after a rollback without a word about the rollback."""
    linked: tuple[LinkedRule, ...] = field(default_factory=_usual_linked)
    static: tuple[StaticRule, ...] = field(default_factory=_usual_static)
    failure_window_ns: int = 3600 * NS_PER_S
    """For how long after a deployment's end a failure may have been caused by it."""
    changed_at: int = field(default=0, compare=False)
    changed_by: str = field(default="", compare=False)
    """The id of the key that was used; empty for the defaults."""

    def __post_init__(self) -> None:
        for name in ("linked", "static"):
            if len(getattr(self, name)) > MOST_RULES:
                raise Rejected(f'attribute "{name}" holds more than {MOST_RULES} rules', field=name)
        if not 0 < self.failure_window_ns <= LONGEST_WINDOW_NS:
            longest = LONGEST_WINDOW_NS // NS_PER_S
            detail = f'attribute "failure_window_s" must be more than 0 and at most {longest}'
            raise Rejected(detail, field="failure_window_s")

    @property
    def linked_in_use(self) -> tuple[LinkedRule, ...]:
        """The linked rules that are switched on, in their order."""
        return tuple(rule for rule in self.linked if rule.enabled)

    @property
    def static_in_use(self) -> tuple[StaticRule, ...]:
        """The static rules that are switched on, in their order."""
        return tuple(rule for rule in self.static if rule.enabled)


def _require_short(pattern: str) -> None:
    if not pattern:
        raise Rejected("a rule needs a pattern", field="pattern")
    if len(pattern) > LONGEST_PATTERN:
        raise Rejected(f"a pattern has at most {LONGEST_PATTERN} characters", field="pattern")


def _variables(pattern: str) -> list[str]:
    return [token.group(1) for token in _TOKEN.finditer(pattern) if token.group(1)]


def _with_group(pattern: str) -> str:
    def group(token: re.Match[str]) -> str:
        if token.group(1) is None:
            return token.group()
        what = "[0-9]+" if token.group(1) == Variable.PR_NUMBER else ".+"
        return f"(?P<{_GROUP}>{what})"

    return _TOKEN.sub(group, pattern)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> "re2._Regexp":
    options = re2.Options()
    options.max_mem = _MOST_MEMORY
    # What is wrong with a pattern is told to whoever wrote it, not to the log.
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except (re2.error, UnicodeEncodeError) as error:
        why = error.args[0] if error.args else ""
        said = why.decode("utf-8", "replace") if isinstance(why, bytes) else str(why)
        detail = f"the pattern is not one that RE2 reads: {said}"
        raise Rejected(detail, field="pattern") from error
