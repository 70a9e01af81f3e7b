"""Find owners: which team each service belongs to, by what its deployments say."""

from fairlead.metrics.facet_counts import counts_of_pairs
from fairlead.store.engine import Transaction
from fairlead.usecases.measure_delivery import Question, facts_asked_about, remembering


def find_owners(transaction: Transaction, question: Question) -> dict[str, str]:
    """Return the team that most of each service's deployments name; services without any are left out."""
    return remembering(transaction, question, "owners", lambda: _owners(transaction, question), len)


def _owners(transaction: Transaction, question: Question) -> dict[str, str]:
    counts = counts_of_pairs(facts_asked_about(transaction, question), "service", "team")
    named = sorted((count, team, name) for (name, team), count in counts.items() if name and team)
    # What comes later stands: the greatest count, and of equal ones the later name.
    return {name: team for _, team, name in named}
