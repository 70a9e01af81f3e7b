"""Which kinds and which versions may have deployments that are sought.

A kind or a version knows some of what a query asks for, and of the rest anything may be true. So
these conditions hold for every kind and version that has such a deployment, and for others too.
Not here: what a term means for a deployment itself (`search_fields.py`).
"""

from typing import Final

from sqlalchemy import Select, Table, and_, exists, false, not_, or_, select, true

from fairlead.domain.access import OrgId
from fairlead.search import words
from fairlead.search.pattern import ANY, Pattern
from fairlead.search.tree import And, Everything, Leaf, Matches, Node, Not, Or, leaves
from fairlead.store.engine import Transaction
from fairlead.store.engine_sql import fits
from fairlead.store.search_fields import DEPLOYMENT_FIELDS, Columns, deployment_term
from fairlead.store.search_leaves import Condition, of_tag, of_text, reach, whole_tag
from fairlead.store.search_sql import condition
from fairlead.store.tables import deployment_kind_tags, deployment_kinds, deployment_versions

KIND_COLUMNS: Final = {
    "service": "service",
    "env": "env",
    "team": "team",
    "source": "source",
    "git.repository_id": "repository_id",
    "repository_id": "repository_id",
}
"""The keys whose values all deployments of a kind share, and their columns."""


def knows(clause: Node) -> bool:
    """Tell whether a clause is a term that every kind, or every version, decides for its deployments."""
    return isinstance(clause, Leaf) and (clause.key in KIND_COLUMNS or clause.key == "version")


def is_about_kinds(clause: Node) -> bool:
    """Tell whether every deployment of a kind satisfies a clause if one does."""
    match clause:
        case Not(inner):
            return is_about_kinds(inner)
        case And(clauses) | Or(clauses):
            return all(is_about_kinds(one) for one in clauses)
        case Everything():
            return False
        case leaf:
            return leaf.key in KIND_COLUMNS


def kinds(org_id: OrgId, node: Node) -> Condition:
    """Return which entries of `deployment_kinds` may have deployments for which `node` holds."""

    def may_hold(leaf: Leaf, negated: bool) -> Condition:  # noqa: FBT001 — as `Reading` has it.
        if leaf.key is None:
            return _words(org_id, leaf, (deployment_kinds, deployment_versions), negated=negated)
        if leaf.key in KIND_COLUMNS:
            found = of_text(deployment_kinds.c[KIND_COLUMNS[leaf.key]], leaf)
            return not_(found) if negated else found
        if negated or (leaf.key in DEPLOYMENT_FIELDS and leaf.key != "tags"):
            return true()
        theirs = tags(org_id, leaf).with_only_columns(deployment_kind_tags.c.kind)
        # As a truth value it is a list looked up in, and nothing that PostgreSQL could join with.
        return deployment_kinds.c.kind.in_(theirs).is_(True)

    return condition(node, may_hold)


def versions(org_id: OrgId, node: Node) -> Condition:
    """Return which entries of `deployment_versions` may have deployments for which `node` holds."""

    def may_hold(leaf: Leaf, negated: bool) -> Condition:  # noqa: FBT001 — as `Reading` has it.
        if leaf.key is None:
            return _words(org_id, leaf, (deployment_versions, deployment_kinds), negated=negated)
        if leaf.key != "version":
            return true()
        version = deployment_versions.c.version
        found = of_text(version, leaf)
        return not_(found) if negated else and_(found, *reach(version, leaf))

    return condition(node, may_hold)


def like_versions(row: Columns, node: Node) -> Condition:
    """Return whether the version or the words of a deployment are such that `node` may hold."""

    def may_hold(leaf: Leaf, negated: bool) -> Condition:  # noqa: FBT001 — as `Reading` has it.
        if leaf.key not in {None, "version"}:
            return true()
        found = deployment_term(row, leaf)
        return not_(found) if negated else found

    return condition(node, may_hold)


def are_words_of_kinds(transaction: Transaction, org_id: OrgId, node: Node) -> bool:
    """Tell whether no version has a word that a free term of `node` finds, nor a part of what one finds."""
    terms = (
        words.term(leaf.pattern) for leaf in leaves(node) if isinstance(leaf, Matches) and leaf.key is None
    )
    c = deployment_versions.c
    return all(
        _stays_in_a_field(term)
        and not transaction.execute(
            select(exists().where(c.org_id == org_id, fits(c.words, term)))
        ).scalar_one()
        for term in terms
        if term is not None
    )


def tags(org_id: OrgId, leaf: Leaf) -> Select[tuple[str, int]]:
    """Return a statement for the tags that satisfy `leaf`, each with every kind that has it."""
    c = deployment_kind_tags.c
    said = of_text(c.tag, leaf) if leaf.key == "tags" else of_tag(c.tag, leaf)
    within = reach(c.tag, leaf if leaf.key == "tags" else whole_tag(leaf))
    return select(c.tag, c.kind).where(c.org_id == org_id, said, *within)


def _words(org_id: OrgId, leaf: Leaf, lists: tuple[Table, Table], *, negated: bool) -> Condition:
    """Return whether a free term may hold, asked of an entry of the first list.

    The words of a deployment are those of its kind followed by those of its version.
    """
    own, other = lists
    term = words.term(leaf.pattern) if isinstance(leaf, Matches) else None
    if term is None:
        return true() if negated else false()
    here = fits(own.c.words, term)
    if negated:
        return not_(here)
    if not _stays_in_a_field(term):
        return true()
    there = exists().select_from(other).where(other.c.org_id == org_id, fits(other.c.words, term))
    return or_(here, there)


def _stays_in_a_field(term: Pattern) -> bool:
    """Tell whether what fits the term is always found within one field, as a run of words is."""
    [*others] = (piece for piece in term.pieces if piece is not ANY)
    return len(others) == 1 and isinstance(others[0], str)
