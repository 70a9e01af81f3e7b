"""AI activity: who used which coding tool on which day.

Not here: what the use of a tool does to delivery.
"""

import re

from msgspec import Struct

from fairlead.domain.access import OrgId

# Letters and digits of every alphabet belong to a word: not all tools have an English name.
_SEPARATORS = re.compile(r"[\W_]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_KNOWN_TOOLS = (("claude", "claude_code"), ("cursor", "cursor"), ("copilot", "copilot"))


class ToolUse(Struct, frozen=True, kw_only=True):
    """One person, one day, one tool."""

    org_id: OrgId
    user_email: str
    """Lower case: people are matched to commit authors whatever their spelling."""
    day: str
    """`YYYY-MM-DD`."""
    tool: str
    is_active: bool
    models: tuple[str, ...]
    received_at: int


def tool_name(name: str) -> str:
    """Return the stored name of a tool: a known product's own, otherwise snake_case.

    Empty exactly when `name` is blank; one without a letter or digit stays as it is.

    Source: Datadog's `CreateAIImpactUserActivity`; "Claude Code", "claude-code" and
    "ClaudeCode" are `claude_code`, "GitHub Copilot" is `copilot`.
    """
    snake = _SEPARATORS.sub("_", _CAMEL.sub("_", name.strip()).lower()).strip("_")
    words = set(snake.split("_"))
    known = (own for word, own in _KNOWN_TOOLS if word in words or snake == own.replace("_", ""))
    return next(known, snake or name.strip())


def model_names(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return model names in lower case, each once, in the order first named."""
    return tuple(dict.fromkeys(name.strip().lower() for name in names if name.strip()))
