"""The shapes of applications, as far as Fairlead keeps them.

Source: `ld-openapi.json` of `launchdarkly/ldcli`, version 2.0.
"""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType, field

from fairlead.dialects.launchdarkly.wire import Link


class ApplicationTold(Struct):
    """All that may change of an application."""

    name: str
    kind: Literal["server", "browser", "mobile"]
    description: str | None = None


class FlagListing(Struct):
    name: str
    key: str
    links: dict[str, Link] = field(name="_links")


class FlagListings(Struct, rename="camel"):
    items: list[FlagListing]
    total_count: int


class Application(Struct, rename="camel"):
    key: str
    name: str
    kind: str
    description: str
    auto_added: bool
    """Always: an application is there because it was deployed."""
    version: int = field(name="_version")
    links: dict[str, Link] = field(name="_links")
    creation_date: int | UnsetType = UNSET
    flags: FlagListings | UnsetType = UNSET


class Applications(Struct, rename="camel"):
    items: list[Application]
    total_count: int
    links: dict[str, Link] = field(name="_links")
