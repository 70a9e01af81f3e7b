"""What a browser takes along to an identity provider, and whom the provider vouches for.

Apart from the provider itself, whose libraries a server without one need not load.
"""

from msgspec import Struct


class Errand(Struct, frozen=True, kw_only=True):
    """What a browser takes along to the provider and back."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    """The page to go to afterwards."""


class Vouched(Struct, frozen=True, kw_only=True):
    """Somebody whom the provider vouches for."""

    name_there: str
    email: str
    email_is_verified: bool
    name: str
