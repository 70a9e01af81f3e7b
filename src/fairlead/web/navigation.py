"""The sections of the pages, as the menu shows them."""

from typing import Final

from msgspec import Struct


class Section(Struct, frozen=True):
    """A place in the menu."""

    name: str
    path: str
    icon: str
    """The name of a picture in `icons.html`."""
    is_here: bool = False


_SECTIONS: Final = (
    ("Overview", "/", "gauge"),
    ("Deployments", "/deployments", "rocket"),
    ("Failures", "/failures", "alarm"),
    ("Gates", "/gates", "gate"),
    ("Services", "/services", "grid"),
    ("Connect", "/connect", "plug"),
    ("Settings", "/settings", "sliders"),
)


def sections(path: str) -> list[Section]:
    """Return the menu as it looks from the page at `path`."""
    return [Section(name, start, icon, _is_below(path, start)) for name, start, icon in _SECTIONS]


def _is_below(path: str, start: str) -> bool:
    return path == start or (start != "/" and path.startswith(f"{start}/"))
