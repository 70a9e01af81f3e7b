"""Asking: what a question needs to know of facts, and whether the columns carry it.

What they do not carry is asked of the rows instead, and both ways come to the same. Not here: the
columns themselves (`domain.measured`) and the asking (`facts.py`).
"""

from collections.abc import Iterator, Sequence
from typing import Final

from fairlead.domain.measured import Noun
from fairlead.metrics.facts import carries, is_tag
from fairlead.metrics.groups import UNCARRIED, is_field
from fairlead.metrics.rework_rate import PLANNED
from fairlead.search.tree import Node, leaves

_PLANNED: Final = PLANNED.partition(":")[0]


def is_carried(noun: Noun, where: Node, group_by: Sequence[str], *, words: bool = False) -> bool:
    """Tell whether the columns of a noun suffice to find and to group what is asked for.

    `words` says whether they suffice for its free terms; by themselves they do not know of all words.
    """
    return not UNCARRIED.intersection(group_by) and all(
        words if leaf.key is None else carries(noun, leaf.key) for leaf in leaves(where)
    )


def tag_keys(noun: Noun, where: Node, group_by: Sequence[str]) -> Iterator[str]:
    """Yield the keys of tags that the answer depends on.

    Whole tags (`tags:…`) may be of any key: then it is `ANY_TAG`, which a window without some tags has
    too.
    """
    yield _PLANNED
    for key in group_by:
        if not is_field(key):
            yield key
    for leaf in leaves(where):
        if leaf.key == "tags":
            yield ANY_TAG
        elif leaf.key is not None and is_tag(noun, leaf.key):
            yield leaf.key


ANY_TAG: Final = ""
"""No tag has an empty key."""
