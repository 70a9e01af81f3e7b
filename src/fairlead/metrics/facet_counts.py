"""Facet counts: how many of some deployments have which value of a column.

Beside the metrics because it looks at the same columns, but it is none: nothing but counting, and so far
cheaper than measuring each group. Not here: which deployments (`facts.py`).
"""

from collections.abc import Mapping

from fairlead.domain.measured import TYPES
from fairlead.metrics.facts import Facts

Counts = Mapping[str, int]
"""By value; a deployment without one counts under nothing."""


def counts_of(facts: Facts, column: str) -> Counts:
    """Return how many have which text in a column of codes."""
    found = facts.frame[column].value_counts().iter_rows()
    texts = facts.texts[column]
    return {texts[code]: count for code, count in found if texts[code]}


def counts_of_pairs(facts: Facts, first: str, second: str) -> Mapping[tuple[str, str], int]:
    """Return how many have which texts in two columns of codes, an empty one where there is none."""
    found = facts.frame.group_by(first, second).len().iter_rows()
    return {(facts.texts[first][one], facts.texts[second][other]): count for one, other, count in found}


def counts_of_failed(facts: Facts) -> Counts:
    """Return how many failed and how many did not, as a query writes it."""
    failed = facts.frame["change_failure"]
    true, known = int(failed.sum()), len(failed) - failed.null_count()
    return {"true": true, "false": known - true}


def counts_of_types(facts: Facts) -> Counts:
    """Return how many are of which type."""
    found = facts.frame["deployment_type"].value_counts().iter_rows()
    return {TYPES[number].value: count for number, count in found}
