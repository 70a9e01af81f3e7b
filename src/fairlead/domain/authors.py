"""Authors: whose key made or last changed something."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Author:
    """The holder of a key, as they were when they did it."""

    id: str
    name: str
