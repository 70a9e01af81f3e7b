"""Signing in with a real OpenID Connect provider, which runs beside the tests."""

import shutil
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from fairlead.domain.access import DEFAULT_ORGANISATION, organisation_id
from fairlead.domain.members import Member, MemberId, Role
from fairlead.store import members
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from tests.servers import Served, served

# The provider itself uses parts of Authlib that will go.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")

ORG = organisation_id(DEFAULT_ORGANISATION)


@dataclass(frozen=True)
class Login:
    """A server that people sign in to with a provider."""

    provider: str
    served: Served
    ledger: Ledger

    def returned(self, sub: str, **tampered: str) -> httpx.Response:
        """Go to the provider as `sub`, and come back; what comes back may be tampered with."""
        with httpx.Client(base_url=self.served.address, trust_env=False, timeout=60) as browser:
            left = browser.get("/sign-in/elsewhere", params={"next": "/failures"})
            assert 303 == left.status_code
            there = browser.post(left.headers["location"], data={"sub": sub})
            back = urlsplit(there.headers["location"])
            told = {name: values[0] for name, values in parse_qs(back.query).items()} | tampered
            return browser.get(back.path, params=told)

    def member(self, email: str) -> Member | None:
        return self.ledger.read(members.by_email, ORG, email)


def _put(transaction: Transaction, facts: Sequence[Member]) -> list[None]:
    for one in facts:
        members.put(transaction, one)
    return [None] * len(facts)


def describes(provider: str, sub: str, **claims: Any) -> None:
    httpx.put(f"{provider}/users/{sub}", json=claims).raise_for_status()


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with warnings.catch_warnings():
        # It is made with a part of Authlib that will go.
        warnings.simplefilter("ignore")
        from oidc_provider_mock import run_server_in_thread  # noqa: PLC0415 — as said above.

        with run_server_in_thread() as server:
            yield f"http://localhost:{server.server_port}"


@pytest.fixture(params=["viewer"])
def login(
    request: pytest.FixtureRequest, provider: str, sqlite_template: Path, tmp_path: Path
) -> Iterator[Login]:
    shutil.copyfile(sqlite_template, tmp_path / "fairlead.db")
    database = f"sqlite:///{tmp_path / 'fairlead.db'}"
    settings = {"oidc_issuer": provider, "oidc_client_id": "fairlead", "oidc_client_secret": "secret"}
    ledger = Ledger(database)
    with served(database, data_dir=str(tmp_path), oidc_role=request.param, **settings) as running:
        yield Login(provider, running, ledger)
    ledger.close()


def test_the_sign_in_page_offers_the_provider(login: Login) -> None:
    page = login.served.http.get("/sign-in").text

    assert f"Sign in with {urlsplit(login.provider).netloc}" in page


def test_somebody_the_provider_vouches_for_becomes_a_member_and_is_let_in(login: Login) -> None:
    describes(login.provider, "1815", email="Ada@Example.com", email_verified=True, name="Ada Lovelace")

    answer = login.returned("1815")
    again = login.returned("1815")

    assert (303, "/failures") == (answer.status_code, answer.headers["location"])
    assert "fairlead_session=flses_" in answer.headers["set-cookie"]
    ada = login.member("ada@example.com")
    assert ada is not None
    assert ("Ada Lovelace", Role.VIEWER, f"{login.provider} 1815") == (ada.name, ada.role, ada.subject)
    assert 303 == again.status_code
    assert 1 == len(login.ledger.read(members.members_of, ORG))


@pytest.mark.parametrize(("is_verified", "status"), [(True, 303), (False, 403)])
def test_a_known_address_is_taken_for_the_same_person_only_if_it_was_checked(
    login: Login, is_verified: bool, status: int
) -> None:
    known = Member(
        org_id=ORG, id=MemberId("m"), email="boss@example.com", name="Boss", role=Role.ADMIN, created_at=1
    )
    login.ledger.write(_put, known)
    describes(login.provider, "boss", email="boss@example.com", email_verified=is_verified)

    assert status == login.returned("boss").status_code
    found = login.member("boss@example.com")
    assert found is not None
    assert bool(found.subject) is is_verified


@pytest.mark.parametrize("login", ["none"], indirect=True)
def test_nobody_new_is_let_in_where_only_members_are(login: Login) -> None:
    describes(login.provider, "eve", email="eve@example.com", email_verified=True)

    answer = login.returned("eve")

    assert 403 == answer.status_code
    assert "ask an administrator for an invitation" in answer.text
    assert login.member("eve@example.com") is None


@pytest.mark.parametrize("tampered", [{"state": "another"}, {"state": ""}, {"code": "made-up"}, {"code": ""}])
def test_what_was_tampered_with_on_the_way_is_refused(login: Login, tampered: dict[str, str]) -> None:
    describes(login.provider, "eve", email="eve@example.com", email_verified=True)

    answer = login.returned("eve", **tampered)

    assert 403 == answer.status_code
    assert login.member("eve@example.com") is None


def test_a_return_that_nobody_left_for_is_refused(login: Login) -> None:
    answer = login.served.http.get("/sign-in/return", params={"state": "x", "code": "y"})

    assert 403 == answer.status_code


def test_somebody_without_an_address_is_refused(login: Login) -> None:
    describes(login.provider, "ghost", name="Ghost")

    answer = login.returned("ghost")

    assert 403 == answer.status_code
    assert "tells no e-mail address" in answer.text


def test_without_a_provider_there_is_nowhere_to_go(sqlite_template: Path, tmp_path: Path) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "fairlead.db")
    with served(f"sqlite:///{tmp_path / 'fairlead.db'}", data_dir=str(tmp_path)) as running:
        assert 404 == running.http.get("/sign-in/elsewhere").status_code
        assert "or</span>" not in running.http.get("/sign-in").text
