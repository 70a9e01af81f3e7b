"""Shapes that all of LaunchDarkly's operations share.

Source: `ld-openapi.json` of `launchdarkly/ldcli`, version 2.0, and the API overview's conventions.
"""

from msgspec import Struct

JSON = "application/json"


class Link(Struct):
    """Always relative to the server: `ld-find-code-refs` puts its own address in front."""

    href: str
    type: str = JSON


class PageLinks(Struct, omit_defaults=True):
    """Links of a page of a list; `next` and `prev` only where there is such a page."""

    self: Link
    next: Link | None = None
    prev: Link | None = None


class SelfLink(Struct):
    self: Link


class Refusal(Struct):
    """The body of every refusal but one."""

    code: str
    message: str


class Fault(Struct):
    """What is wrong with one attribute."""

    attribute: str
    reason: str


class InvalidRefusal(Struct):
    """The body of a 400 of Engineering Insights, which requires `errors`."""

    code: str
    message: str
    errors: list[Fault]


class Identity(Struct, rename="camel"):
    """Who a token is."""

    account_id: str
    auth_kind: str
    token_kind: str
    token_id: str
    scopes: list[str]
