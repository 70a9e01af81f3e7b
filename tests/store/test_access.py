from itertools import count
from typing import Any

import pytest

from fairlead.domain.access import (
    EVERY_PERMISSION,
    SECRET_BYTES,
    KeyKind,
    Organisation,
    OrgId,
    Permission,
    key_digest,
    key_owner,
)
from fairlead.domain.errors import Conflict, NotFound, Rejected
from fairlead.store import access
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.usecases.create_key import KeyMade, KeyWanted, create_keys
from fairlead.usecases.create_organisation import create_organisations, new_organisation
from fairlead.usecases.find_key import find_key
from fairlead.usecases.list_keys import list_keys
from fairlead.usecases.list_organisations import list_organisations
from fairlead.usecases.revoke_key import KeyNamed, revoke_keys
from fairlead.usecases.set_rate_limit import RateLimitFor, set_rate_limits
from tests.factories import NOON, a_key, an_organisation

_numbers = count(1)


def a_wanted_key(**changes: Any) -> KeyWanted:
    number = next(_numbers)
    fields: dict[str, Any] = {
        "org_id": changes["org_id"],
        "kind": KeyKind.API,
        "name": "ci",
        "secret": number.to_bytes(SECRET_BYTES, "big"),
        "chance": number.to_bytes(10, "big"),
        "at": NOON,
    }
    return KeyWanted(**fields | changes)


def a_made_key(ledger: Ledger, **changes: Any) -> KeyMade:
    made: KeyMade = ledger.write(create_keys, a_wanted_key(**changes))
    return made


def test_a_new_database_has_the_default_organisation_only(ledger: Ledger) -> None:
    assert ["default"] == [one.name for one in ledger.read(list_organisations)]


def test_organisations_come_back_by_name(ledger: Ledger) -> None:
    for name in ("zebra", "apple"):
        ledger.write(create_organisations, an_organisation(name=name))

    assert ["apple", "default", "zebra"] == [one.name for one in ledger.read(list_organisations)]


def test_an_organisation_keeps_what_it_was_created_with(ledger: Ledger) -> None:
    created = new_organisation("shopist", "600/minute", NOON)

    assert created == ledger.write(create_organisations, created)
    assert created in ledger.read(list_organisations)


def test_a_name_cannot_be_taken_twice(ledger: Ledger) -> None:
    ledger.write(create_organisations, an_organisation(name="shopist"))

    with pytest.raises(Conflict, match="already an organisation named shopist"):
        ledger.write(create_organisations, an_organisation(name="shopist", created_at=NOON + 1))


def test_a_name_taken_in_the_same_batch_is_refused_too(ledger: Ledger) -> None:
    def create_two(transaction: Transaction, _facts: object) -> list[object]:
        return [create_organisations(transaction, [an_organisation(name="twin")] * 2)]

    first, second = ledger.write(create_two, None)
    assert isinstance(first, Organisation)
    assert isinstance(second, Conflict)


@pytest.mark.parametrize("name", ["", "Shopist", "a b", "-a", "ä", "a" * 64, "a\n"])
def test_a_name_that_cannot_be_an_organisations_is_refused(name: str) -> None:
    with pytest.raises(Rejected, match="an organisation's name is"):
        new_organisation(name, "", NOON)


def test_a_rate_limit_is_set_and_taken_back(ledger: Ledger, org_id: OrgId) -> None:
    ledger.write(set_rate_limits, RateLimitFor(organisation="default", rate_limit="5/second"))
    limited = ledger.read(access.get_organisation, org_id)
    ledger.write(set_rate_limits, RateLimitFor(organisation="default", rate_limit=""))
    unlimited = ledger.read(access.get_organisation, org_id)

    assert limited is not None
    assert unlimited is not None
    assert ("5/second", "") == (limited.rate_limit, unlimited.rate_limit)


def test_a_rate_limit_for_nobody_is_refused(ledger: Ledger) -> None:
    with pytest.raises(NotFound, match="no organisation named nobody"):
        ledger.write(set_rate_limits, RateLimitFor(organisation="nobody", rate_limit=""))


def test_a_rate_limit_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(Rejected, match="such as 600/minute"):
        RateLimitFor(organisation="default", rate_limit="lots")


@pytest.mark.parametrize("kind", [KeyKind.APP, KeyKind.ACCESS_TOKEN])
def test_a_key_without_permissions_named_has_all_of_them(
    ledger: Ledger, org_id: OrgId, kind: KeyKind
) -> None:
    assert EVERY_PERMISSION == a_made_key(ledger, org_id=org_id, kind=kind).key.permissions


def test_a_key_has_the_permissions_named(ledger: Ledger, org_id: OrgId) -> None:
    wanted = frozenset({Permission.DORA_METRICS_READ})

    made = a_made_key(ledger, org_id=org_id, kind=KeyKind.APP, permissions=wanted)

    assert [made.key] == ledger.read(list_keys, org_id)
    assert wanted == made.key.permissions


def test_an_api_key_has_no_permissions(ledger: Ledger, org_id: OrgId) -> None:
    assert frozenset() == a_made_key(ledger, org_id=org_id).key.permissions


def test_permissions_for_an_api_key_are_refused(org_id: OrgId) -> None:
    with pytest.raises(Rejected, match="has no permissions"):
        a_wanted_key(org_id=org_id, permissions=frozenset({Permission.ORG_ADMIN}))


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "a\x00b"])
def test_a_key_without_a_proper_name_is_refused(org_id: OrgId, name: str) -> None:
    with pytest.raises(Rejected, match="name"):
        a_wanted_key(org_id=org_id, name=name)


def test_a_key_is_found_by_its_text_with_its_organisation(ledger: Ledger, org_id: OrgId) -> None:
    made = a_made_key(ledger, org_id=org_id)

    found = ledger.read(find_key, org_id, key_digest(made.text))

    assert found is not None
    assert (made.key, "default") == (found[0], found[1].name)
    assert org_id == key_owner(made.text)


def test_the_text_of_a_key_is_kept_nowhere(ledger: Ledger, org_id: OrgId) -> None:
    made = a_made_key(ledger, org_id=org_id)

    [kept] = ledger.read(lambda transaction: list(transaction.exec_driver_sql("SELECT * FROM keys")))
    secret = made.text.rpartition("_")[2]
    assert not [
        value for value in kept if secret in str(value) or secret.encode() in bytes(str(value), "utf-8")
    ]


def test_a_key_for_an_organisation_that_is_not_there_is_refused(ledger: Ledger, other_org_id: OrgId) -> None:
    with pytest.raises(NotFound, match="no such organisation"):
        a_made_key(ledger, org_id=other_org_id)


def test_an_organisation_sees_its_own_keys_only(ledger: Ledger, org_id: OrgId) -> None:
    other = ledger.write(create_organisations, an_organisation())
    mine = a_made_key(ledger, org_id=org_id)
    theirs = a_made_key(ledger, org_id=other.org_id)

    assert [mine.key] == ledger.read(list_keys, org_id)
    assert ledger.read(find_key, org_id, key_digest(theirs.text)) is None


def test_keys_of_an_organisation_that_is_not_there_are_not_an_empty_list(
    ledger: Ledger, other_org_id: OrgId
) -> None:
    with pytest.raises(NotFound):
        ledger.read(list_keys, other_org_id)


def test_keys_come_back_oldest_first(ledger: Ledger, org_id: OrgId) -> None:
    names = [a_made_key(ledger, org_id=org_id, name=f"k{n}", at=NOON - n).key.name for n in range(3)]

    assert names[::-1] == [key.name for key in ledger.read(list_keys, org_id)]


def test_a_revoked_key_says_since_when(ledger: Ledger, org_id: OrgId) -> None:
    made = a_made_key(ledger, org_id=org_id)

    ledger.write(revoke_keys, KeyNamed(org_id=org_id, id=made.key.id, at=NOON + 5))

    assert [NOON + 5] == [key.revoked_at for key in ledger.read(list_keys, org_id)]


def test_revoking_again_keeps_the_first_instant(ledger: Ledger, org_id: OrgId) -> None:
    made = a_made_key(ledger, org_id=org_id)
    for at in (NOON + 5, NOON + 9):
        ledger.write(revoke_keys, KeyNamed(org_id=org_id, id=made.key.id, at=at))

    assert [NOON + 5] == [key.revoked_at for key in ledger.read(list_keys, org_id)]


def test_a_key_that_is_not_there_cannot_be_revoked(ledger: Ledger, org_id: OrgId) -> None:
    with pytest.raises(NotFound, match="no key with id k-1 in this organisation"):
        ledger.write(revoke_keys, KeyNamed(org_id=org_id, id="k-1", at=NOON))


def test_nobody_can_revoke_the_key_of_another_organisation(ledger: Ledger, org_id: OrgId) -> None:
    other = ledger.write(create_organisations, an_organisation())
    theirs = a_made_key(ledger, org_id=other.org_id)

    with pytest.raises(NotFound):
        ledger.write(revoke_keys, KeyNamed(org_id=org_id, id=theirs.key.id, at=NOON))
    assert [None] == [key.revoked_at for key in ledger.read(list_keys, other.org_id)]


def test_a_key_comes_back_as_it_was_put(ledger: Ledger, org_id: OrgId) -> None:
    key = a_key(kind=KeyKind.ACCESS_TOKEN, permissions=EVERY_PERMISSION, revoked_at=NOON)

    def put(transaction: Transaction, _facts: object) -> list[None]:
        access.put_key(transaction, key, b"\x00\xff" * 16)
        return [None]

    ledger.write(put, None)

    assert key == ledger.read(access.key_by_digest, org_id, b"\x00\xff" * 16)
