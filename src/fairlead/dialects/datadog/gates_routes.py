"""The operations of Datadog's Deployment Gates API: decode, call one thing, encode.

Not here: any rule about gates, and the wording of refusals.
"""

from collections.abc import Sequence
from functools import partial

import msgspec
from litestar import delete, get, post, put
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from fairlead.dialects.datadog import gates_answers as answers
from fairlead.dialects.datadog import gates_translate as translate
from fairlead.dialects.datadog import gates_wire as wire
from fairlead.dialects.datadog.catalog_listing import Query
from fairlead.dialects.datadog.errors import MEDIA_TYPE
from fairlead.dialects.datadog.exchange import Exchange
from fairlead.dialects.datadog.gates_listing import evaluations_page, gates_page, rules_page
from fairlead.dialects.datadog.gates_translate import uuid_from
from fairlead.domain.access import Permission
from fairlead.domain.evaluations import EvaluationId
from fairlead.domain.gates import GateId, RuleId
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation as _operation
from fairlead.usecases.change_gates import change_gates
from fairlead.usecases.change_rules import change_rules
from fairlead.usecases.create_gates import create_gates
from fairlead.usecases.create_rules import create_rules
from fairlead.usecases.delete_gates import GateNamed, delete_gates
from fairlead.usecases.delete_rules import RuleNamed, delete_rules
from fairlead.usecases.find_evaluations import find_evaluations, find_rule_evaluations, get_evaluation
from fairlead.usecases.find_gates import find_gates
from fairlead.usecases.get_gate import get_gate, get_rule, get_rules
from fairlead.usecases.trigger_evaluations import trigger_evaluations

_gate = msgspec.json.Decoder(wire.GateRequest)
_gate_change = msgspec.json.Decoder(wire.GateChangeRequest)
_rule = msgspec.json.Decoder(wire.RuleRequest)
_rule_change = msgspec.json.Decoder(wire.RuleChangeRequest)
_trigger = msgspec.json.Decoder(wire.TriggerRequest)

operation = partial(_operation, media_type=MEDIA_TYPE)

READ = Permission.DEPLOYMENT_GATES_READ
WRITE = Permission.DEPLOYMENT_GATES_WRITE
EVALUATE = Permission.DEPLOYMENT_GATES_EVALUATE
_CHANCE_BYTES = 10
_GATES = "/api/v2/deployment_gates"
_EVALUATION = "/api/v2/deployments/gates/evaluation"
_ASKED = (
    "filter[from] filter[to] filter[service] filter[env] filter[identifier] filter[version] filter[status] "
    "filter[gate_id] filter[evaluation_id] filter[dry_run] page[size]# page[cursor]"
)
_ASKED_OF_RULES = "filter[type] filter[name] filter[rule_id] filter[gate_evaluation_id] filter[gate_dry_run]"


@get(
    _GATES,
    opt=operation(
        "ListDeploymentGates",
        None,
        wire.GatesFetched,
        query="filter[service] filter[env] filter[identifier] filter[dry_run] page[size]# page[cursor]",
    ),
)
async def list_gates(request: AnyRequest) -> Answer:
    """Return gates, the oldest first."""
    exchange = await Exchange.with_member(request, READ)
    wanted, page = gates_page(Query(request))
    found = await exchange.reception.read(find_gates, exchange.org_id, wanted)
    return exchange.answer(200, answers.gates_fetched(found, page))


@post(_GATES, status_code=200, opt=operation("CreateDeploymentGate", wire.GateRequest, wire.GateFetched))
async def create_gate(request: AnyRequest) -> Answer:
    """Create a gate."""
    exchange = await Exchange.with_member(request, WRITE)
    told, reception = await exchange.told(_gate), exchange.reception
    gate = translate.gate_from(told, exchange.caller, reception.now(), reception.chance(_CHANCE_BYTES))
    return exchange.answer(200, answers.gate_fetched(await reception.write(create_gates, gate)))


@get(f"{_GATES}/{{gate_id:str}}", opt=operation("GetDeploymentGate", None, wire.GateFetched))
async def fetch_gate(request: AnyRequest, gate_id: FromPath[str]) -> Answer:
    """Return one gate."""
    exchange = await Exchange.with_member(request, READ)
    named = GateId(uuid_from(gate_id, "id"))
    gate = await exchange.reception.read(get_gate, exchange.org_id, named)
    return exchange.answer(200, answers.gate_fetched(gate))


@put(
    f"{_GATES}/{{gate_id:str}}",
    opt=operation("UpdateDeploymentGate", wire.GateChangeRequest, wire.GateFetched),
)
async def change_gate(request: AnyRequest, gate_id: FromPath[str]) -> Answer:
    """Change whether a gate is in dry run."""
    exchange = await Exchange.with_member(request, WRITE)
    named = uuid_from(gate_id, "id")
    told, reception = await exchange.told(_gate_change), exchange.reception
    change = translate.gate_change_from(told, named, exchange.caller, reception.now())
    return exchange.answer(200, answers.gate_fetched(await reception.write(change_gates, change)))


# The framework takes 204 for handlers that return nothing at all, not even an answer.
@delete(f"{_GATES}/{{gate_id:str}}", status_code=200, opt=operation("DeleteDeploymentGate", None, None))
async def delete_gate(request: AnyRequest, gate_id: FromPath[str]) -> Answer:
    """Delete a gate with its rules."""
    exchange = await Exchange.with_member(request, WRITE)
    named = GateNamed(exchange.org_id, GateId(uuid_from(gate_id, "id")))
    await exchange.reception.write(delete_gates, named)
    return exchange.nothing()


@get(f"{_GATES}/{{gate_id:str}}/rules", opt=operation("GetDeploymentGateRules", None, wire.RulesFetched))
async def list_rules(request: AnyRequest, gate_id: FromPath[str]) -> Answer:
    """Return the rules of a gate, the oldest first."""
    exchange = await Exchange.with_member(request, READ)
    named = GateId(uuid_from(gate_id, "gate_id"))
    rules = await exchange.reception.read(get_rules, exchange.org_id, named)
    return exchange.answer(200, answers.rules_fetched(named, rules))


@post(
    f"{_GATES}/{{gate_id:str}}/rules",
    status_code=200,
    opt=operation("CreateDeploymentRule", wire.RuleRequest, wire.RuleFetched),
)
async def create_rule(request: AnyRequest, gate_id: FromPath[str]) -> Answer:
    """Create a rule of a gate."""
    exchange = await Exchange.with_member(request, WRITE)
    named = uuid_from(gate_id, "gate_id")
    told, reception = await exchange.told(_rule), exchange.reception
    chance = reception.chance(_CHANCE_BYTES)
    rule = translate.rule_from(told, named, exchange.caller, reception.now(), chance)
    return exchange.answer(200, answers.rule_fetched(await reception.write(create_rules, rule)))


@get(
    f"{_GATES}/{{gate_id:str}}/rules/{{rule_id:str}}",
    opt=operation("GetDeploymentRule", None, wire.RuleFetched),
)
async def fetch_rule(request: AnyRequest, gate_id: FromPath[str], rule_id: FromPath[str]) -> Answer:
    """Return one rule of a gate."""
    exchange = await Exchange.with_member(request, READ)
    gate, named = _rule_named(gate_id, rule_id)
    rule = await exchange.reception.read(get_rule, exchange.org_id, gate, named)
    return exchange.answer(200, answers.rule_fetched(rule))


@put(
    f"{_GATES}/{{gate_id:str}}/rules/{{rule_id:str}}",
    opt=operation("UpdateDeploymentRule", wire.RuleChangeRequest, wire.RuleFetched),
)
async def change_rule(request: AnyRequest, gate_id: FromPath[str], rule_id: FromPath[str]) -> Answer:
    """Change a rule of a gate; what it was told before is replaced."""
    exchange = await Exchange.with_member(request, WRITE)
    gate, named = _rule_named(gate_id, rule_id)
    told, reception = await exchange.told(_rule_change), exchange.reception
    change = translate.rule_change_from(told, gate, named, exchange.caller, reception.now())
    return exchange.answer(200, answers.rule_fetched(await reception.write(change_rules, change)))


@delete(
    f"{_GATES}/{{gate_id:str}}/rules/{{rule_id:str}}",
    status_code=200,  # As above.
    opt=operation("DeleteDeploymentRule", None, None),
)
async def delete_rule(request: AnyRequest, gate_id: FromPath[str], rule_id: FromPath[str]) -> Answer:
    """Delete a rule of a gate."""
    exchange = await Exchange.with_member(request, WRITE)
    named = RuleNamed(exchange.org_id, *_rule_named(gate_id, rule_id))
    await exchange.reception.write(delete_rules, named)
    return exchange.nothing()


@post(
    _EVALUATION,
    status_code=202,
    opt=operation("TriggerDeploymentGatesEvaluation", wire.TriggerRequest, wire.TriggeredFetched),
)
async def trigger(request: AnyRequest) -> Answer:
    """Ask a gate, or rules that come with the request; the answer is fetched later."""
    exchange = await Exchange.with_member(request, EVALUATE)
    told, reception = await exchange.told(_trigger), exchange.reception
    chance = reception.chance(_CHANCE_BYTES)
    wanted = translate.evaluation_from(told, exchange.caller, reception.now(), chance)
    return exchange.answer(202, answers.triggered(await reception.write(trigger_evaluations, wanted)))


@get(
    f"{_EVALUATION}/{{evaluation_id:str}}",
    opt=operation("GetDeploymentGatesEvaluationResult", None, wire.ResultFetched),
)
async def fetch_result(request: AnyRequest, evaluation_id: FromPath[str]) -> Answer:
    """Return how an evaluation stands."""
    exchange = await Exchange.with_member(request, EVALUATE)
    named = EvaluationId(uuid_from(evaluation_id, "id"))
    found = await exchange.reception.read(get_evaluation, exchange.org_id, named)
    return exchange.answer(200, answers.result_fetched(found, _address(exchange)))


@get(
    f"{_GATES}/evaluations",
    opt=operation(
        "ListDeploymentGateEvaluations",
        None,
        wire.EvaluationsFetched,
        query=_ASKED,
    ),
)
async def list_evaluations(request: AnyRequest) -> Answer:
    """Return evaluations, the newest first, with what they really came to."""
    exchange = await Exchange.with_member(request, READ)
    wanted, page = evaluations_page(Query(request), exchange.reception.now())
    found = await exchange.reception.read(find_evaluations, exchange.org_id, wanted)
    return exchange.answer(200, answers.evaluations_fetched(found, page))


@get(
    f"{_GATES}/evaluations/rules",
    opt=operation(
        "ListDeploymentRuleEvaluations",
        None,
        wire.RuleEvaluationsFetched,
        query=f"{_ASKED} {_ASKED_OF_RULES}",
    ),
)
async def list_rule_evaluations(request: AnyRequest) -> Answer:
    """Return evaluations of rules, the newest first."""
    exchange = await Exchange.with_member(request, READ)
    wanted, page = rules_page(Query(request), exchange.reception.now())
    found = await exchange.reception.read(find_rule_evaluations, exchange.org_id, wanted)
    return exchange.answer(200, answers.rule_evaluations_fetched(found, page, _address(exchange)))


HANDLERS: Sequence[HTTPRouteHandler] = (
    list_gates,
    create_gate,
    fetch_gate,
    change_gate,
    delete_gate,
    list_rules,
    create_rule,
    fetch_rule,
    change_rule,
    delete_rule,
    trigger,
    fetch_result,
    list_evaluations,
    list_rule_evaluations,
)


def _rule_named(gate_id: str, rule_id: str) -> tuple[GateId, RuleId]:
    return GateId(uuid_from(gate_id, "gate_id")), RuleId(uuid_from(rule_id, "id"))


def _address(exchange: Exchange) -> str:
    """Return where people reach this server, for links that they follow."""
    return exchange.reception.settings.public_url or str(exchange.request.base_url).rstrip("/")
