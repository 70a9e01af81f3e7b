"""Metrics told plainly: what every faster way of measuring has to agree with, and facts to measure.

One deployment after another in ordinary Python, with the definitions of `docs/metrics.md` and nothing
borrowed from `metrics`. Not here: the storing of single nouns (`search_records.py`).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from fairlead.domain.changes import Exclusion, Reason, Sha
from fairlead.domain.deployments import DeploymentType, KnownDeployment, WholeDeployment
from fairlead.domain.failures import Failure
from fairlead.domain.links import STAGES, Lead, Link, LinkedCommit
from fairlead.domain.searchable import searchable_deployment, searchable_failure
from fairlead.search.match import matches
from fairlead.store import deployments, failures, links
from fairlead.store.engine import writing
from fairlead.store.ledger import Ledger
from fairlead.usecases.measure_delivery import Answer, Question

SHARES = {
    "median_s": Fraction(1, 2),
    "p75_s": Fraction(3, 4),
    "p90_s": Fraction(9, 10),
    "p95_s": Fraction(19, 20),
}
NS_PER_DAY = 86_400_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything an organisation told, and what was worked out of it."""

    deployments: Sequence[KnownDeployment] = ()
    commits: Mapping[str, Sequence[LinkedCommit]]
    """Of deployments by their ids, those left out among them."""
    failures: Sequence[Failure] = ()


def both(one: World, other: World) -> World:
    """Return everything that two worlds tell."""
    return World(
        deployments=[*one.deployments, *other.deployments],
        commits={**one.commits, **other.commits},
        failures=[*one.failures, *other.failures],
    )


def record(ledger: Ledger, world: World) -> None:
    """Store a world, without any work that it would ask for."""
    with writing(ledger.engine) as transaction:
        deployments.put(transaction, [known.fact for known in world.deployments])
        for known in world.deployments:
            fact, link = known.fact, known.link
            deployments.put_outcome(transaction, fact.org_id, fact.id, known.outcome)
            if fact.commit_sha and (link.reason is not None or link.number_of_commits is not None):
                linked = tuple(world.commits.get(fact.id, ()))
                worked_out = Link(deployment=fact.place, reason=link.reason, lead=link.lead, commits=linked)
                links.put(transaction, [worked_out])
        for failure in world.failures:
            failures.put(transaction, failure)


def expected(world: World, question: Question) -> list[dict[str, Any]]:
    """Return the groups that the answer to a question must have."""
    happened = [
        known
        for known in world.deployments
        if question.from_at <= known.fact.finished_at < question.until_at
        and matches(question.where, searchable_deployment(_whole(world, known)))
    ]
    failed = [
        failure
        for failure in world.failures
        if question.from_at <= failure.started_at < question.until_at
        and matches(question.where, searchable_failure(failure))
    ]
    groups = {
        values
        for found in (*map(_deployment_under, happened), *map(_failure_under, failed))
        for values in _combinations([found(key) for key in question.group_by])
    }
    if not question.group_by:
        groups = {()}
    spans = _spans(question)
    told = []
    for values in sorted(groups, key=lambda group: [(text is None, text or "") for text in group]):
        mine = [one for one in happened if _is_in(values, question, _deployment_under(one))]
        broken = [one for one in failed if _is_in(values, question, _failure_under(one))]
        window = (question.from_at, question.until_at)
        told.append(
            {
                "values": values,
                "summary": _figures(world, question, mine, broken, window),
                "points": [
                    {
                        "start_at": start,
                        "figures": _figures(
                            world,
                            question,
                            [one for one in mine if start <= one.fact.finished_at < end],
                            [one for one in broken if start <= one.started_at < end],
                            (max(start, question.from_at), min(end, question.until_at)),
                        ),
                    }
                    for start, end in spans
                ],
            }
        )
    return told


def _whole(world: World, known: KnownDeployment) -> WholeDeployment:
    commits = world.commits.get(known.fact.id, ())
    return WholeDeployment(fact=known.fact, outcome=known.outcome, link=known.link, commits=commits)


def told(answer: Answer) -> list[dict[str, Any]]:
    """Return an answer in the form that `expected` has."""
    return [
        {
            "values": group.values,
            "summary": _plain(group.summary),
            "points": [
                {"start_at": one.period.start_at, "figures": _plain(one.figures)} for one in group.points
            ],
        }
        for group in answer.groups
    ]


def difference(expected: Any, actual: Any, at: str = "") -> str:  # noqa: PLR0911 — one for each kind of value.
    """Return where two answers differ and how; empty where they agree to nine digits."""
    said = f"{at}: {expected} but {actual}"
    if type(expected) is not type(actual):
        return said
    if isinstance(expected, Mapping):
        if expected.keys() != actual.keys():
            return said
        return _first(difference(expected[key], actual[key], f"{at}.{key}") for key in expected)
    if isinstance(expected, list):
        if len(expected) != len(actual):
            return said
        pairs = enumerate(zip(expected, actual, strict=True))
        return _first(difference(one, other, f"{at}[{place}]") for place, (one, other) in pairs)
    if isinstance(expected, float):
        return "" if math.isclose(expected, actual, rel_tol=1e-9) else said
    return "" if expected == actual else said


def _first(found: Iterable[str]) -> str:
    return next(filter(None, found), "")


def _plain(figures: Any) -> Any:
    if hasattr(figures, "__struct_fields__"):
        return {name: _plain(getattr(figures, name)) for name in figures.__struct_fields__}
    if isinstance(figures, Mapping):
        return {name: _plain(value) for name, value in figures.items()}
    return figures


def _figures(
    world: World,
    question: Question,
    happened: Sequence[KnownDeployment],
    failed: Sequence[Failure],
    window: tuple[int, int],
) -> dict[str, Any]:
    count = len(happened)
    reasons = [_reason(known) for known in happened]
    broken = [known for known in happened if known.outcome.change_failure]
    return {
        "deployments": count,
        "deployments_per_day": count / ((window[1] - window[0]) / NS_PER_DAY),
        "change_lead_time": _lead_time(world, question, happened, reasons.count("")),
        "change_failure_rate": {
            "counted": len(broken),
            "deployments": count,
            "undecided": sum(known.outcome.change_failure is None for known in happened),
        }
        if count
        else None,
        "recovery_time": _spread([known.outcome.recovery_time_ns for known in broken]),
        "rework_rate": {"counted": sum(map(_is_rework, happened)), "deployments": count} if count else None,
        "time_to_restore": _spread([failure.duration_ns for failure in failed]),
        "failures": len(failed),
        "coverage": {
            "with_lead_time": reasons.count(""),
            "excluded": {code: reasons.count(code) for code in sorted({*reasons} - {""}, key=_place)},
        },
    }


def _lead_time(
    world: World, question: Question, happened: Sequence[KnownDeployment], covered: int
) -> dict[str, Any] | None:
    leads: list[tuple[int | None, tuple[int | None, ...]]] = []
    of_commits = question.level.value == "commit"
    for known in happened:
        if not of_commits:
            leads.append((known.link.lead.average_ns, known.link.lead.stages_ns))
        elif known.fact.commit_sha:
            measured = (one.lead for one in world.commits.get(known.fact.id, ()))
            leads += [(lead.lead_time_ns, lead.stages_ns) for lead in measured if lead is not None]
    spread = _spread([lead for lead, _ in leads])
    if spread is None:
        return None
    stages = {}
    for place, name in enumerate(STAGES):
        stage = _spread([stages_ns[place] for _, stages_ns in leads])
        stages[name] = stage and {"count": stage["count"], "median_s": stage["median_s"]}
    return {
        "deployments": covered,
        "commits": spread["count"] if of_commits else None,
        "spread": spread,
        "stages": stages,
    }


def _spread(values: Iterable[int | None]) -> dict[str, Any] | None:
    there = sorted(value for value in values if value is not None)
    if not there:
        return None
    mean = float(Fraction(sum(there), len(there) * 10**9))
    return {"count": len(there), "mean_s": mean} | {
        name: float(_percentile(there, share) / 10**9) for name, share in SHARES.items()
    }


def _percentile(ordered: Sequence[int], share: Fraction) -> Fraction:
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _reason(known: KnownDeployment) -> str:
    if not known.fact.commit_sha:
        return "no_git"
    if known.link.reason is not None:
        return known.link.reason.value
    if known.link.number_of_commits is None:
        return "pending"
    return "" if known.link.lead.average_ns is not None else "commits_after_deployment"


def _place(code: str) -> int:
    return [*(reason.value for reason in Reason), "pending", "commits_after_deployment"].index(code)


def _is_rework(known: KnownDeployment) -> bool:
    if "planned:false" in known.fact.tags:
        return True
    return (
        known.outcome.deployment_type is not DeploymentType.STANDARD and "planned:true" not in known.fact.tags
    )


def _under(noun: Any, tags: Sequence[str], services: Sequence[str], key: str) -> set[str | None]:
    if key == "service":
        found = {*services}
    elif key in {"env", "team", "version", "source"}:
        found = {getattr(noun, key)}
    elif key in {"repository", "repository_id"}:
        found = {noun.repository_id}
    else:
        found = {tag.partition(":")[2] for tag in tags if tag.partition(":")[0] == key}
    return {*(found - {""})} or {None}


def _deployment_under(known: KnownDeployment) -> Callable[[str], set[str | None]]:
    return lambda key: _under(known.fact, known.fact.tags, [known.fact.service], key)


def _failure_under(failure: Failure) -> Callable[[str], set[str | None]]:
    return lambda key: _under(failure, failure.tags, failure.services, key)


def _is_in(
    values: tuple[str | None, ...], question: Question, under: Callable[[str], set[str | None]]
) -> bool:
    return all(value in under(key) for value, key in zip(values, question.group_by, strict=True))


def _combinations(found: Sequence[set[str | None]]) -> set[tuple[str | None, ...]]:
    made: set[tuple[str | None, ...]] = {()}
    for values in found:
        made = {(*one, value) for one in made for value in values}
    return made


def _spans(question: Question) -> list[tuple[int, int]]:
    """Return the periods that the window touches."""
    reach = 33 * NS_PER_DAY
    spans = _cut(
        (question.from_at - reach) // NS_PER_DAY,
        (question.until_at + reach) // NS_PER_DAY,
        question.interval.value,
        question.zone,
    )
    return [(start, end) for start, end in spans if end > question.from_at and start < question.until_at]


@lru_cache
def _cut(first_day: int, last_day: int, interval: str, zone: ZoneInfo) -> list[tuple[int, int]]:
    """Return periods found a quarter of an hour at a time: where another name begins is a border."""
    if interval == "none":
        return []
    instants = range(first_day * NS_PER_DAY, last_day * NS_PER_DAY, 900 * 10**9)
    names = [(at, _named(at, interval, zone)) for at in instants]
    starts = [at for (_, before), (at, name) in pairwise(names) if name != before]
    return list(pairwise(starts))


def _named(at: int, interval: str, zone: ZoneInfo) -> tuple[int, ...]:
    day = datetime.fromtimestamp(at // 10**9, zone).date()
    if interval == "month":
        return day.year, day.month
    if interval == "week":
        day -= timedelta(days=day.weekday())
    return day.year, day.month, day.day


def a_linked_commit(
    sha: Sha,
    lead_time_ns: int | None,
    stages_ns: Sequence[int | None] | None,
    pull_request: int | None = None,
) -> LinkedCommit:
    """Return a commit as it was worked out; left out where `stages_ns` is None."""
    lead = None if stages_ns is None else Lead(lead_time_ns=lead_time_ns, stages_ns=tuple(stages_ns))
    exclusion = Exclusion.MERGE_COMMIT if lead is None else None
    return LinkedCommit(sha=sha, exclusion=exclusion, pull_request=pull_request, lead=lead)
