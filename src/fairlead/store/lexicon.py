"""Lexicons: what the codes in columns stand for, for each column of an organisation by itself.

Codes are given out when a segment is kept and mean the same for ever. A text of a day that has just
changed may have none yet; it gets one of this process's own, far above those, until it has.
Not here: the columns.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from sqlalchemy import select

from fairlead.domain.access import OrgId
from fairlead.domain.measured import NOTHING
from fairlead.store.bulk import BulkInsert
from fairlead.store.engine import Transaction
from fairlead.store.tables import segment_texts

_FIRST_OWN: Final = 2**31
_MOST_REVISIONS: Final = 100_000
_t = segment_texts.c
_entries: Final = BulkInsert(segment_texts, ("org_id", "aspect", "code", "text"), replaces=False)


class Lexicon:
    """The codes of texts, column by column; those that are not known are given out as they come."""

    def __init__(self) -> None:
        """Know the empty text alone."""
        self._codes: defaultdict[str, dict[str, int]] = defaultdict(lambda: {"": NOTHING})
        self._next_own = _FIRST_OWN
        self.stored = 0
        """How many texts of the database it knows."""
        self._revisions: set[int] = set()

    def code_of(self, column: str, text: str) -> int:
        """Return the code of a text in a column."""
        codes = self._codes[column]
        code = codes.get(text)
        if code is None:
            code = codes[text] = self._next_own
            self._next_own += 1
        return code

    def teach(self, column: str, codes: Mapping[str, int]) -> None:
        """Let it know codes that somebody else has given out."""
        self._codes[column] |= codes

    def texts(self, column: str) -> Mapping[int, str]:
        """Return what each code of a column stands for, as it is now."""
        return {code: text for text, code in self._codes[column].items()}

    def learn(self, transaction: Transaction, org_id: OrgId, revisions: AbstractSet[int]) -> None:
        """Learn what stands in segments of `revisions`; a text's own code gives way to the stored one."""
        if revisions <= self._revisions:
            return
        mine = _t.org_id == org_id
        for aspect, code, text in transaction.execute(select(_t.aspect, _t.code, _t.text).where(mine)):
            self._codes[aspect][text] = code
        self.stored = sum(code < _FIRST_OWN for codes in self._codes.values() for code in codes.values())
        if len(self._revisions) > _MOST_REVISIONS:
            self._revisions.clear()
        self._revisions |= revisions


def stored_codes(
    transaction: Transaction, org_id: OrgId, column: str, texts: Iterable[str]
) -> Mapping[str, int]:
    """Return the codes of texts, given out now where they have none; nobody else may do so meanwhile."""
    mine = _t.org_id == org_id, _t.aspect == column
    known = {"": NOTHING}
    known |= {row.text: row.code for row in transaction.execute(select(_t.text, _t.code).where(*mine))}
    new = sorted({*texts} - known.keys())
    codes = dict(zip(new, range(max(known.values()) + 1, 2**31), strict=False))
    _entries.run(transaction, [(org_id, column, code, text) for text, code in codes.items()])
    return known | codes
