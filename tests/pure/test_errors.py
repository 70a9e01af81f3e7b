"""Habit of the house: whatever goes wrong, every dialect has words for it."""

import importlib
import importlib.util
import pkgutil
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import msgspec
import pytest

from fairlead import dialects
from fairlead.domain import errors
from fairlead.domain.errors import FairleadError, NotPermitted, Rejected, Stranger

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, FairleadError)]


def vocabularies() -> Iterator[Any]:
    """Yield how each dialect refuses; a dialect without words of its own refuses in Fairlead's."""
    for folder in pkgutil.iter_modules(dialects.__path__):
        name = f"fairlead.dialects.{folder.name}.errors"
        if importlib.util.find_spec(name) is not None:
            yield pytest.param(importlib.import_module(name), id=folder.name)


EVERY_DIALECT = pytest.mark.parametrize("vocabulary", list(vocabularies()))


@pytest.mark.parametrize("kind", KINDS)
@EVERY_DIALECT
def test_every_kind_of_error_can_be_said_by_every_dialect(vocabulary: Any, kind: type[FairleadError]) -> None:
    status, body = vocabulary.refusal(kind("what happened"))

    assert 400 <= status < 600
    assert isinstance(msgspec.json.decode(body), dict)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_default_message(kind: type[FairleadError]) -> None:
    assert (kind.__doc__ or "").partition("\n")[0] == str(kind())
    assert "what happened" == str(kind("what happened"))


@EVERY_DIALECT
def test_what_the_caller_did_wrong_is_told(vocabulary: Any) -> None:
    status, body = vocabulary.refusal(Rejected('attribute "env" is required', field="env"))

    assert (HTTPStatus.BAD_REQUEST, True) == (status, b'attribute \\"env\\" is required' in body)


@EVERY_DIALECT
@pytest.mark.parametrize("kind", [Stranger, NotPermitted])
def test_who_may_not_is_told_so(vocabulary: Any, kind: type[FairleadError]) -> None:
    status, _ = vocabulary.refusal(kind())

    assert status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
