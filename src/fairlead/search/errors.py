"""The one way a query is refused.

Not here: how a client is told; every dialect puts this into its own words.
"""


class SearchError(ValueError):
    """A text is not a query of the search language.

    `detail` says what is wrong in a sentence without its full stop; `position` counts
    characters from 0 and is at most the length of the text. `str()` gives both.
    """

    def __init__(self, detail: str, position: int) -> None:
        super().__init__(detail, position)
        self.detail = detail
        self.position = position

    def __str__(self) -> str:
        return f"{self.detail} (at position {self.position})"
