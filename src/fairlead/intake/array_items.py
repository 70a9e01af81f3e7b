"""The items of a JSON array one after another, so that a large one is never held as objects.

Works on an array that was found to be JSON already, which a decoder does while it passes over it.
Not here: what an item has to look like.
"""

import re
from collections.abc import Iterator

# A text, which may hold brackets, or a mark that stands for itself.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},]', re.DOTALL)
_BLANK = re.compile(rb"\s*+")
_TEXT = ord('"')
_OPENING = frozenset(b"[{")
_CLOSING = frozenset(b"]}")


def items_of(array: memoryview) -> Iterator[memoryview]:
    """Yield the items of `array`, which is a JSON array from its first byte to its last."""
    depth, start = 0, 0
    for token in _TOKEN.finditer(array):
        mark = array[token.start()]
        if mark == _TEXT:
            continue
        if mark in _OPENING:
            depth += 1
            if depth == 1:
                start = token.end()
            continue
        if depth == 1:
            item = array[start : token.start()]
            if mark in _CLOSING and _BLANK.fullmatch(item):
                # Nothing at all in it, for JSON knows no comma before the end.
                return
            yield item
            start = token.end()
        if mark in _CLOSING:
            depth -= 1
