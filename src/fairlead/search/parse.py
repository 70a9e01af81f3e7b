"""Text to tree.

Not here: what a query looks like (`grammar.lark`), what its parts become (`reading`), how
large it may be (`limits`) and how a mistake is explained (`complaints`).
"""

from functools import lru_cache
from typing import cast

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from fairlead.search.complaints import complaint, require_no_operator
from fairlead.search.limits import Extent, require_readable, start_of
from fairlead.search.reading import grammar
from fairlead.search.tree import Node


@lru_cache(maxsize=128)
def parse(text: str) -> Node:
    """Return the tree of a query; an empty one means everything.

    Raises:
        SearchError: `text` is not of the language, or longer, deeper or wider than allowed.
    """
    require_readable(text)
    reading = grammar().parse_interactive(text)
    extent = Extent()
    try:
        for token in reading.iter_parse():
            extent.include(token)
            require_no_operator(token)
        tree: Node = reading.feed_token(Token("$END", ""))
    except UnexpectedCharacters as error:
        position = cast("int", error.pos_in_stream)  # Lark declares it as None and sets it always.
        possible = error.allowed
    except UnexpectedToken as error:
        position = len(text) if error.token.type == "$END" else start_of(error.token)
        possible = error.expected
    else:
        return tree
    raise complaint(text, position, possible, extent.open_brackets)
