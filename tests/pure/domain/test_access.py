import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.domain.access import (
    PREFIXES,
    SECRET_BYTES,
    KeyKind,
    OrgId,
    key_digest,
    key_owner,
    key_text,
    organisation_id,
)
from fairlead.domain.errors import Rejected

SECRETS = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)
ORGANISATIONS = st.integers(0, (1 << 63) - 1).map(OrgId)


@pytest.mark.parametrize("name", ["default", "a", "0", "shop-ist_2", "x" * 63])
def test_a_name_gives_an_organisation_its_id(name: str) -> None:
    assert 0 <= organisation_id(name) < 1 << 63
    assert organisation_id(name) == organisation_id(name)


def test_an_organisation_s_id_never_changes() -> None:
    """It is written into every row and every key: a release that computes another finds nothing."""
    assert 5_882_048_366_570_176_011 == organisation_id("default")


@pytest.mark.parametrize("name", ["", "A", "-a", "_a", "a b", "a.b", "ä", "x" * 64, "a\n"])
def test_an_odd_name_is_refused(name: str) -> None:
    with pytest.raises(Rejected, match="an organisation's name"):
        organisation_id(name)


@given(st.sampled_from(list(KeyKind)), ORGANISATIONS, SECRETS)
def test_a_key_tells_whose_it_is(kind: KeyKind, org_id: OrgId, secret: bytes) -> None:
    text = key_text(kind, org_id, secret)

    assert org_id == key_owner(text)
    assert text.startswith(PREFIXES[kind] + "_")
    assert text.isascii()


@given(ORGANISATIONS, SECRETS, SECRETS)
def test_keys_differ_by_their_secret(org_id: OrgId, one: bytes, other: bytes) -> None:
    texts = [key_text(KeyKind.API, org_id, secret) for secret in (one, other)]

    assert (one == other) == (key_digest(texts[0]) == key_digest(texts[1]))


@given(st.text(max_size=80))
def test_any_other_text_belongs_to_nobody_or_somebody_but_never_breaks(text: str) -> None:
    for prefix in ("", *(f"{prefix}_" for prefix in PREFIXES.values())):
        owner = key_owner(prefix + text)
        assert owner is None or 0 <= owner < 1 << 63


@pytest.mark.parametrize("text", ["", "flapi", "flapi_", "nobody_AAAAAAAAAAA_x", "flapi_ÄÄÄÄÄÄÄÄÄÄÄ_x"])
def test_a_text_of_another_form_belongs_to_nobody_that_exists(text: str) -> None:
    assert key_owner(text) in (None, 0)
