"""Evaluations: one time that a gate was asked, what each rule found, and the answer.

Not here: how a rule is decided (`fairlead.gates`).
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NewType

import msgspec
from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.authors import Author
from fairlead.domain.detection import Comparison
from fairlead.domain.gates import GateId, RuleId, RuleKind, RuleOptions
from fairlead.domain.instants import NS_PER_S

EvaluationId = NewType("EvaluationId", str)
RuleEvaluationId = NewType("RuleEvaluationId", str)

USUAL_DETECTION_S = 900
"""How long faulty deployment detection watches where nothing was told: the least Datadog advises."""


class Status(StrEnum):
    """Where an evaluation, or a rule in it, stands."""

    IN_PROGRESS = "in_progress"
    PASS = "pass"  # noqa: S105 — a word of gates, no secret.
    FAIL = "fail"


class MonitorEvidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A monitor that decided a rule, in which state, and since when."""

    monitor_id: int
    name: str
    state: str
    group: str = ""
    from_at: int
    reason: str = ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a finding stands on."""

    monitors: tuple[MonitorEvidence, ...] = ()
    resources: tuple[str, ...] = ()
    """Resources at fault."""
    comparisons: tuple[Comparison, ...] = ()
    """Resources beside earlier versions: those at fault, or those that come nearest to it."""
    earlier_versions: tuple[str, ...] = ()
    """What the version was compared with."""


NOTHING = Evidence()


class Watch(Struct, frozen=True, kw_only=True):
    """What one rule is to watch, and over which span of time, both ends included."""

    org_id: OrgId
    kind: RuleKind
    options: RuleOptions
    service: str
    env: str
    version: str
    primary_tag: str
    """Such as `region:eu`; empty means all traffic."""
    from_at: int
    until_at: int


class RuleEvaluation(Struct, frozen=True, kw_only=True):
    """One rule in one evaluation."""

    org_id: OrgId
    evaluation_id: EvaluationId
    id: RuleEvaluationId
    position: int
    rule_id: RuleId | None
    """None where the rule came with the request."""
    name: str
    kind: RuleKind
    options: RuleOptions
    dry_run: bool
    """Evaluated and shown, and without weight."""
    is_binding: bool = False
    """Has weight even where the gate is in dry run: the request said so of this rule itself."""
    from_at: int
    until_at: int
    status: Status = Status.IN_PROGRESS
    reason: str = ""
    evidence: Evidence = NOTHING
    finished_at: int | None = None


class Evaluation(Struct, frozen=True, kw_only=True):
    """One time that a gate was asked."""

    org_id: OrgId
    id: EvaluationId
    gate_id: GateId | None
    """None where all rules came with the request."""
    service: str
    env: str
    identifier: str
    version: str = ""
    primary_tag: str = ""
    monitors_query_variable: str = ""
    dry_run: bool = False
    asked_by: Author
    started_at: int
    status: Status = Status.IN_PROGRESS
    """What the rules with weight add up to, whether or not the gate is in dry run."""
    finished_at: int | None = None
    rules: tuple[RuleEvaluation, ...] = ()

    @property
    def told_status(self) -> Status:
        """What whoever asked is told: a gate in dry run stops nobody."""
        if not self.dry_run or self.status is not Status.FAIL:
            return self.status
        binding = [rule for rule in self.rules if rule.is_binding and not rule.dry_run]
        return _sum(binding)


def watched_span(kind: RuleKind, options: RuleOptions, started_at: int) -> tuple[int, int]:
    """Return when a rule begins and ends to watch in an evaluation that starts at `started_at`."""
    usual_s = USUAL_DETECTION_S if kind is RuleKind.FAULTY_DEPLOYMENT else 0
    duration_s = usual_s if options.duration_s is None else options.duration_s
    from_at = started_at + (options.warmup_s or 0) * NS_PER_S
    return from_at, from_at + duration_s * NS_PER_S


def watch_of(rule: RuleEvaluation, evaluation: Evaluation) -> Watch:
    """Return what a rule watches."""
    return Watch(
        org_id=rule.org_id,
        kind=rule.kind,
        options=rule.options,
        service=evaluation.service,
        env=evaluation.env,
        version=evaluation.version,
        primary_tag=evaluation.primary_tag,
        from_at=rule.from_at,
        until_at=rule.until_at,
    )


def verdict(rules: Iterable[RuleEvaluation]) -> Status:
    """Return what rules add up to: one that fails settles it, and one that watches keeps it open.

    Rules in dry run have no weight; with no other rule the gate passes.
    """
    return _sum([rule for rule in rules if not rule.dry_run])


def _sum(rules: Iterable[RuleEvaluation]) -> Status:
    statuses = {rule.status for rule in rules}
    for decisive in (Status.FAIL, Status.IN_PROGRESS):
        if decisive in statuses:
            return decisive
    return Status.PASS
