import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.dialects.datadog.times import TimeStyle, from_date_time, from_epoch, style_for, to_wire
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import EARLIEST_AT, LATEST_AT, NS_PER_MS, NS_PER_S

NOON_S = 1_741_780_800
NOON = NOON_S * NS_PER_S

READS_INTEGERS = [
    "",
    "curl/8.5.0",
    "python-httpx/0.28.1",
    "datadog-ci/5.25.0 (node 20.20.2; os linux; arch x64) datadog-ci-plugin-dora/5.25.0",
    "datadog-api-client-python/2.57.0 (python 3.11.7; os Linux; arch x86_64)",
    "datadog-api-client-typescript/1.60.0 (node 20.20.2; os Linux; arch x86_64)",
    "datadog-api-client-go/2.62.0 (go go1.24; os linux; arch amd64)",
    "datadog-api-client-rust/0.33.0 (os Linux; arch x86_64)",
    "datadog-api-client-java/2.57.0 (java 21; java_vendor X; os Linux; arch amd64)",
    "datadog-api-client-ruby/2.56.0 (ruby 3.4; os Linux; arch x86_64)",
    "datadog-api-client-cobol/9.9.9",
    "datadog-api-client-python/",
    "datadog-api-client-python/" + "9" * 5000 + ".0.0",
]
READS_RFC_3339 = [
    "datadog-api-client-python/2.58.0 (python 3.11.7; os Linux; arch x86_64)",
    "datadog-api-client-python/2.62.0 (python 3.11.7; os Linux; arch x86_64)",
    "datadog-api-client-python/3.0.0 (python 3.14.0; os Linux; arch x86_64)",
    "datadog-api-client-typescript/1.61.0 (node 20.20.2; os Linux; arch x86_64)",
    "datadog-api-client-go/2.63.0 (go go1.24; os linux; arch amd64)",
    "datadog-api-client-go/v2.63.0 (go go1.24; os linux; arch amd64)",
    "datadog-api-client-rust/0.34.0 (os Linux; arch x86_64)",
    "datadog-api-client-java/2.58.0 (java 21; java_vendor X; os Linux; arch amd64)",
    "datadog-api-client-ruby/2.57.0 (ruby 3.4; os Linux; arch x86_64)",
    "terraform-provider-datadog/4.0.0 (terraform 1.9; datadog-api-client-go/2.63.0 (go go1.24; os linux))",
]


@pytest.mark.parametrize("user_agent", READS_INTEGERS)
def test_a_client_that_does_not_say_it_reads_text_gets_integers(user_agent: str) -> None:
    assert TimeStyle.EPOCH_NS is style_for(TimeStyle.AUTO, user_agent)


@pytest.mark.parametrize("user_agent", READS_RFC_3339)
def test_an_official_client_gets_text_from_its_own_version_on(user_agent: str) -> None:
    assert TimeStyle.RFC3339 is style_for(TimeStyle.AUTO, user_agent)


@pytest.mark.parametrize("setting", [TimeStyle.EPOCH_NS, TimeStyle.RFC3339])
@pytest.mark.parametrize("user_agent", [READS_INTEGERS[1], READS_RFC_3339[1]])
def test_a_setting_counts_more_than_the_client(setting: TimeStyle, user_agent: str) -> None:
    assert setting is style_for(setting, user_agent)


@pytest.mark.parametrize(
    ("style", "written"),
    [(TimeStyle.EPOCH_NS, NOON + 120_000_000), (TimeStyle.RFC3339, "2025-03-12T12:00:00.12Z")],
)
def test_a_time_goes_out_in_its_style(style: TimeStyle, written: str | int) -> None:
    assert written == to_wire(NOON + 120_000_000, style)


@pytest.mark.parametrize("number", [NOON_S, NOON_S * 1000, NOON])
def test_the_magnitude_of_a_number_tells_its_unit(number: int) -> None:
    assert NOON == from_epoch(number, "started_at")


@given(st.integers(EARLIEST_AT, LATEST_AT - 1))
def test_a_time_of_this_century_means_the_same_in_each_unit(instant: int) -> None:
    assert instant == from_epoch(instant, "x")
    assert instant - instant % NS_PER_MS == from_epoch(instant // NS_PER_MS, "x")
    assert instant - instant % NS_PER_S == from_epoch(instant // NS_PER_S, "x")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, 'attribute "started_at" must be a time since 1970 in s, ms or ns, not 0'),
        (-5, 'attribute "started_at" must be a time since 1970 in s, ms or ns, not -5'),
        (1, 'attribute "started_at" must lie between the years 2000 and 2099'),
        (NOON // 1000, 'attribute "started_at" must lie between the years 2000 and 2099'),
        (32_503_680_000, 'attribute "started_at" must lie between the years 2000 and 2099'),
        (10**40, 'attribute "started_at" must lie between the years 2000 and 2099'),
    ],
)
def test_a_number_that_is_no_time_is_refused(number: int, said: str) -> None:
    with pytest.raises(Rejected) as refused:
        from_epoch(number, "started_at")

    assert (said, "started_at") == (str(refused.value), refused.value.field)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        (None, None),
        ("2025-03-12T12:00:00Z", NOON),
        ("2025-01-31T23:59:59.000Z", 1_738_367_999 * NS_PER_S),
        ("0001-01-01T00:00:00+23:59", 0),
        ("1969-12-31T23:59:59Z", 0),
        ("9999-12-31T23:59:59-23:59", 2**63 - 1),
    ],
)
def test_a_bound_is_an_instant_that_can_be_compared(text: str | None, instant: int | None) -> None:
    assert instant == from_date_time(text, "from")


@pytest.mark.parametrize("text", ["", "2025-03-12", "1741780800", "now", "2025-02-30T00:00:00Z"])
def test_a_bound_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(Rejected, match='attribute "from" must be an RFC 3339 date-time'):
        from_date_time(text, "from")
