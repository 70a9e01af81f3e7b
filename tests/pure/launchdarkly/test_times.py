"""Times: every form that an official client was seen to send, and milliseconds back."""

import pytest

from fairlead.dialects.launchdarkly.times import instant_from, milliseconds, span_ms
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import from_rfc3339

NOON = from_rfc3339("2024-02-01T12:00:00Z")


@pytest.mark.parametrize(
    "told",
    [
        1706788800000,
        "1706788800000",
        "2024-02-01T12:00:00Z",
        "2024-02-01T12:00:00.000Z",
        "2024-02-01T12:00:00.000000+0000",
        "2024-02-01T13:00:00+01:00",
        "2024-02-01T12:00:00.000000",
        "2024-02-01T12:00:00.000000000Z",
        "2024-02-01T13:00:00 0100",
    ],
)
def test_every_form_that_clients_send_is_one_instant(told: int | str) -> None:
    assert NOON == instant_from(told, "from")


@pytest.mark.parametrize(
    "told", ["yesterday", "", "-5", "1706788800", 0, 5, "9" * 30, "2024-02-30T00:00:00Z"]
)
def test_anything_else_is_refused_by_name(told: int | str) -> None:
    with pytest.raises(Rejected) as refused:
        instant_from(told, "from")

    assert "from" == refused.value.field


def test_times_go_out_as_whole_milliseconds() -> None:
    assert (1706788800123, 2, 1) == (milliseconds(NOON + 123_999_999), span_ms(1_500_000), span_ms(1_499_999))
