"""Authors: whose key made or last changed something."""

from msgspec import Struct


class Author(Struct, frozen=True):
    """The holder of a key, as they were when they did it."""

    id: str
    name: str
