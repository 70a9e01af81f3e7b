"""Lexicons: what the codes in columns stand for, for each column by itself.

Here so far only the one that lives as long as a question. Not here: the columns.
"""

from collections import defaultdict
from collections.abc import Mapping

from fairlead.domain.measured import NOTHING


class Lexicon:
    """Codes of texts, given out as they are asked for."""

    def __init__(self) -> None:
        self._codes: defaultdict[str, dict[str, int]] = defaultdict(lambda: {"": NOTHING})

    def code_of(self, column: str, text: str) -> int:
        """Return the code of a text in a column."""
        codes = self._codes[column]
        return codes.setdefault(text, len(codes))

    def texts(self, column: str) -> Mapping[int, str]:
        """Return what each code of a column stands for."""
        return {code: text for text, code in self._codes[column].items()}
