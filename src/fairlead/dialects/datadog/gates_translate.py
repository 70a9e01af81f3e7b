"""Between Datadog's shapes of gates and Fairlead's nouns, from the outside in.

Sources: the schema and the recordings of `datadog-api-client` 2.62.0, whose texts of refusal are
kept to the letter because clients print them. Not here: the way back (`gates_answers.py`).
"""

import re

import msgspec

from fairlead.dialects.datadog import gates_wire as wire
from fairlead.dialects.datadog.translate import require_type
from fairlead.domain.access import OrgId
from fairlead.domain.authors import Author
from fairlead.domain.errors import Rejected
from fairlead.domain.gates import (
    DEFAULT_IDENTIFIER,
    MOST_RULES,
    Gate,
    GateId,
    MonitorChoice,
    Rule,
    RuleId,
    RuleKind,
    RuleOptions,
    require_rule,
)
from fairlead.domain.identity import id_from_chance
from fairlead.domain.monitor_search import monitor_query
from fairlead.domain.texts import require_text
from fairlead.intake.callers import Caller
from fairlead.usecases.change_gates import GateChange
from fairlead.usecases.change_rules import RuleChange
from fairlead.usecases.trigger_evaluations import EvaluationWanted, InlineRules, RuleWanted

GATE = "deployment_gate"
RULE = "deployment_rule"
TRIGGER_REQUEST = "deployment_gates_evaluation_request"

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_NS_PER_US = 1000


def uuid_from(text: str, field: str) -> str:
    """Return an id in the one spelling it is kept in.

    Raises:
        Rejected: it is not a UUID.
    """
    if not _UUID.fullmatch(text.lower()):
        raise Rejected(f'attribute "{field}" Invalid id', field=field)
    return text.lower()


def author_of(caller: Caller) -> Author:
    """Return who is calling, as what they make is signed."""
    return Author(caller.key_id, caller.name)


def shown_instant(now: int) -> int:
    """Return an instant as exact as this API shows one: to the microsecond."""
    return now - now % _NS_PER_US


def gate_from(request: wire.GateRequest, caller: Caller, now: int, chance: bytes) -> Gate:
    """Return the gate that a create request tells of.

    Raises:
        Rejected: the type is another, or an attribute is missing or too long.
    """
    require_type(request.data.type, GATE)
    told, at, by = request.data.attributes, shown_instant(now), author_of(caller)
    return Gate(
        org_id=caller.org_id,
        id=GateId(id_from_chance(now, chance)),
        service=told.service,
        env=told.env,
        identifier=told.identifier or DEFAULT_IDENTIFIER,
        dry_run=bool(told.dry_run),
        created_at=at,
        created_by=by,
        updated_at=at,
        updated_by=by,
    )


def gate_change_from(request: wire.GateChangeRequest, gate_id: str, caller: Caller, now: int) -> GateChange:
    """Return what an update tells of a gate; `data.id` is not looked at, the path decides.

    Raises:
        Rejected: the type is another.
    """
    require_type(request.data.type, GATE)
    return GateChange(
        org_id=caller.org_id,
        gate_id=GateId(gate_id),
        dry_run=request.data.attributes.dry_run,
        by=author_of(caller),
        at=shown_instant(now),
    )


def rule_from(request: wire.RuleRequest, gate_id: str, caller: Caller, now: int, chance: bytes) -> Rule:
    """Return the rule that a create request tells of.

    Raises:
        Rejected: a type is another, or the options do not fit it.
    """
    require_type(request.data.type, RULE)
    told, at, by = request.data.attributes, shown_instant(now), author_of(caller)
    return Rule(
        org_id=caller.org_id,
        gate_id=GateId(gate_id),
        id=RuleId(id_from_chance(now, chance)),
        name=told.name,
        kind=_kind(told.type),
        options=_options(told.options),
        dry_run=bool(told.dry_run),
        created_at=at,
        created_by=by,
        updated_at=at,
        updated_by=by,
    )


def rule_change_from(
    request: wire.RuleChangeRequest, gate_id: str, rule_id: str, caller: Caller, now: int
) -> RuleChange:
    """Return what an update tells of a rule.

    Raises:
        Rejected: the type is another, or an option is malformed.
    """
    require_type(request.data.type, RULE)
    told = request.data.attributes
    return RuleChange(
        org_id=caller.org_id,
        gate_id=GateId(gate_id),
        rule_id=RuleId(rule_id),
        name=told.name,
        options=_options(told.options),
        dry_run=told.dry_run,
        by=author_of(caller),
        at=shown_instant(now),
    )


def evaluation_from(
    request: wire.TriggerRequest, caller: Caller, now: int, chance: bytes
) -> EvaluationWanted:
    """Return the evaluation that a request asks for.

    Raises:
        Rejected: service or environment is missing, or an inline rule is not acceptable.
    """
    require_type(request.data.type, TRIGGER_REQUEST)
    told = request.data.attributes
    texts = {
        name: require_text(getattr(told, name) or "", name)
        for name in ("service", "env", "identifier", "version", "monitors_query_variable")
    }
    for name in ("service", "env"):
        if not texts[name].strip():
            raise Rejected(f"required {name} field is missing", field=name)
    return EvaluationWanted(
        org_id=OrgId(caller.org_id),
        primary_tag=require_text(told.primary_tag or told.apm_primary_tag or "", "primary_tag"),
        inline=None if told.configuration is None else _inline(told.configuration),
        by=author_of(caller),
        at=shown_instant(now),
        chance=chance,
        **texts | {"identifier": texts["identifier"] or DEFAULT_IDENTIFIER},
    )


def inline_from(told: object) -> InlineRules:
    """Return the rules of a configuration file of `datadog-ci`, in which names are in camel case.

    Raises:
        Rejected: it is no such file, or a rule in it is not acceptable.
    """
    try:
        file = msgspec.convert(told, wire.ConfigurationFile)
    except msgspec.ValidationError as error:
        raise Rejected(f"the configuration is not one of datadog-ci: {error}", field="config") from error
    rules = [wire.InlineRule(one.type, one.name, one.dry_run, one.options) for one in file.rules]
    return _inline(wire.Configuration(rules, file.dry_run))


def _inline(told: wire.Configuration) -> InlineRules:
    if not 1 <= len(told.rules) <= MOST_RULES:
        raise Rejected(f'attribute "rules" must hold 1 to {MOST_RULES} rules', field="rules")
    whole = bool(told.dry_run)
    return InlineRules(rules=tuple(_inline_rule(rule) for rule in told.rules), dry_run=whole)


def _inline_rule(told: wire.InlineRule) -> RuleWanted:
    kind, options = _kind(told.type), _options(told.options or wire.InlineOptions())
    require_rule(told.name, kind, options)
    # There is somebody to tell; a rule that is kept says so when it is decided.
    monitor_query(options.query or "")
    return RuleWanted(
        name=told.name,
        kind=kind,
        options=options,
        dry_run=bool(told.dry_run),
        is_binding=told.dry_run is False,
    )


def _kind(text: str) -> RuleKind:
    try:
        return RuleKind(text)
    except ValueError:
        known = " ".join(RuleKind)
        raise Rejected(f'attribute "type" must be one of "{known}"', field="type") from None


def _options(told: wire.Options | wire.InlineOptions) -> RuleOptions:
    return RuleOptions(
        query=told.query,
        monitor_ids=None if told.monitor_ids is None else tuple(map(_choice, told.monitor_ids)),
        duration_s=told.duration,
        warmup_s=told.warmup,
        fail_on_no_data=told.fail_on_no_data,
        fail_on_no_groups_found=told.fail_on_no_groups_found,
        allowed_resources=_names(told.allowed_resources),
        excluded_resources=_names(told.excluded_resources),
    )


def _choice(told: wire.MonitorNamed) -> MonitorChoice:
    text = str(told.id)
    if not _NUMBER.fullmatch(text):
        raise Rejected('attribute "id" must be the number of a monitor', field="monitor_ids")
    return MonitorChoice(id=int(text), groups=tuple(told.groups))


def _names(told: list[str] | None) -> tuple[str, ...] | None:
    return None if told is None else tuple(told)
