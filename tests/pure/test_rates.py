import pytest
from limits import parse

from fairlead.domain.errors import Rejected
from fairlead.domain.rates import PERIODS_S, Rate, rate_from


@pytest.mark.parametrize(("period", "period_s"), PERIODS_S.items())
def test_a_rate_is_so_many_requests_in_a_period(period: str, period_s: int) -> None:
    assert Rate(requests=600, period_s=period_s) == rate_from(f"600/{period}")


def test_an_empty_text_sets_no_limit() -> None:
    assert rate_from("") is None


@pytest.mark.parametrize(
    "text",
    [
        "600",
        "/minute",
        "600/",
        "0/minute",
        "-1/minute",
        "1.5/minute",
        "600/Minute",
        "600/minutes",
        "600 / minute",
        "600/minute\n",
        "٦/minute",
        "9999999999/second",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match="such as 600/minute"):
        rate_from(text)


@pytest.mark.parametrize("period", PERIODS_S)
def test_what_counts_requests_reads_a_rate_in_the_same_way(period: str) -> None:
    item, rate = parse(f"600/{period}"), rate_from(f"600/{period}")

    assert rate == Rate(requests=item.amount, period_s=item.get_expiry())
