from typing import Any

import msgspec
import pytest

from fairlead.dialects.datadog.errors import object_error, rate_headers, refusal
from fairlead.domain.errors import (
    Conflict,
    FairleadError,
    NotFound,
    NotPermitted,
    OldSchema,
    Rejected,
    Stranger,
    TooLarge,
    TooMany,
    Unavailable,
)
from fairlead.intake.allowances import Allowance


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (Rejected("no"), 400, "Bad Request"),
        (Conflict("no"), 400, "Bad Request"),
        (NotFound("no"), 404, "Not Found"),
        (TooLarge("no"), 413, None),
        (FairleadError("no"), 500, "Internal Server Error"),
        (Unavailable("no"), 503, "Service Unavailable"),
        (OldSchema("no"), 503, "Service Unavailable"),
    ],
)
def test_what_can_be_corrected_is_said_in_objects(
    error: FairleadError, status: int, title: str | None
) -> None:
    said, body = refusal(error)

    expected = {"status": str(status), "title": title or said.phrase, "detail": "no"}
    assert (status, {"errors": [expected]}) == (said, msgspec.json.decode(body))


@pytest.mark.parametrize(
    ("error", "status", "texts"),
    [
        (Stranger(keyless=True), 403, ["API key required"]),
        (Stranger(), 403, ["Forbidden"]),
        (NotPermitted("this key lacks x"), 403, ["Forbidden", "this key lacks x"]),
        (TooMany(), 429, ["Too Many Requests"]),
    ],
)
def test_access_and_rate_are_said_in_texts(error: FairleadError, status: int, texts: list[str]) -> None:
    said, body = refusal(error)

    assert (status, {"errors": texts}) == (said, msgspec.json.decode(body))


def test_an_error_object_has_exactly_the_recorded_keys() -> None:
    status, _ = refusal(Rejected())
    told: dict[str, Any] = msgspec.json.decode(object_error(status, "x"))["errors"][0]

    assert ["status", "title", "detail"] == list(told)


def test_rate_headers_are_whole_numbers_as_text() -> None:
    allowance = Allowance(name="key", limit=10, period_s=60, remaining=9, reset_s=3)

    assert {
        "X-RateLimit-Limit": "10",
        "X-RateLimit-Period": "60",
        "X-RateLimit-Remaining": "9",
        "X-RateLimit-Reset": "3",
        "X-RateLimit-Name": "key",
    } == rate_headers(allowance)
