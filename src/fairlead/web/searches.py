"""What stands in the search bar of a page: the query, its tree, or where it is wrong."""

from msgspec import Struct

from fairlead.search.errors import SearchError
from fairlead.search.parse import parse
from fairlead.search.tree import Everything, Node
from fairlead.web.visit import Visit


class Search(Struct, frozen=True, kw_only=True):
    """A query as somebody wrote it."""

    text: str
    tree: Node | None
    """None where it is wrong."""
    detail: str = ""
    """What is wrong."""
    position: int = 0
    """Where, in characters from 0."""

    @property
    def is_wrong(self) -> bool:
        """Tell whether it cannot be asked."""
        return self.tree is None

    @property
    def parts(self) -> tuple[str, str, str]:
        """The text before the mistake, the sign at fault and what follows it."""
        return (
            self.text[: self.position],
            self.text[self.position : self.position + 1],
            self.text[self.position + 1 :],
        )


def search_of(visit: Visit) -> Search:
    """Return the query of a visit's address."""
    return read_search(visit.asked("query"))


def read_search(text: str) -> Search:
    """Return a query, read."""
    try:
        return Search(text=text, tree=parse(text) if text else Everything())
    except SearchError as error:
        return Search(text=text, tree=None, detail=error.detail, position=error.position)
