import pytest

from fairlead.domain.errors import Rejected
from fairlead.domain.texts import LONGEST_TAG, LONGEST_TEXT, MOST_TAGS, require_tags, require_text


@pytest.mark.parametrize("text", ["", "checkout", "größe", "a\nb", "x" * LONGEST_TEXT])
def test_a_text_is_kept_as_it_is(text: str) -> None:
    assert text == require_text(text, "service")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * (LONGEST_TEXT + 1), 'attribute "service" is longer than 1000 characters'),
        ("a\x00b", 'attribute "service" holds a NUL character'),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused(text: str, said: str) -> None:
    with pytest.raises(Rejected) as refused:
        require_text(text, "service")

    assert (said, "service") == (str(refused.value), refused.value.field)


def test_tags_are_kept_in_order_each_once() -> None:
    assert ("b:2", "a:1", "url:http://x") == require_tags(["b:2", "a:1", "b:2", "url:http://x"], "tags")


def test_a_repeated_tag_does_not_count_twice() -> None:
    tags = [f"a:{number}" for number in range(MOST_TAGS)]

    assert tuple(tags) == require_tags([*tags, *tags], "tags")


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (["region"], "must hold tags of the form key:value"),
        (["region:"], "must hold tags of the form key:value"),
        ([":eu"], "must hold tags of the form key:value"),
        ([""], "must hold tags of the form key:value"),
        ([f"a:{number}" for number in range(MOST_TAGS + 1)], "holds more than 100 tags"),
        (["a:" + "b" * LONGEST_TAG], "is longer than 1000 characters"),
        (["a:\x00"], "holds a NUL character"),
    ],
)
def test_tags_that_cannot_be_kept_are_refused(tags: list[str], said: str) -> None:
    with pytest.raises(Rejected) as refused:
        require_tags(tags, "custom_tags")

    assert (f'attribute "custom_tags" {said}', "custom_tags") == (str(refused.value), refused.value.field)
