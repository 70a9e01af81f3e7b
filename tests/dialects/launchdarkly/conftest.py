"""Somebody with an access token, on the server that all tests of the dialects share."""

import os
import time

import pytest

from fairlead.domain.access import SECRET_BYTES, KeyKind, Permission
from fairlead.usecases.create_key import KeyWanted, create_keys
from tests.casts import Cast, Person


def token_holder(cast: Cast, *permissions: Permission) -> Person:
    """Return a colleague of Ada's with an access token, bare as the clients send it; none means all."""
    wanted = KeyWanted(
        org_id=cast.ada.org_id,
        kind=KeyKind.ACCESS_TOKEN,
        name="token",
        permissions=frozenset(permissions),
        secret=os.urandom(SECRET_BYTES),
        chance=os.urandom(10),
        at=time.time_ns(),
    )
    made = cast.ledger.write(create_keys, wanted)
    return Person(cast.ada.http, {"Authorization": made.text}, cast.ada.org_id)


@pytest.fixture
def lucy(cast: Cast) -> Person:
    """May do everything, with a bare access token."""
    return token_holder(cast)
