"""Measure delivery: the metrics of an organisation over a window, by group and by period.

`measure_delivery(transaction, Question(…))` is the one way in for everybody who shows a number: the
API, the pages, the reports and the dialects of other tools' metric queries. The answer holds
`metrics.figures.Figures`, durations in seconds, None where there is nothing to count. Not here: what
the numbers mean (`metrics`) and how an answer is spelled (`dialects`).
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.measured import SHAPES, Noun, Scope
from fairlead.metrics.asking import is_carried, tag_keys
from fairlead.metrics.facts import Facts, Texts
from fairlead.metrics.groups import require_keys
from fairlead.metrics.measuring import Group, Measured, figures_of_nothing, measure
from fairlead.metrics.periods import Interval, Period, periods, preceding, require_window, steps
from fairlead.search.tree import Everything, Node
from fairlead.store import answers, measured_rows, shelf
from fairlead.store.answers import Asked
from fairlead.store.engine import Transaction
from fairlead.store.lexicon import Lexicon
from fairlead.store.search_groups import are_words_of_kinds

_T = TypeVar("_T")
_UTC = ZoneInfo("UTC")


class Level(StrEnum):
    """What lead times are taken over."""

    DEPLOYMENT = "deployment"
    COMMIT = "commit"


class Question(Struct, frozen=True, kw_only=True):
    """What is to be measured."""

    org_id: OrgId
    from_at: int
    """Inclusive. A deployment counts when it ended, a failure when it started."""
    until_at: int
    """Exclusive."""
    where: Node = field(default_factory=Everything)
    """Asked of deployments and of failures alike; a key that a failure has not, holds for none."""
    interval: Interval = Interval.NONE
    step_ns: int | None = None
    """How long periods are that no calendar cuts; in place of `interval`."""
    group_by: tuple[str, ...] = ()
    """Of `service`, `env`, `team`, `repository`, `version`, `source`, or keys of tags."""
    zone: ZoneInfo = _UTC
    level: Level = Level.DEPLOYMENT
    compares: bool = False
    """Whether the window before is measured too."""


class Answer(Struct, frozen=True, kw_only=True):
    """What was measured."""

    question: Question
    groups: Sequence[Group]
    """In the order of their values. Without `group_by` exactly one, with `values` ()."""
    previous: tuple[int, int] | None = None
    """The window before, where it was measured too."""


def measure_delivery(transaction: Transaction, question: Question) -> Answer:
    """Return the metrics that a question asks for.

    Raises:
        Rejected: the question cannot be answered as it is; the message names the attribute.
    """
    require_window(question.from_at, question.until_at)
    require_keys(question.group_by)
    return remembering(transaction, question, "delivery", lambda: _answer(transaction, question), _size)


def remembering(
    transaction: Transaction,
    question: Question,
    what: str,
    work_out: Callable[[], _T],
    weigh: Callable[[_T], int],
) -> _T:
    """Return what is worked out from the facts that a question asks about, or is remembered of it.

    It may follow from nothing but them and the question; `what` says what it is.
    """
    if question.level is not Level.DEPLOYMENT or not all(_is_carried(question, noun) for noun in Noun):
        # Their search may look at more than is known of days.
        return work_out()
    from_at, until_at = question.from_at, question.until_at
    if question.compares:
        from_at = preceding(from_at, until_at, question.zone)[0]
    asked = Asked(org_id=question.org_id, from_at=from_at, until_at=until_at, question=(what, question))
    return answers.remembered(transaction, asked, work_out, weigh)


def _size(answer: Answer) -> int:
    return sum(2 + len(group.points) for group in answer.groups)


def _answer(transaction: Transaction, question: Question) -> Answer:
    if not question.compares:
        return Answer(question=question, groups=measure(_measured(transaction, question)))
    before = preceding(question.from_at, question.until_at, question.zone)
    earlier = _measured(
        transaction,
        replace(question, from_at=before[0], until_at=before[1], interval=Interval.NONE, step_ns=None),
    )
    former = {group.values: group.summary for group in measure(earlier)}
    groups = measure(_measured(transaction, question), also=former)
    nothing = figures_of_nothing(earlier.window)
    compared = [replace(group, previous=former.get(group.values, nothing)) for group in groups]
    return Answer(question=question, groups=compared, previous=before)


def facts_asked_about(transaction: Transaction, question: Question, noun: Noun = Noun.DEPLOYMENTS) -> Facts:
    """Return the deployments, or failures, of a question's window that its query holds for.

    Raises:
        Rejected: there is no such window; the message names the attribute.
    """
    require_window(question.from_at, question.until_at)
    return _facts(transaction, question, noun)


def _measured(transaction: Transaction, question: Question) -> Measured:
    window = (question.from_at, question.until_at)
    return Measured(
        deployments=_facts(transaction, question, Noun.DEPLOYMENTS),
        failures=_facts(transaction, question, Noun.FAILURES),
        commits=_commits(transaction, question) if question.level is Level.COMMIT else None,
        window=Period(*window, *window),
        periods=periods_of(question),
        keys=question.group_by,
    )


def periods_of(question: Question) -> list[Period]:
    """Return the periods that the points of every group stand for, in their order."""
    window = (question.from_at, question.until_at)
    if question.step_ns is not None:
        return steps(*window, question.step_ns)
    return periods(*window, question.interval, question.zone)


def _facts(transaction: Transaction, question: Question, noun: Noun) -> Facts:
    scope = _scope(question, noun)
    if _is_carried(question, noun) or _is_of_kinds(transaction, question, noun):
        found = shelf.window(transaction, scope)
        if not found.left_out.intersection(tag_keys(noun, question.where, question.group_by)):
            return Facts(noun, found.frame, found.texts).only(question.where)
    lexicon = Lexicon()
    frame = measured_rows.frame(transaction, scope, lexicon.code_of, question.where)
    return Facts(noun, frame, _texts(lexicon, noun))


def _is_carried(question: Question, noun: Noun) -> bool:
    return is_carried(noun, question.where, question.group_by)


def _is_of_kinds(transaction: Transaction, question: Question, noun: Noun) -> bool:
    """Tell whether columns suffice because the words that are asked for are none of a version's."""
    return (
        noun is Noun.DEPLOYMENTS
        and is_carried(noun, question.where, question.group_by, words=True)
        and are_words_of_kinds(transaction, question.org_id, question.where)
    )


def _commits(transaction: Transaction, question: Question) -> Facts:
    lexicon = Lexicon()
    scope = _scope(question, Noun.DEPLOYMENTS)
    frame = measured_rows.commits(transaction, scope, lexicon.code_of, question.where)
    return Facts(Noun.DEPLOYMENTS, frame, _texts(lexicon, Noun.DEPLOYMENTS))


def _scope(question: Question, noun: Noun) -> Scope:
    return Scope(org_id=question.org_id, noun=noun, from_at=question.from_at, until_at=question.until_at)


def _texts(lexicon: Lexicon, noun: Noun) -> dict[str, Texts]:
    return {name: lexicon.texts(name) for name in (*SHAPES[noun].texts, measured_rows.VERSION)}
