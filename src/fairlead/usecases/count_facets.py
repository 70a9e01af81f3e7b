"""Count what a search finds by service, environment and so on, to narrow it further."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from fairlead.search.parse import parse
from fairlead.search.tree import all_of
from fairlead.store.engine import Transaction
from fairlead.usecases.measure_delivery import Question, measure_delivery

KEYS: Final = ("service", "env", "team", "repository", "source")
_OUTCOMES: Final = (
    ("change_failure", "true"),
    ("change_failure", "false"),
    ("deployment_type", "rollback"),
    ("deployment_type", "rollforward"),
)


@dataclass(frozen=True, slots=True)
class Facet:
    """One key with the values found under it."""

    key: str
    values: Sequence[tuple[str, int]]
    """Each with how many have it, the most frequent first; what has none is left out."""


def count_facets(transaction: Transaction, question: Question) -> tuple[int, list[Facet]]:
    """Return how many deployments a question is about, and what stands under the usual keys of them."""
    [everything] = measure_delivery(transaction, question).groups
    facets = [Facet(key, _values(transaction, question, key)) for key in KEYS]
    outcomes: dict[str, list[tuple[str, int]]] = {}
    for key, value in _OUTCOMES:
        narrower = replace(question, where=all_of((question.where, parse(f"{key}:{value}"))))
        [group] = measure_delivery(transaction, narrower).groups
        if group.summary.deployments:
            outcomes.setdefault(key, []).append((value, group.summary.deployments))
    facets += [Facet(key, values) for key, values in outcomes.items()]
    return everything.summary.deployments, [facet for facet in facets if facet.values]


def _values(transaction: Transaction, question: Question, key: str) -> list[tuple[str, int]]:
    groups = measure_delivery(transaction, replace(question, group_by=(key,))).groups
    counts = [(group.values[0], group.summary.deployments) for group in groups]
    found = [(value, count) for value, count in counts if value and count]
    return sorted(found, key=lambda one: (-one[1], one[0]))
