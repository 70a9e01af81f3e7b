"""Whatever happens in whatever order, outcomes come to what the facts that are left say."""

import random
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Commit, CommitsOf, PullRequestState, RepositoryId
from fairlead.domain.deployments import (
    ChangeFailureDecision,
    Deployment,
    DeploymentId,
    Outcome,
    Remediation,
    RemediationType,
)
from fairlead.domain.failure_rules import Aspect, FailureRules, LinkedRule, StaticRule
from fairlead.domain.repairs import Repair
from fairlead.domain.reports import PullRequestReport
from fairlead.metrics.change_failures import repairs_in
from fairlead.store import decisions, deployments, failure_rules, repairs
from fairlead.store.engine import Transaction, writing
from fairlead.store.ledger import Ledger
from fairlead.usecases.decide_change_failure import DecisionOn, decide_change_failures
from fairlead.usecases.delete_deployments import DeploymentNamed, delete_deployments
from fairlead.usecases.do_work import do_work
from fairlead.usecases.record_commits import record_commits
from fairlead.usecases.record_deployments import record_deployments
from fairlead.usecases.record_pull_requests import record_pull_requests
from tests.factories import MINUTE_NS, NOON, a_commit, a_deployment, a_report, a_sha
from tests.linking import LATER, work_off

REPOSITORY = RepositoryId("github.com/shopist/checkout")
IDS = tuple(DeploymentId(f"d-{number}") for number in range(12))
LINE = tuple(a_sha(number) for number in range(8))
TITLES = ("One", "Two", 'Revert "One"', 'Revert "Two"', 'Revert "Revert "One""', "hotfix")
Step = tuple[Any, ...]


@dataclass(slots=True)
class Facts:
    """What was told so far, and not taken back."""

    commits: list[Commit] = field(default_factory=list)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    reports: list[PullRequestReport] = field(default_factory=list)
    decisions: dict[str, list[ChangeFailureDecision]] = field(default_factory=dict)


def a_line() -> list[Commit]:
    """Return commits one after another."""
    return [
        a_commit(sha=sha, parents=LINE[max(0, place - 1) : place], authored_at=NOON - MINUTE_NS)
        for place, sha in enumerate(LINE)
    ]


class Teller:
    """Tells a story by chance, dense enough that most deployments bear on others."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def rules(self) -> FailureRules:
        """Choose rules."""
        pick = self._chance.choice
        reverts = LinkedRule('Revert "$pr_title"')
        return FailureRules(
            rollbacks=pick((True, True, True, False)),
            rollbacks_of_rollbacks=pick((True, False)),
            linked=pick(((reverts,), (LinkedRule("$version-fix"), reverts), ())),
            static=pick(
                ((StaticRule(Aspect.PR_TITLE, "hotfix"),), (StaticRule(Aspect.VERSION, ".*-fix"),), ())
            ),
        )

    def step(self) -> Step:
        """Tell one thing that happens."""
        pick = self._chance.choice
        # What is worked out before everything is told is what may come out wrong.
        kinds = ("deploy",) * 14 + ("pull",) * 4 + ("work off",) * 9
        match pick((*kinds, "decide", "decide", "delete", "delete", "commits", "work")):
            case "deploy":
                return "deploy", self._deployment()
            case "pull":
                return "pull", self._pull_request()
            case "decide":
                return "decide", pick(IDS), self._decision()
            case "delete":
                return "delete", pick(IDS)
            case "work":
                return "work", pick((1, 2, 3))
            case kind:
                return (kind,)

    def _deployment(self) -> dict[str, Any]:
        pick = self._chance.choice
        at = NOON + pick(range(12)) * MINUTE_NS
        commit = pick((*LINE[:3] * 2, *LINE[3:6], *("",) * 9))
        return {
            "id": pick(IDS),
            "env": pick(("prod",) * 12 + ("dev",)),
            "version": pick(("1", "1", "1", "2", "2", "2", "3", "1-fix", "")),
            "repository_id": REPOSITORY if commit else "",
            "commit_sha": commit,
            "finished_at": at,
            "started_at": at - pick((0, 5)) * MINUTE_NS,
        }

    def _decision(self) -> ChangeFailureDecision:
        pick = self._chance.choice
        named = [Remediation(type=RemediationType.ROLLBACK, id=id) for id in IDS[:5]]
        by_version = Remediation(type=RemediationType.ROLLFORWARD, version="2")
        failed = pick((True, True, False))
        remediation = pick((Remediation(), by_version, *named)) if failed else Remediation()
        return ChangeFailureDecision(
            change_failure=failed, remediation=remediation, decided_at=NOON, decided_by="k-1"
        )

    def _pull_request(self) -> PullRequestReport:
        pick = self._chance.choice
        head = pick(LINE[1:5])
        return a_report(
            number=pick((1, 2, 3, 4)),
            title=pick(TITLES),
            updated_at=NOON + pick(range(20)) * MINUTE_NS,
            repository_id=REPOSITORY,
            state=PullRequestState.MERGED,
            merged_at=NOON,
            head_sha=head,
            merge_sha=head,
            commits=1,
        )


@pytest.mark.parametrize("seed", range(8))
def test_what_is_kept_is_what_the_facts_say(
    ledger: Ledger, org_id: OrgId, other_org_id: OrgId, seed: int
) -> None:
    teller = Teller(seed)
    chosen = teller.rules()
    with writing(ledger.engine) as transaction:
        for each in (org_id, other_org_id):
            failure_rules.put(transaction, each, chosen)
    facts = Facts()
    for step in [("commits",), *(teller.step() for _ in range(60))][seed % 2 :]:
        _happen(ledger, org_id, facts, step)
        if step[0] == "work off":
            stood = {id: theirs for id, (theirs, _) in kept(ledger, org_id, facts).items()}
            assert said(ledger, org_id, facts, chosen) == stood
    work_off(ledger)

    _tell_all(ledger, other_org_id, facts)
    work_off(ledger)

    expected = kept(ledger, other_org_id, facts)
    assert expected == kept(ledger, org_id, facts)
    assert {id: theirs for id, (theirs, _) in expected.items()} == said(ledger, org_id, facts, chosen)


def kept(ledger: Ledger, org_id: OrgId, facts: Facts) -> dict[str, tuple[list[Repair], Outcome]]:
    """Return what each deployment repairs and what became of it, as it is kept."""
    return ledger.read(_kept, org_id, facts)


def _kept(transaction: Transaction, org_id: OrgId, facts: Facts) -> dict[str, tuple[list[Repair], Outcome]]:
    theirs = repairs.by(transaction, org_id, facts.deployments)
    stood = deployments.outcomes_of(transaction, org_id, facts.deployments)
    return {id: (theirs.get(id, []), stood[id][1]) for id in facts.deployments}


def said(ledger: Ledger, org_id: OrgId, facts: Facts, chosen: FailureRules) -> dict[str, list[Repair]]:
    """Return what each deployment repairs by the definition, worked out from all of them at once."""
    found: dict[str, list[Repair]] = {}
    for env in ("prod", "dev"):
        chain = [fact.place for fact in facts.deployments.values() if fact.env == env]
        traits = ledger.read(repairs.traits_of_each, org_id, chain, with_messages=True)
        found |= repairs_in([(one, traits[one.id]) for one in chain], chosen)
    return {id: sorted(theirs, key=lambda each: each.failed_id) for id, theirs in found.items()}


def _happen(ledger: Ledger, org_id: OrgId, facts: Facts, step: Step) -> None:
    match step:
        case ("commits",):
            facts.commits = a_line()
            ledger.write(record_commits, _commits(org_id, facts))
        case ("deploy", changes):
            fact = a_deployment(org_id=org_id, **changes)
            facts.deployments[fact.id] = fact
            ledger.write(record_deployments, fact)
        case ("delete", id) if id in facts.deployments:
            del facts.deployments[id]
            facts.decisions.pop(id, None)
            ledger.write(delete_deployments, DeploymentNamed(org_id=org_id, id=id, at=NOON))
        case ("pull", report):
            facts.reports.append(report)
            ledger.write(record_pull_requests, replace(report, org_id=org_id))
        case ("decide", id, decision) if id in facts.deployments and decision.remediation.id != id:
            facts.decisions.setdefault(id, []).append(decision)
            _decide(ledger, org_id, id, decision)
        case ("work off",):
            work_off(ledger)
        case ("work", most):
            do_work(ledger, LATER, most)


def _tell_all(ledger: Ledger, org_id: OrgId, facts: Facts) -> None:
    """Tell everything at once, each fact as it is at the end, in an order of its own."""
    for id, fact in reversed(facts.deployments.items()):
        ledger.write(record_deployments, msgspec.structs.replace(fact, org_id=org_id))
        for decision in facts.decisions.get(id, []):
            _decide(ledger, org_id, id, decision)
    for report in facts.reports:
        ledger.write(record_pull_requests, replace(report, org_id=org_id))
    ledger.write(record_commits, _commits(org_id, facts))


def _decide(ledger: Ledger, org_id: OrgId, id: str, decision: ChangeFailureDecision) -> None:
    ledger.write(decide_change_failures, DecisionOn(org_id=org_id, deployment=id, decision=decision))


def _commits(org_id: OrgId, facts: Facts) -> CommitsOf:
    return CommitsOf(org_id=org_id, repository_id=REPOSITORY, commits=tuple(facts.commits))


def test_a_decision_outlives_everything_that_is_worked_out_again(ledger: Ledger, org_id: OrgId) -> None:
    for number, version in enumerate(("1", "2", "1")):
        at = NOON + number * MINUTE_NS
        fact = a_deployment(id=IDS[number], version=version, commit_sha="", repository_id="", finished_at=at)
        ledger.write(record_deployments, fact)
    work_off(ledger)
    stable = ChangeFailureDecision(change_failure=False, decided_at=NOON, decided_by="k-1")

    _decide(ledger, org_id, IDS[1], stable)
    with writing(ledger.engine) as transaction:
        before = decisions.latest(transaction, org_id, IDS)
    ledger.write(record_deployments, a_deployment(id=IDS[7], version="3", finished_at=NOON - MINUTE_NS))
    work_off(ledger)

    outcomes = ledger.read(deployments.outcomes_of, org_id, IDS)
    assert Outcome(change_failure=False) == outcomes[IDS[1]][1]
    assert before == ledger.read(decisions.latest, org_id, IDS)


@pytest.mark.parametrize("version", ["2", "1"])
def test_one_that_comes_late_behind_the_version_put_back_is_what_failed(
    ledger: Ledger, org_id: OrgId, version: str
) -> None:
    for id, told, minute in (("a", "1", 0), ("b", "3", 5), ("c", "1", 9), ("late", version, 2)):
        at = NOON + minute * MINUTE_NS
        without_git = {"commit_sha": "", "repository_id": ""}
        ledger.write(record_deployments, a_deployment(id=id, version=told, finished_at=at, **without_git))
        work_off(ledger)

    [repair] = ledger.read(repairs.by, org_id, ["c"])["c"]
    assert {"2": "late", "1": "b"}[version] == repair.failed_id
