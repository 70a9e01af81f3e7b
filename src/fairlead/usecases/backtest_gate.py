"""Backtest a gate: ask it about past deployments as if they had just ended.

Each rule looks at what was observed at the time, at every look that it would have taken, with
today's options and strictness. Which versions are known to have failed, and so are no measure for
later ones, is what is known today. Not here: the score (`gates.backtesting`).
"""

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.deployments import KnownDeployment
from fairlead.domain.evaluations import Watch, watched_span
from fairlead.domain.gates import Gate, GateId, Rule
from fairlead.gates.backtesting import RuleTried, Score, Tried, score
from fairlead.gates.findings import Finding, Outcome
from fairlead.search.pattern import Pattern
from fairlead.search.tree import Matches, all_of
from fairlead.store import deployments
from fairlead.store.deployments import Page
from fairlead.store.engine import Transaction
from fairlead.usecases.get_gate import get_gate, get_rules
from fairlead.usecases.observe import Observer

MOST_DEPLOYMENTS = 1000
_NOT_ENDED = Finding(outcome=Outcome.INCONCLUSIVE, reason="The rule would still be watching")


class Backtest(Struct, frozen=True):
    """A gate, and what it would have said."""

    gate: Gate
    tried: list[Tried]
    """The latest deployment first."""
    score: Score


def backtest_gate(transaction: Transaction, org_id: OrgId, gate_id: GateId, last: int, now: int) -> Backtest:
    """Return what a gate would have said about the last deployments of its service and environment.

    Raises:
        NotFound: there is no such gate.
    """
    gate = get_gate(transaction, org_id, gate_id)
    rules = get_rules(transaction, org_id, gate_id)
    where = all_of([Matches("service", Pattern((gate.service,))), Matches("env", Pattern((gate.env,)))])
    page = Page(where=where, limit=last)
    tried = [
        Tried(one, tuple(_tried(transaction, rule, gate, one, now) for rule in rules))
        for one in deployments.find(transaction, org_id, page)
    ]
    return Backtest(gate, tried, score(tried))


def _tried(
    transaction: Transaction, rule: Rule, gate: Gate, deployment: KnownDeployment, now: int
) -> RuleTried:
    from_at, until_at = watched_span(rule.kind, rule.options, deployment.fact.finished_at)
    watch = Watch(
        org_id=gate.org_id,
        kind=rule.kind,
        options=rule.options,
        service=gate.service,
        env=gate.env,
        version=deployment.fact.version,
        primary_tag="",
        from_at=from_at,
        until_at=until_at,
    )
    return RuleTried(rule.name, rule.dry_run, _found(transaction, watch, now))


def _found(transaction: Transaction, watch: Watch, now: int) -> Finding:
    """Return what the rule finds at the first look that decides it."""
    at = watch.from_at
    while at <= now:
        finding = Observer(transaction, watch.org_id, [watch], at).look(watch)
        if isinstance(finding, Finding):
            return finding
        at = finding.look_again_at
    return _NOT_ENDED
