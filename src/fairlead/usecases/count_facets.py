"""Count what a search finds by service, environment and so on, to narrow it further."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from fairlead.metrics.facet_counts import Counts, counts_of, counts_of_failed, counts_of_types
from fairlead.store.engine import Transaction
from fairlead.usecases.measure_delivery import Question, facts_asked_about, remembering

_COLUMNS: Final = {
    "service": "service",
    "env": "env",
    "team": "team",
    "repository": "repository_id",
    "source": "source",
}
_UNPLANNED: Final = ("rollback", "rollforward")


class Facet(Struct, frozen=True):
    """One key with the values found under it."""

    key: str
    values: Sequence[tuple[str, int]]
    """Each with how many have it, the most frequent first; what has none is left out."""


def count_facets(transaction: Transaction, question: Question) -> tuple[int, list[Facet]]:
    """Return how many deployments a question is about, and what stands under the usual keys of them."""
    return remembering(transaction, question, "facets", lambda: _counted(transaction, question), _size)


def _size(found: tuple[int, list[Facet]]) -> int:
    return 1 + sum(len(facet.values) for facet in found[1])


def _counted(transaction: Transaction, question: Question) -> tuple[int, list[Facet]]:
    facts = facts_asked_about(transaction, question)
    facets = [_facet(key, counts_of(facts, column)) for key, column in _COLUMNS.items()]
    failed, types = counts_of_failed(facts), counts_of_types(facts)
    facets.append(Facet("change_failure", [(value, count) for value, count in failed.items() if count]))
    found = [(value, types[value]) for value in _UNPLANNED if value in types]
    facets.append(Facet("deployment_type", found))
    return len(facts.frame), [facet for facet in facets if facet.values]


def _facet(key: str, counts: Counts) -> Facet:
    return Facet(key, sorted(counts.items(), key=lambda one: (-one[1], one[0])))
