"""How LaunchDarkly's clients are refused: shapes, codes, and the headers of rate limits."""

from http import HTTPStatus

import msgspec
import pytest

from fairlead.dialects.launchdarkly.errors import (
    PatchFailed,
    SequenceConflict,
    error_body,
    insights_refusal,
    rate_headers,
    refusal,
)
from fairlead.domain.errors import Conflict, FairleadError, NotFound, Rejected, Stranger, TooLarge, TooMany
from fairlead.intake.allowances import Allowance


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Rejected("x"), 400, "invalid_request"),
        (Stranger("x"), 401, "unauthorized"),
        (NotFound("x"), 404, "not_found"),
        (Conflict("x"), 409, "optimistic_locking_error"),
        (SequenceConflict("x"), 409, "updateSequenceId_conflict"),
        (TooLarge("x"), 413, "request_entity_too_large"),
        (PatchFailed("x"), 422, "patch_failed"),
        (TooMany("x"), 429, "rate_limited"),
    ],
)
def test_every_status_has_its_code(error: FairleadError, status: int, code: str) -> None:
    told, body = refusal(error)

    assert (status, {"code": code, "message": "x"}) == (told, msgspec.json.decode(body))


def test_insights_name_the_attribute_at_fault() -> None:
    status, body = insights_refusal(Rejected('attribute "projectKey" is required', field="projectKey"))

    assert 400 == status
    assert {
        "code": "invalid_request",
        "message": 'attribute "projectKey" is required',
        "errors": [{"attribute": "projectKey", "reason": "is required"}],
    } == msgspec.json.decode(body)
    assert refusal(NotFound()) == insights_refusal(NotFound())


def test_a_method_that_is_not_there_has_a_code_of_its_own() -> None:
    assert (
        "method_not_allowed" == msgspec.json.decode(error_body(HTTPStatus.METHOD_NOT_ALLOWED, "no"))["code"]
    )


def test_resets_are_milliseconds_since_the_epoch() -> None:
    resets_at = 1_795_221_106_233_000_000
    key = Allowance(name="key", limit=9, period_s=10, remaining=0, reset_s=3, resets_at=resets_at)
    organisation = Allowance(
        name="organisation", limit=9, period_s=10, remaining=1, reset_s=3, resets_at=resets_at
    )

    assert {
        "X-Ratelimit-Auth-Token-Limit": "9",
        "X-Ratelimit-Auth-Token-Remaining": "0",
        "X-Ratelimit-Auth-Token-Reset": "1795221106233",
        "X-Ratelimit-Reset": "1795221106233",
    } == rate_headers(key)
    assert {
        "X-Ratelimit-Global-Limit": "9",
        "X-Ratelimit-Global-Remaining": "1",
        "X-Ratelimit-Reset": "1795221106233",
    } == rate_headers(organisation)
