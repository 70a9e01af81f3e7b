"""Everybody who calls in the tests of the dialects, each with a meaning that never changes.

Not here: what anybody sends.
"""

import itertools
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from fairlead.domain.access import SECRET_BYTES, KeyKind, Organisation, OrgId, Permission
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.usecases.create_key import KeyMade, KeyWanted, create_keys
from fairlead.usecases.create_organisation import create_organisations, new_organisation
from fairlead.usecases.revoke_key import KeyNamed, revoke_keys

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with headers that say who they are."""

    http: httpx.Client
    headers: dict[str, str]
    org_id: OrgId

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Send `body` as JSON; header names are given with `_` for `-`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, path, json=body, headers=self.headers | named)

    def send_bytes(self, method: str, path: str, body: bytes, **headers: str) -> httpx.Response:
        """Send `body` as it is."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, path, content=body, headers=self.headers | named)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for `path`."""
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Post `body` as JSON."""
        return self.send("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Patch with `body` as JSON."""
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> httpx.Response:
        """Delete `path`."""
        return self.send("DELETE", path, **headers)


@dataclass(frozen=True, slots=True)
class Cast:
    """Two organisations with everybody who calls."""

    ada: Person
    """May do everything, with an API key and an application key."""
    robot: Person
    """Has Ada's API key alone, as pipelines do."""
    ben: Person
    """May read DORA metrics, and nothing else."""
    cleo: Person
    """May write DORA metrics, and nothing else."""
    tom: Person
    """Has an access token that may do everything, and no key."""
    zoe: Person
    """May do everything in the other organisation."""
    eve: Person
    """A stranger with keys of the right form that are nobody's."""
    nobody: Person
    """A stranger without any key."""
    ledger: Ledger
    """The database of all of them, opened by the tests themselves."""

    def newcomer(self, *permissions: Permission) -> tuple[Person, KeyMade, KeyMade]:
        """Return a colleague of Ada's with fresh keys, and the two keys; no permission means all."""
        wanted = [
            _wanted(self.ada.org_id, KeyKind.API),
            _wanted(self.ada.org_id, KeyKind.APP, *permissions),
        ]
        api, app = self.ledger.write(_create, ([], wanted))
        return person(self.ada.http, api, app), api, app

    def revoke(self, made: KeyMade) -> None:
        """Revoke a key from now on."""
        self.ledger.write(revoke_keys, KeyNamed(org_id=made.key.org_id, id=made.key.id, at=time.time_ns()))


def a_cast(http: httpx.Client, ledger: Ledger, *, rate_limit: str = "") -> Cast:
    """Return a cast of two organisations that nobody else has."""
    home, elsewhere = (new_organisation(f"org-{uuid4().hex}", rate_limit, time.time_ns()) for _ in range(2))
    wanted = [
        _wanted(home.org_id, KeyKind.API),
        _wanted(home.org_id, KeyKind.APP),
        _wanted(home.org_id, KeyKind.APP, Permission.DORA_METRICS_READ),
        _wanted(home.org_id, KeyKind.APP, Permission.DORA_METRICS_WRITE),
        _wanted(home.org_id, KeyKind.ACCESS_TOKEN),
        _wanted(elsewhere.org_id, KeyKind.API),
        _wanted(elsewhere.org_id, KeyKind.APP),
    ]
    api, everything, reader, writer, token, *other = ledger.write(_create, ([home, elsewhere], wanted))
    stranger = {"DD-API-KEY": _forged(api.text), "DD-APPLICATION-KEY": _forged(everything.text)}
    return Cast(
        ada=person(http, api, everything),
        robot=Person(http, {"DD-API-KEY": api.text}, home.org_id),
        ben=person(http, api, reader),
        cleo=person(http, api, writer),
        tom=Person(http, {"Authorization": f"Bearer {token.text}"}, home.org_id),
        zoe=person(http, *other),
        eve=Person(http, stranger, home.org_id),
        nobody=Person(http, {}, home.org_id),
        ledger=ledger,
    )


def person(http: httpx.Client, api: KeyMade, app: KeyMade) -> Person:
    """Return somebody with an API key and an application key."""
    return Person(http, {"DD-API-KEY": api.text, "DD-APPLICATION-KEY": app.text}, api.key.org_id)


def _wanted(org_id: OrgId, kind: KeyKind, *permissions: Permission) -> KeyWanted:
    return KeyWanted(
        org_id=org_id,
        kind=kind,
        name=f"key {next(_numbers)}",
        permissions=frozenset(permissions),
        secret=os.urandom(SECRET_BYTES),
        chance=os.urandom(10),
        at=time.time_ns(),
    )


def _create(
    transaction: Transaction, facts: Sequence[tuple[list[Organisation], list[KeyWanted]]]
) -> list[Any]:
    """Create organisations with their keys, all with one wait for the disk."""
    made: list[Any] = []
    for organisations, keys in facts:
        create_organisations(transaction, organisations)
        made.append(create_keys(transaction, keys))
    return made


def _forged(text: str) -> str:
    """Return the key with another secret: the same kind and organisation, and nobody's."""
    return text[:-8] + ("A" * 8 if not text.endswith("A" * 8) else "B" * 8)
