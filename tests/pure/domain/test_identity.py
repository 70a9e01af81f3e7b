import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.domain.identity import id_from_chance, id_from_content
from tests.factories import NOON

CONTENT = ("checkout", "prod", "", ("a:1",), 7)


def test_an_id_follows_from_the_content() -> None:
    assert id_from_content(NOON, *CONTENT) == id_from_content(NOON, *CONTENT)


def test_an_id_never_changes() -> None:
    """A body that is sent again after an upgrade must still be the same deployment."""
    assert "01958a39-d200-76b6-8f2f-acb6ba97d717" == id_from_content(NOON, "checkout", "prod")


@pytest.mark.parametrize(
    "other",
    [
        ("checkout", "prod", "", ("a:2",), 7),
        ("checkout", "", "prod", ("a:1",), 7),
        ("checkoutprod", "", "", ("a:1",), 7),
        ("checkout", "prod", "", (), 7),
        (*CONTENT, ""),
    ],
)
def test_other_content_has_another_id(other: tuple[object, ...]) -> None:
    assert id_from_content(NOON, *CONTENT) != id_from_content(NOON, *other)


@given(st.integers(0, (1 << 48) - 1), st.binary(min_size=10, max_size=10))
def test_an_id_is_a_uuid_of_version_7_that_tells_its_time(ms: int, chance: bytes) -> None:
    for text in (id_from_chance(ms * 1_000_000, chance), id_from_content(ms * 1_000_000, chance)):
        made = uuid.UUID(text)

        assert text == str(made)
        assert (7, uuid.RFC_4122, ms) == (made.version, made.variant, made.int >> 80)


def test_ids_sort_by_time() -> None:
    ids = [id_from_content(NOON + ms * 1_000_000, "same") for ms in range(50)]

    assert sorted(ids) == ids


def test_chance_makes_ids_of_one_instant_differ() -> None:
    assert id_from_chance(NOON, b"0123456789") != id_from_chance(NOON, b"0123456780")
