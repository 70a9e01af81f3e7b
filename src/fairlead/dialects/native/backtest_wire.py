"""The shape of a gate's backtest in Fairlead's own API."""

from msgspec import Struct


class RuleTried(Struct):
    name: str
    outcome: str
    """`pass`, `fail` or `inconclusive`."""
    reason: str | None
    dry_run: bool


class DeploymentTried(Struct):
    id: str
    version: str | None
    finished_at: str
    stopped: bool
    undecided: bool
    change_failure: bool | None
    rules: list[RuleTried]


class Score(Struct):
    stopped_failed: int
    stopped_fine: int
    passed_failed: int
    passed_fine: int
    undecided: int
    precision: float | None
    recall: float | None


class BacktestSeen(Struct):
    gate_id: str
    service: str
    env: str
    identifier: str
    score: Score
    deployments: list[DeploymentTried]
