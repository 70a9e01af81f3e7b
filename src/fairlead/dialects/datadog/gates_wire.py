"""The shapes of Datadog's Deployment Gates API, letter for letter.

Requests tolerate fields that are not named here, save for the options of a rule that is kept. Not
here: what any of it means (`gates_translate.py`).
"""

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

_Seconds = Annotated[int, Meta(extra_json_schema={"minimum": 0, "maximum": 7200})]


class GateAttributes(Struct):
    env: str
    service: str
    identifier: str | None = None
    dry_run: bool | None = None


class GateData(Struct):
    attributes: GateAttributes
    type: str = ""


class GateRequest(Struct):
    data: GateData


class GateChangeAttributes(Struct):
    dry_run: bool


class GateChangeData(Struct):
    attributes: GateChangeAttributes
    type: str = ""
    id: str | None = None


class GateChangeRequest(Struct):
    data: GateChangeData


class MonitorNamed(Struct):
    id: str | int
    groups: list[str]


class Options(Struct, forbid_unknown_fields=True, omit_defaults=True):
    query: str | None = None
    monitor_ids: list[MonitorNamed] | None = None
    duration: _Seconds | None = None
    warmup: int | None = None
    fail_on_no_data: bool | None = None
    fail_on_no_groups_found: bool | None = None
    excluded_resources: list[str] | None = None
    allowed_resources: list[str] | None = None


class InlineOptions(Struct):
    """The same from a request; `datadog-ci` passes on whatever its configuration file holds."""

    query: str | None = None
    monitor_ids: list[MonitorNamed] | None = None
    duration: _Seconds | None = None
    warmup: int | None = None
    fail_on_no_data: bool | None = None
    fail_on_no_groups_found: bool | None = None
    excluded_resources: list[str] | None = None
    allowed_resources: list[str] | None = None


class RuleAttributes(Struct):
    name: str
    type: str
    options: Options
    dry_run: bool | None = None


class RuleData(Struct):
    attributes: RuleAttributes
    type: str = ""


class RuleRequest(Struct):
    data: RuleData


class RuleChangeAttributes(Struct):
    name: str
    options: Options
    dry_run: bool


class RuleChangeData(Struct):
    attributes: RuleChangeAttributes
    type: str = ""


class RuleChangeRequest(Struct):
    data: RuleChangeData


class InlineRule(Struct):
    type: str
    name: str
    dry_run: bool | None = None
    options: InlineOptions | None = None


class Configuration(Struct):
    rules: list[InlineRule]
    dry_run: bool | None = None


class RuleInFile(Struct, rename="camel"):
    type: str
    name: str
    dry_run: bool | None = None
    options: InlineOptions | None = None


class ConfigurationFile(Struct, rename="camel"):
    """What `datadog-ci` reads from a file."""

    rules: list[RuleInFile]
    dry_run: bool | None = None


class TriggerAttributes(Struct):
    service: str | None = None
    env: str | None = None
    identifier: str | None = None
    version: str | None = None
    primary_tag: str | None = None
    apm_primary_tag: str | None = None
    """What `datadog-ci` calls it."""
    monitors_query_variable: str | None = None
    configuration: Configuration | None = None


class TriggerData(Struct):
    attributes: TriggerAttributes
    type: str = ""


class TriggerRequest(Struct):
    data: TriggerData


class Person(Struct):
    id: str
    name: str
    handle: str


class GateSeen(Struct):
    service: str
    env: str
    identifier: str
    dry_run: bool
    created_at: str
    created_by: Person
    updated_at: str
    updated_by: Person


class GateObject(Struct):
    id: str
    type: str
    attributes: GateSeen


class GateFetched(Struct):
    data: GateObject


class GatesPageSeen(Struct, omit_defaults=True):
    size: int
    cursor: str | UnsetType = UNSET
    next_cursor: str | UnsetType = UNSET


class GatesMeta(Struct):
    page: GatesPageSeen


class GatesFetched(Struct):
    data: list[GateObject]
    meta: GatesMeta


class RuleSeen(Struct, omit_defaults=True):
    name: str
    type: str
    options: dict[str, Any]
    dry_run: bool
    gate_id: str
    created_at: str
    created_by: Person
    updated_at: str
    updated_by: Person
    id: str | UnsetType = UNSET
    """In lists, whose items have no other place for it."""


class RuleObject(Struct):
    id: str
    type: str
    attributes: RuleSeen


class RuleFetched(Struct):
    data: RuleObject


class RulesSeen(Struct):
    rules: list[RuleSeen]


class RulesObject(Struct):
    id: str
    type: str
    attributes: RulesSeen


class RulesFetched(Struct):
    data: RulesObject


class Triggered(Struct):
    evaluation_id: str


class TriggeredObject(Struct):
    id: str
    type: str
    attributes: Triggered


class TriggeredFetched(Struct):
    data: TriggeredObject


class RuleResult(Struct, omit_defaults=True):
    name: str
    status: str
    dry_run: bool
    reason: str | UnsetType = UNSET


class Result(Struct):
    dry_run: bool
    evaluation_id: str
    evaluation_url: str
    gate_id: str
    gate_status: str
    rules: list[RuleResult]


class ResultObject(Struct):
    id: str
    type: str
    attributes: Result


class ResultFetched(Struct):
    data: ResultObject


class EvaluationSeen(Struct):
    evaluation_id: str
    gate_id: str | None
    service: str
    env: str
    identifier: str
    version: str
    status: str
    dry_run: bool
    started_at: str
    finished_at: str | None
    duration_seconds: int | None


class EvaluationObject(Struct):
    id: str
    type: str
    attributes: EvaluationSeen


class EvaluationsPageSeen(Struct, omit_defaults=True):
    size: int
    next_cursor: str | UnsetType = UNSET


class EvaluationsMeta(Struct):
    page: EvaluationsPageSeen


class EvaluationsFetched(Struct):
    data: list[EvaluationObject]
    meta: EvaluationsMeta


class FailedMonitor(Struct):
    id: str
    url: str
    state: str


class Narrative(Struct):
    id: str
    hostgroup: str


class Failures(Struct):
    monitors: list[FailedMonitor]
    faulty_apm_resources: list[str]
    narratives: list[Narrative]


class RuleEvaluationSeen(Struct):
    evaluation_id: str
    gate_evaluation_id: str
    gate_id: str | None
    rule_id: str | None
    service: str
    env: str
    identifier: str
    version: str
    gate_dry_run: bool
    name: str
    type: str
    status: str
    dry_run: bool
    reason: str
    started_at: str
    finished_at: str | None
    duration_seconds: int | None
    configuration: dict[str, Any]
    failures: Failures


class RuleEvaluationObject(Struct):
    id: str
    type: str
    attributes: RuleEvaluationSeen


class RuleEvaluationsFetched(Struct):
    data: list[RuleEvaluationObject]
    meta: EvaluationsMeta
