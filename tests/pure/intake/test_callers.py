import asyncio
from typing import Any

from fairlead.domain.access import KeyId, KeyKind, OrgId, Permission, key_digest, key_text
from fairlead.intake.callers import Callers, KeyHolder
from tests.factories import NOON, ORG_ID, a_key, an_organisation

TEXT = key_text(KeyKind.API, ORG_ID, b"s" * 32)


class Keys:
    """A store of one key, which counts how often it is asked."""

    def __init__(self, **changes: Any) -> None:
        self.holder: KeyHolder = a_key(**changes), an_organisation(rate_limit="5/minute")
        self.asked = 0

    async def find(self, org_id: OrgId, digest: bytes) -> KeyHolder | None:
        self.asked += 1
        await asyncio.sleep(0)
        return self.holder if (org_id, digest) == (ORG_ID, key_digest(TEXT)) else None


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def callers_of(keys: Keys) -> tuple[Callers, Clock]:
    clock = Clock()
    return Callers(keys.find, clock), clock


def test_a_key_tells_who_calls() -> None:
    keys = Keys(kind=KeyKind.APP, permissions=frozenset({Permission.ORG_ADMIN}))
    callers, _ = callers_of(keys)

    caller = asyncio.run(callers.caller(TEXT))

    assert caller is not None
    assert (ORG_ID, keys.holder[0].id, KeyKind.APP, frozenset({Permission.ORG_ADMIN}), "5/minute") == (
        caller.org_id,
        KeyId(caller.key_id),
        caller.kind,
        caller.permissions,
        caller.rate_limit,
    )


def test_a_key_is_asked_for_once_in_half_a_second() -> None:
    keys = Keys()
    callers, clock = callers_of(keys)
    for now_s, asked in ((0, 1), (0.4, 1), (0.51, 2), (1.0, 2), (1.02, 3)):
        clock.now_s = now_s
        assert asyncio.run(callers.caller(TEXT))

        assert asked == keys.asked


def test_being_used_does_not_keep_a_revoked_key_alive() -> None:
    keys = Keys()
    callers, clock = callers_of(keys)
    assert asyncio.run(callers.caller(TEXT))
    keys.holder = a_key(revoked_at=NOON), keys.holder[1]

    for tenth in range(1, 6):
        clock.now_s = tenth / 10 - 0.01
        assert callers.remembered(TEXT)
    clock.now_s = 0.51

    assert callers.remembered(TEXT) is None
    assert asyncio.run(callers.caller(TEXT)) is None


def test_many_who_come_together_ask_once() -> None:
    keys = Keys()
    callers, _ = callers_of(keys)

    async def together() -> list[Any]:
        return await asyncio.gather(*(callers.caller(TEXT) for _ in range(50)))

    assert all(asyncio.run(together()))
    assert 1 == keys.asked


def test_nobody_is_remembered_as_nobody() -> None:
    keys = Keys()
    callers, _ = callers_of(keys)
    wrong = key_text(KeyKind.API, ORG_ID, b"x" * 32)

    assert [None] * 3 == [asyncio.run(callers.caller(wrong)) for _ in range(3)]
    assert 1 == keys.asked


def test_a_text_that_is_too_long_is_neither_looked_up_nor_remembered() -> None:
    keys = Keys()
    callers, _ = callers_of(keys)

    assert asyncio.run(callers.caller(TEXT + "x" * 10_000)) is None
    assert (0, 0) == (keys.asked, len(callers._known))


def test_only_so_many_are_remembered() -> None:
    keys = Keys()
    callers, _ = callers_of(keys)

    async def many() -> None:
        for number in range(10_050):
            await callers.caller(f"flapi_{number}")

    asyncio.run(many())

    assert 10_000 == len(callers._known)


def test_a_store_that_fails_is_asked_again() -> None:
    failures = [OSError("gone")]

    async def find(_org_id: OrgId, _digest: bytes) -> KeyHolder | None:
        if failures:
            raise failures.pop()
        return a_key(), an_organisation()

    callers = Callers(find, Clock())

    async def twice() -> list[Any]:
        first = await asyncio.gather(callers.caller(TEXT), return_exceptions=True)
        return [*first, await callers.caller(TEXT)]

    first, second = asyncio.run(twice())
    assert isinstance(first, OSError)
    assert second
