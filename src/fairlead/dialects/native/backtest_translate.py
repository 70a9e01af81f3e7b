"""From a gate's backtest to its shape in Fairlead's own API."""

from fairlead.dialects.native import backtest_wire as wire
from fairlead.domain.instants import to_rfc3339
from fairlead.gates.backtesting import Score, Tried
from fairlead.usecases.backtest_gate import Backtest


def seen_backtest(told: Backtest) -> wire.BacktestSeen:
    """Return a backtest in the API's shape."""
    gate = told.gate
    return wire.BacktestSeen(
        gate_id=gate.id,
        service=gate.service,
        env=gate.env,
        identifier=gate.identifier,
        score=_score(told.score),
        deployments=[_tried(one) for one in told.tried],
    )


def _score(score: Score) -> wire.Score:
    return wire.Score(
        stopped_failed=score.stopped_failed,
        stopped_fine=score.stopped_fine,
        passed_failed=score.passed_failed,
        passed_fine=score.passed_fine,
        undecided=score.undecided,
        precision=score.precision,
        recall=score.recall,
    )


def _tried(one: Tried) -> wire.DeploymentTried:
    fact = one.deployment.fact
    return wire.DeploymentTried(
        id=fact.id,
        version=fact.version or None,
        finished_at=to_rfc3339(fact.finished_at),
        stopped=one.stopped,
        undecided=one.undecided,
        change_failure=one.deployment.outcome.change_failure,
        rules=[
            wire.RuleTried(rule.name, rule.finding.outcome.value, rule.finding.reason or None, rule.dry_run)
            for rule in one.rules
        ],
    )
