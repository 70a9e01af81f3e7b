"""Facts in columns: a frame together with what its codes stand for, and the questions put to it.

A query's terms become sets of codes by asking `search.match` about each text of the lexicon once, and
then millions of rows are compared with those. Not here: terms on keys that no column carries; whoever
hands in such a query has picked the rows already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from operator import and_, or_
from typing import Final

import msgspec
from msgspec import Struct

from fairlead.domain.changes import Reason
from fairlead.domain.frames import pl
from fairlead.domain.measured import COVERAGE, NOTHING, TYPES, Noun
from fairlead.domain.searchable import DEPLOYMENT_FIELDS, FAILURE_FIELDS
from fairlead.search import words
from fairlead.search.match import holds
from fairlead.search.pattern import Pattern
from fairlead.search.tree import And, Everything, Leaf, Matches, Node, Not, Or

Texts = Mapping[int, str]
"""What the codes of a column stand for."""
_decode: Final = msgspec.json.Decoder(list[str]).decode
_FIELDS: Final = {Noun.DEPLOYMENTS: DEPLOYMENT_FIELDS, Noun.FAILURES: FAILURE_FIELDS}
SPOKEN: Final = ("service", "team", "env")
"""The columns of deployments whose words free terms find; a version's they find too, but no column has it."""
_TEXTS: Final[Mapping[Noun, Mapping[str, str]]] = {
    Noun.DEPLOYMENTS: {
        **{name: name for name in ("service", "env", "team", "source", "repository_id")},
        "git.repository_id": "repository_id",
    },
    Noun.FAILURES: {
        **{name: name for name in ("env", "team", "source", "severity", "repository_id")},
        "git.repository_id": "repository_id",
    },
}
"""Which column has the text of a key."""
_LISTS: Final[Mapping[Noun, Mapping[str, str]]] = {
    Noun.DEPLOYMENTS: {"tags": "tags"},
    Noun.FAILURES: {"tags": "tags", "service": "services", "services": "services"},
}
"""Which column has the texts of a key."""
_OTHERS: Final[Mapping[Noun, frozenset[str]]] = {
    Noun.DEPLOYMENTS: frozenset({"deployment_type", "change_failure", "lead_time_reason"}),
    Noun.FAILURES: frozenset(),
}


class Facts(Struct, frozen=True):
    """The deployments or failures of a window, in the order in which they happened."""

    noun: Noun
    frame: pl.DataFrame
    """Columns as `domain.measured.SHAPES` has them, and perhaps others."""
    texts: Mapping[str, Texts]
    """For each column of codes what they stand for."""

    def lists(self, column: str) -> Mapping[int, Sequence[str]]:
        """Return the lists of texts that the codes of `column` stand for."""
        return {code: _decode(text) if text else [] for code, text in self.texts[column].items()}

    def only(self, where: Node) -> Facts:
        """Return those facts that a query holds for; its keys must be carried.

        Free terms look at the columns of `SPOKEN` alone: whoever has some knows that this is enough.
        """
        if isinstance(where, Everything):
            return self
        return Facts(self.noun, self.frame.filter(_condition(self, where)), self.texts)


def carries(noun: Noun, key: str) -> bool:
    """Tell whether the columns of a noun know what stands under a key."""
    known = {*_TEXTS[noun], *_LISTS[noun], *_OTHERS[noun]}
    return key in known or is_tag(noun, key)


def is_tag(noun: Noun, key: str) -> bool:
    """Tell whether a key is one of custom tags."""
    return key not in _FIELDS[noun]


def _condition(facts: Facts, node: Node) -> pl.Expr:
    match node:
        case Everything():
            return pl.lit(value=True)
        case And(clauses) | Or(clauses):
            join: Callable[[pl.Expr, pl.Expr], pl.Expr] = and_ if isinstance(node, And) else or_
            return reduce(join, (_condition(facts, clause) for clause in clauses))
        case Not(clause):
            return ~_condition(facts, clause)
        case leaf:
            return _term(facts, leaf)


def _term(facts: Facts, leaf: Leaf) -> pl.Expr:
    key = leaf.key
    if key is None:
        return _of_words(facts, leaf)
    column = _TEXTS[facts.noun].get(key)
    if column is not None:
        return _among(column, [code for code, text in facts.texts[column].items() if holds(leaf, text)])
    column = _LISTS[facts.noun].get(key)
    if column is not None:
        return _any_of(facts, column, lambda text: holds(leaf, text))
    if key in _OTHERS[facts.noun]:
        return _of_number(key, leaf)

    def of_tag(tag: str) -> bool:
        name, _, value = tag.partition(":")
        return name == key and holds(leaf, value)

    return _any_of(facts, "tags", of_tag)


def _of_words(facts: Facts, leaf: Leaf) -> pl.Expr:
    sought = words.term(leaf.pattern) if isinstance(leaf, Matches) else None
    if sought is None:
        return pl.lit(value=False)
    found = (
        _among(column, [code for code, text in facts.texts[column].items() if _says(text, sought)])
        for column in SPOKEN
    )
    return reduce(or_, found)


def _says(text: str, sought: Pattern) -> bool:
    return sought.matches(words.document([text]))


def _any_of(facts: Facts, column: str, satisfies: Callable[[str], bool]) -> pl.Expr:
    found = [code for code, texts in facts.lists(column).items() if any(map(satisfies, texts))]
    return _among(column, found)


def _among(column: str, codes: Sequence[int]) -> pl.Expr:
    known = [code for code in codes if code != NOTHING]
    if not known:
        return pl.lit(value=False)
    return pl.col(column) == known[0] if len(known) == 1 else pl.col(column).is_in(known)


def _of_number(key: str, leaf: Leaf) -> pl.Expr:
    if key == "change_failure":
        found = [value for value in (True, False) if holds(leaf, value)]
        return reduce(or_, (pl.col(key).eq_missing(value) for value in found), pl.lit(value=False))
    if key == "deployment_type":
        return pl.col(key).is_in([number for number, kind in enumerate(TYPES) if holds(leaf, kind.value)])
    reasons = {reason.value for reason in Reason}
    found_codes = [n for n, code in enumerate(COVERAGE) if code in reasons and holds(leaf, code)]
    return pl.col("coverage").is_in(found_codes)
