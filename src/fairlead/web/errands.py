"""What a browser takes along to an identity provider, and whom the provider vouches for.

Apart from the provider itself, whose libraries a server without one need not load.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a browser takes along to the provider and back."""

    state: str
    nonce: str
    verifier: str
    wanted: str
    """The page to go to afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Somebody whom the provider vouches for."""

    name_there: str
    email: str
    email_is_verified: bool
    name: str
