"""Insight scores: the words that are confirmed, and that a better value never has a lower score."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.metrics.insight_scores import (
    AGGREGATES,
    INDICATORS,
    NOT_CALCULATED,
    SCALES,
    indicator_of,
    score_of,
    scores,
)

DAY = 86_400 * 1_000_000_000
NAMES = sorted(SCALES)


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("leadTime", DAY - 1, "excellent"),
        ("leadTime", DAY, "good"),
        ("leadTime", 7 * DAY, "good"),
        ("leadTime", 7 * DAY + 1, "fair"),
        ("leadTime", 28 * DAY, "fair"),
        ("leadTime", 28 * DAY + 1, "needsAttention"),
        ("leadTime", 10_000 * DAY, "needsAttention"),
        ("deploymentFrequency", 1, "excellent"),
        ("deploymentFrequency", 0.99, "good"),
        ("deploymentFrequency", 1 / 7, "good"),
        ("deploymentFrequency", 0.1, "fair"),
        ("deploymentFrequency", 0, "needsAttention"),
        ("deploymentFailureRate", 0, "excellent"),
        ("deploymentFailureRate", 0.31, "needsAttention"),
        ("flagHealth", 0.1, "good"),
    ],
)
def test_values_have_their_word_and_a_score_that_belongs_to_it(name: str, value: float, word: str) -> None:
    found = score_of(SCALES[name], value)

    assert word == found.indicator.name
    assert found.indicator.least <= found.score <= found.indicator.most


def test_words_share_the_scores_from_0_to_100() -> None:
    told = {score: indicator_of(score).name for score in range(101)}

    assert ["needsAttention", "needsAttention", "fair", "fair", "good", "good", "excellent", "excellent"] == [
        told[score] for score in (0, 39, 40, 69, 70, 89, 90, 100)
    ]
    assert 4 == len(INDICATORS)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(NAMES), st.floats(0, 1e17), st.floats(0, 1e17))
def test_a_better_value_never_has_a_lower_score(name: str, one: float, other: float) -> None:
    scale = SCALES[name]
    better, worse = sorted([one, other], reverse=scale.rises)

    assert score_of(scale, better).score >= score_of(scale, worse).score


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from(NAMES), st.floats(0, 2), min_size=1),
    st.sampled_from(NAMES),
    st.floats(0, 2),
)
def test_a_better_part_never_lowers_the_whole(values: dict[str, float], name: str, other: float) -> None:
    values.setdefault(name, 0.5)
    scale = SCALES[name]
    better, worse = sorted([values[name], other], reverse=scale.rises)
    high, low = scores({**values, name: better}), scores({**values, name: worse})

    for aggregate in AGGREGATES:
        assert high[aggregate].score >= low[aggregate].score


def test_what_is_not_known_is_not_calculated_and_lowers_nothing() -> None:
    found = scores({"leadTime": 0})

    assert NOT_CALCULATED is found["deploymentFrequency"].indicator
    assert (100, 100, NOT_CALCULATED) == (
        found["velocity"].score,
        found["overall"].score,
        found["risk"].indicator,
    )
    assert {NOT_CALCULATED} == {one.indicator for one in scores({}).values()}
