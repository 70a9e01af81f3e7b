"""Rules for failed deployments: what recognises one, tried on the past before it is saved."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from fairlead.domain.access import Permission
from fairlead.domain.errors import NotPermitted, Rejected
from fairlead.domain.failure_rules import Aspect, FailureRules, LinkedRule, StaticRule
from fairlead.domain.instants import NS_PER_S
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.metrics.level_tables import YEARS
from fairlead.metrics.levels import year_of
from fairlead.usecases.keep_level_year import YearTold, find_level_year, keep_level_years
from fairlead.usecases.preview_failure_rules import Preview, PreviewWanted, preview_failure_rules
from fairlead.usecases.put_failure_rules import RulesTold, get_failure_rules, put_failure_rules
from fairlead.web.addresses import deployment_address
from fairlead.web.drawing import go_to
from fairlead.web.forms import Form
from fairlead.web.visit import Visit

PATH: Final = "/settings/rules"
_TRIED_ON_NS: Final = 90 * 86_400 * NS_PER_S
_MOST_SHOWN: Final = 50
_MINUTE_NS: Final = 60 * NS_PER_S
_LONGEST_MINUTES: Final = 6
_OFF: Final = "#"
_Rule = TypeVar("_Rule", LinkedRule, StaticRule)


@get(PATH)
async def show_rules(request: AnyRequest) -> Answer:
    """Show the rules that hold."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    return await _page(visit, _written(await visit.reception.read(get_failure_rules, visit.org_id)))


@post(PATH, status_code=200)
async def change_rules(request: AnyRequest) -> Answer:
    """Try rules on the past, or save them."""
    visit = await Visit.begin(request, Permission.DORA_METRICS_READ)
    form = await visit.form()
    try:
        rules = _rules(visit, form)
    except Rejected as error:
        return await _page(visit, _told(form), complaint=str(error), status=400)
    if form.text("action") == "save":
        if not visit.may(Permission.ORG_ADMIN):
            raise NotPermitted(
                f"somebody who is {visit.visitor.member.role} here may try rules, not save them"
            )
        told = RulesTold(org_id=visit.org_id, rules=rules)
        await visit.change(put_failure_rules, told, "changed rules", "change failures", _summary(rules))
        return go_to(f"{PATH}?done=saved")
    wanted = PreviewWanted(
        org_id=visit.org_id, rules=rules, from_at=visit.now - _TRIED_ON_NS, until_at=visit.now + NS_PER_S
    )
    preview = await visit.reception.read(preview_failure_rules, wanted)
    return await _page(visit, _told(form), preview=preview)


@post(f"{PATH}/levels")
async def change_level_year(request: AnyRequest) -> Answer:
    """Read levels by another year from now on."""
    visit = await Visit.begin(request, Permission.ORG_ADMIN)
    text = (await visit.form()).text("year")
    year = year_of(next((one for one in YEARS if str(one) == text), 0))
    told = YearTold(org_id=visit.org_id, year=year, at=visit.now, by=visit.visitor.member.email)
    await visit.change(keep_level_years, told, "changed levels", "levels", text)
    return go_to(f"{PATH}?done=levels")


def _rules(visit: Visit, form: Form) -> FailureRules:
    minutes = form.text("window_minutes")
    if not (minutes.isascii() and minutes.isdigit() and len(minutes) <= _LONGEST_MINUTES):
        raise Rejected("the window is a whole number of minutes", field="window_minutes")
    return FailureRules(
        rollbacks=bool(form.text("rollbacks")),
        rollbacks_of_rollbacks=bool(form.text("rollbacks_of_rollbacks")),
        linked=tuple(LinkedRule(text, enabled=on) for text, on in _lines(form.text("linked"))),
        static=tuple(_static(text, enabled=on) for text, on in _lines(form.text("static"))),
        failure_window_ns=int(minutes) * _MINUTE_NS,
        changed_at=visit.now,
        changed_by=visit.visitor.member.email,
    )


def _lines(text: str) -> Iterable[tuple[str, bool]]:
    """Yield each line that says something, and whether it is switched on."""
    for line in text.splitlines():
        rule = line.strip().removeprefix(_OFF).strip()
        if rule:
            yield rule, not line.strip().startswith(_OFF)


def _static(text: str, *, enabled: bool) -> StaticRule:
    aspect, colon, pattern = (part.strip() for part in text.partition(":"))
    if not colon or aspect not in set(Aspect):
        raise Rejected(f"a line begins with one of {', '.join(Aspect)} and a colon", field="static")
    return StaticRule(Aspect(aspect), pattern, enabled=enabled)


def _written(rules: FailureRules) -> dict[str, str]:
    """Return rules as the form has them."""
    return {
        "rollbacks": "yes" if rules.rollbacks else "",
        "rollbacks_of_rollbacks": "yes" if rules.rollbacks_of_rollbacks else "",
        "linked": "\n".join(_line(rule, rule.pattern) for rule in rules.linked),
        "static": "\n".join(_line(rule, f"{rule.aspect}: {rule.pattern}") for rule in rules.static),
        "window_minutes": str(rules.failure_window_ns // _MINUTE_NS),
    }


def _line(rule: _Rule, text: str) -> str:
    return text if rule.enabled else f"{_OFF} {text}"


def _told(form: Form) -> dict[str, str]:
    names = ("rollbacks", "rollbacks_of_rollbacks", "linked", "static", "window_minutes")
    return {name: form.text(name) for name in names}


def _summary(rules: FailureRules) -> str:
    written = _written(rules)
    return "; ".join(f"{name}: {' | '.join(text.splitlines())}" for name, text in written.items() if text)


async def _page(
    visit: Visit,
    told: dict[str, str],
    *,
    preview: Preview | None = None,
    complaint: str = "",
    status: int = 200,
) -> Answer:
    return visit.page(
        "failure_rules.html",
        status=status,
        told=told,
        preview=preview,
        changed=() if preview is None else preview.changed[:_MOST_SHOWN],
        complaint=complaint,
        aspects=list(Aspect),
        year=await visit.reception.read(find_level_year, visit.org_id),
        years=list(YEARS),
        deployment_address=deployment_address,
    )


HANDLERS: Sequence[HTTPRouteHandler] = (show_rules, change_rules, change_level_year)
