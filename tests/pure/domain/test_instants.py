import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.domain.errors import Rejected
from fairlead.domain.instants import (
    EARLIEST_AT,
    LATEST_AT,
    NS_PER_MS,
    NS_PER_S,
    from_rfc3339,
    require_instant,
    to_rfc3339,
)

NOON = 1_741_780_800 * NS_PER_S


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2025-03-12T12:00:00Z", NOON),
        ("2025-03-12t12:00:00z", NOON),
        ("2025-03-12 12:00:00Z", NOON),
        ("2025-03-12T12:00:00", NOON),
        ("2025-03-12T12:00", NOON),
        ("2025-03-12T12:00:00+00:00", NOON),
        ("2025-03-12T12:00:00-00:00", NOON),
        ("2025-03-12T17:30:00+05:30", NOON),
        ("2025-03-12T17:30:00+0530", NOON),
        ("2025-03-12T08:00:00-04:00", NOON),
        ("2025-03-12T12:00:00.5Z", NOON + 500 * NS_PER_MS),
        ("2025-03-12T12:00:00.123456789Z", NOON + 123_456_789),
        ("2025-03-12T12:00:00.1234567899Z", NOON + 123_456_789),
        ("2016-12-31T23:59:60Z", 1_483_228_799 * NS_PER_S),
        ("1969-12-31T23:59:59.9Z", -NS_PER_MS * 100),
        ("2024-02-29T00:00:00Z", 1_709_164_800 * NS_PER_S),
        ("0001-01-01T00:00:00+23:59", -62_135_596_800 * NS_PER_S - 86_340 * NS_PER_S),
        ("9999-12-31T23:59:59-23:59", 253_402_300_799 * NS_PER_S + 86_340 * NS_PER_S),
    ],
)
def test_rfc_3339_names_an_instant(text: str, instant: int) -> None:
    assert instant == from_rfc3339(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-03-12",
        "12:00:00Z",
        "20250312T120000Z",
        "2025-3-12T12:00:00Z",
        "2025-02-29T12:00:00Z",
        "2025-13-01T12:00:00Z",
        "2025-03-12T24:00:00Z",
        "2025-03-12T12:60:00Z",
        "2025-03-12T12:00:61Z",
        "2025-03-12T12:00:00+24:00",
        "2025-03-12T12:00:00+01:60",
        "2025-03-12T12:00:00 Z",
        "2025-03-12T12:00:00Z\n",
        "0000-01-01T00:00:00Z",
        "٢٠٢٥-03-12T12:00:00Z",
        "now",
        "1741780800",
    ],
)
def test_other_text_names_none(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 — that it is refused is all that is promised.
        from_rfc3339(text)


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (NOON, "2025-03-12T12:00:00Z"),
        (NOON + 500 * NS_PER_MS, "2025-03-12T12:00:00.5Z"),
        (NOON + 120_000_000, "2025-03-12T12:00:00.12Z"),
        (NOON + 1, "2025-03-12T12:00:00.000000001Z"),
    ],
)
def test_an_instant_is_written_with_as_many_digits_as_it_has(instant: int, text: str) -> None:
    assert text == to_rfc3339(instant)


@given(st.integers(EARLIEST_AT, LATEST_AT - 1))
def test_nothing_is_lost_on_the_way_there_and_back(instant: int) -> None:
    assert instant == from_rfc3339(to_rfc3339(instant))


@pytest.mark.parametrize("instant", [EARLIEST_AT, NOON, LATEST_AT - 1])
def test_an_instant_of_this_century_will_do(instant: int) -> None:
    assert instant == require_instant(instant, "started_at")


@pytest.mark.parametrize("instant", [0, -NOON, EARLIEST_AT - 1, LATEST_AT, 2**70])
def test_any_other_instant_is_refused_by_the_name_of_its_field(instant: int) -> None:
    with pytest.raises(Rejected, match='"started_at" must lie between the years 2000 and 2099') as refused:
        require_instant(instant, "started_at")

    assert "started_at" == refused.value.field
