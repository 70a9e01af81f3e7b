"""PromQL as far as a monitor needs it: what is compared with which bound, and what an answer means.

A query that ends in a comparison with a number, such as `rate(errors[5m]) > 0.5`, is divided: what
stands before it is asked, so that the value is known, an empty answer is told apart from a healthy
one, and a second bound can warn. Any other query is an alerting expression, as in Prometheus' own
rules: each series it returns is an alert. Not here: asking Prometheus.
"""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from fairlead.domain.errors import Rejected
from fairlead.domain.monitors import UNGROUPED, MonitorState

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}
_TOKEN = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)|(?P<comment>\#[^\n]*)"""
    r"""|(?P<open>[({\[])|(?P<close>[)}\]])|(?P<comparison>[<>=!]=?)|(?P<word>[A-Za-z_:][\w:.]*)""",
    re.DOTALL,
)
_NUMBER = re.compile(r"\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*")
_PAIRS = {"(": ")", "{": "}", "[": "]"}
_LOOSER = frozenset({"and", "or", "unless"})
_NAME = "__name__"
EMPTY_ANSWER = "the query returned no series"
"""Why there is no data."""


class Unanswered(Exception):
    """A query has no answer that could be understood; the text says why."""


class Condition(Struct, frozen=True):
    """What is asked, and when its answer is an alert."""

    expression: str
    comparison: str = ""
    """Empty where every series of the answer is an alert."""
    bound: float = 0.0


class Series(Struct, frozen=True):
    """One value of an answer."""

    labels: Mapping[str, str]
    value: float


class GroupState(Struct, frozen=True):
    """What an answer says of one group."""

    group: str
    state: MonitorState
    reason: str


def condition_from(query: str) -> Condition:
    """Return what a monitor's query asks, and with which bound it compares.

    Raises:
        Rejected: brackets or quotes are not closed.
    """
    found = list(_outside(query))
    comparisons = [token for token in found if token.lastgroup == "comparison"]
    looser = any(token[0].lower() in _LOOSER for token in found if token.lastgroup == "word")
    if looser or len(comparisons) != 1 or comparisons[0][0] not in _COMPARISONS:
        return Condition(query)
    comparison = comparisons[0]
    bound = _NUMBER.fullmatch(query, comparison.end())
    if bound is None or not query[: comparison.start()].strip():
        return Condition(query)
    return Condition(query[: comparison.start()].strip(), comparison[0], float(bound[1]))


def states_of(condition: Condition, warning: float | None, answer: Sequence[Series]) -> list[GroupState]:
    """Return what an answer says of each group, the worst first.

    `warning` is the bound beyond which a value is a warning; None means that nothing warns.
    """
    if not answer:
        if condition.comparison:
            return [GroupState(UNGROUPED, MonitorState.NO_DATA, EMPTY_ANSWER)]
        return [GroupState(UNGROUPED, MonitorState.OK, "")]
    told = [_state(condition, warning, series) for series in answer]
    order = list(_WORST_FIRST)
    return sorted(told, key=lambda one: (order.index(one.state), one.group))


_WORST_FIRST = (MonitorState.ALERT, MonitorState.NO_DATA, MonitorState.WARN, MonitorState.OK)


def _state(condition: Condition, warning: float | None, series: Series) -> GroupState:
    group = group_of(series.labels)
    value = f"{series.value:.6g}"
    if not condition.comparison:
        return GroupState(group, MonitorState.ALERT, f"value {value}")
    if math.isnan(series.value):
        return GroupState(group, MonitorState.NO_DATA, "the value is not a number")
    for bound, state in ((condition.bound, MonitorState.ALERT), (warning, MonitorState.WARN)):
        if bound is not None and _COMPARISONS[condition.comparison](series.value, bound):
            return GroupState(group, state, f"{value} {condition.comparison} {bound:.6g}")
    return GroupState(group, MonitorState.OK, f"value {value}")


def group_of(labels: Mapping[str, str]) -> str:
    """Return the name of the group that labels stand for."""
    return ",".join(f"{name}:{labels[name]}" for name in sorted(labels) if name != _NAME)


def _outside(query: str) -> Iterator[re.Match[str]]:
    """Yield the words and comparisons that stand in no bracket.

    Raises:
        Rejected: a bracket or a quote is not closed, or closed without being open.
    """
    waiting: list[str] = []
    rest = _TOKEN.sub("", query)
    if any(quote in rest for quote in "\"'`"):
        raise Rejected(_invalid("a quote is not closed"), field="query")
    for token in _TOKEN.finditer(query):
        match token.lastgroup:
            case "open":
                waiting.append(_PAIRS[token[0]])
            case "close":
                if not waiting or waiting.pop() != token[0]:
                    raise Rejected(_invalid(f"{token[0]} closes nothing"), field="query")
            case "comparison" | "word" if not waiting:
                yield token
    if waiting:
        raise Rejected(_invalid(f"{waiting[-1]} is missing"), field="query")


def _invalid(why: str) -> str:
    return f"The value provided for parameter 'query' is invalid: {why}"
