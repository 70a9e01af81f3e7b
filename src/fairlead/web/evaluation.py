"""One evaluation of a gate, live while it runs, with what each rule stands on."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from msgspec import Struct

from fairlead.domain.access import Permission
from fairlead.domain.detection import Comparison
from fairlead.domain.evaluations import EvaluationId, RuleEvaluation
from fairlead.domain.monitors import Span
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.show_evaluation import ShownEvaluation, show_evaluation
from fairlead.web.drawing import drawn, page_answer
from fairlead.web.rule_form import watches
from fairlead.web.visit import Visit

_WIDTH: Final = 600
_KNOWN_STATES: Final = {"ok": "good", "alert": "bad", "warn": "warn"}


class Band(Struct, frozen=True, kw_only=True):
    """One state of a monitor, as a band of the rule's time."""

    left: float
    width: float
    colour: str
    text: str


class Bars(Struct, frozen=True, kw_only=True):
    """Errors of a new version beside those of earlier ones."""

    comparison: Comparison
    new_rate: float | None
    old_rate: float | None
    new_width: float
    old_width: float


@get("/gates/evaluations/{evaluation_id:str}")
async def show_one(request: AnyRequest, evaluation_id: FromPath[str]) -> Answer:
    """Show an evaluation."""
    visit, shown = await _asked(request, evaluation_id)
    return visit.page("evaluation.html", **_values(visit, shown))


@get("/parts/gates/evaluations/{evaluation_id:str}")
async def show_body(request: AnyRequest, evaluation_id: FromPath[str]) -> Answer:
    """Return what changes of an evaluation while it runs."""
    visit, shown = await _asked(request, evaluation_id)
    return page_answer(request, drawn("evaluation_body.html", visit.known() | dict(_values(visit, shown))))


async def _asked(request: AnyRequest, evaluation_id: str) -> tuple[Visit, ShownEvaluation]:
    visit = await Visit.begin(request, Permission.DEPLOYMENT_GATES_READ)
    found = await visit.reception.read(show_evaluation, visit.org_id, EvaluationId(evaluation_id))
    return visit, found


def _values(visit: Visit, shown: ShownEvaluation) -> Mapping[str, Any]:
    rules = [
        {
            "rule": rule,
            "watches": watches(rule.options),
            "bars": [_bars(one) for one in rule.evidence.comparisons],
            "monitors": [
                (one, list(_bands(rule, shown.spans.get(one.monitor_id, ()), one.group, visit.now)))
                for one in rule.evidence.monitors
            ],
        }
        for rule in shown.evaluation.rules
    ]
    return {"evaluation": shown.evaluation, "rules": rules, "width": _WIDTH}


def _bars(comparison: Comparison) -> Bars:
    new, old = comparison.new, comparison.old
    new_rate = new.errors / new.requests if new.requests else None
    old_rate = old.errors / old.requests if old.requests else None
    most = max(new_rate or 0, old_rate or 0) or 1
    return Bars(
        comparison=comparison,
        new_rate=new_rate,
        old_rate=old_rate,
        new_width=round((new_rate or 0) / most * _WIDTH, 1),
        old_width=round((old_rate or 0) / most * _WIDTH, 1),
    )


def _bands(rule: RuleEvaluation, spans: Sequence[Span], group: str, now: int) -> Iterator[Band]:
    """Yield the states of one group within the time that a rule watched, up to now."""
    begin = rule.from_at
    end = max(min(rule.until_at, rule.finished_at or now), begin + 1)
    for span in spans:
        from_at, until_at = max(span.from_at, begin), min(span.until_at or end, end)
        if group not in ("", span.group) or until_at < from_at:
            continue
        yield Band(
            left=round((from_at - begin) / (end - begin) * _WIDTH, 1),
            width=max(round((until_at - from_at) / (end - begin) * _WIDTH, 1), 2.0),
            colour=_KNOWN_STATES.get(span.state.value.lower(), "none"),
            text=f"{span.state.value} {span.group}".strip(),
        )


HANDLERS: Sequence[HTTPRouteHandler] = (show_one, show_body)
