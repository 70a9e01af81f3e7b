import json

import pytest

from fairlead.dialects.github.errors import refusal
from fairlead.domain import errors
from fairlead.domain.errors import FairleadError, Stranger

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FairleadError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_can_be_said_to_github(kind: type[FairleadError]) -> None:
    status, body = refusal(kind())

    assert status >= 400
    assert json.loads(body)["error"]["detail"]


def test_a_stranger_is_not_told_whether_there_is_such_a_hook() -> None:
    assert refusal(Stranger(keyless=True)) == refusal(Stranger())
