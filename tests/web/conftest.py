"""What tests of the pages start from: servers with members, and people with a session of their own."""

import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright

from fairlead.domain.access import OrgId
from fairlead.domain.members import (
    LINK_LASTS_NS,
    SECRET_BYTES,
    Link,
    Member,
    MemberId,
    Role,
    Session,
    TokenKind,
    form_token,
    token_digest,
    token_text,
)
from fairlead.domain.passwords import hashed
from fairlead.intake.sessions import COOKIE
from fairlead.store import members
from fairlead.store.engine import Transaction
from fairlead.store.ledger import Ledger
from fairlead.usecases.create_organisation import create_organisations, new_organisation
from fairlead.usecases.make_link import make_links
from fairlead.web.chart_library import library_url
from fairlead.web.forms import masked
from tests.conftest import ENGINES, database_for_a_session
from tests.databases import missing
from tests.servers import Served, served
from tests.web.furnished import Furnished, furnish
from tests.web.windows import Window, opened

PASSWORD = "correct horse battery staple"
HASH = hashed(PASSWORD, b"0123456789abcdef")


@dataclass(frozen=True)
class Browser:
    """Somebody with a browser, as far as HTTP goes: it follows nothing and keeps nothing."""

    client: httpx.Client
    cookie: str = ""
    origin: str = ""

    def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Send a request as a page of the server would."""
        headers = {"Cookie": self.cookie, "Origin": self.origin} | options.pop("headers", {})
        shown = {name: value for name, value in headers.items() if value}
        answer = self.client.request(method, path, headers=shown, **options)
        self.client.cookies.clear()
        return answer

    def get(self, path: str, **params: str) -> httpx.Response:
        """Look at a page."""
        return self.send("GET", path, params=params or None)

    def submit(self, path: str, fields: Mapping[str, str | list[str]]) -> httpx.Response:
        """Send a form."""
        return self.send("POST", path, data=fields)


@dataclass(frozen=True)
class Visitor(Browser):
    """Somebody who is signed in."""

    member: Member = field(kw_only=True)
    session: str = field(kw_only=True)

    def page(self, path: str, **params: str) -> str:
        """Look at a page that is there."""
        answer = self.get(path, **params)
        assert 200 == answer.status_code, (answer.status_code, answer.text[:2000])
        return answer.text

    def post(self, path: str, **fields: str | list[str]) -> httpx.Response:
        """Send a form as the page has it."""
        token = masked(form_token(self.session), os.urandom(32))
        return self.submit(path, {"form_token": token, **fields})


@dataclass(frozen=True)
class Site:
    """A server with an organisation of its own, and everybody who looks at it."""

    served: Served
    ledger: Ledger
    org_id: OrgId
    organisation: str
    ada: Visitor
    """An administrator."""
    mia: Visitor
    """A member."""
    vic: Visitor
    """A viewer."""
    zoe: Visitor
    """An administrator of another organisation."""

    @property
    def stranger(self) -> Browser:
        """A browser that nobody has signed in with."""
        return Browser(self.served.http, origin=self.served.address)

    def link(self, role: Role = Role.MEMBER, **changes: object) -> str:
        """Return the path of a new link."""
        text = token_text(TokenKind.LINK, self.org_id, os.urandom(SECRET_BYTES))
        now = time.time_ns()
        fields = {"created_by": "ada", "created_at": now, "expires_at": now + LINK_LASTS_NS} | changes
        self.ledger.write(
            make_links,
            Link(org_id=self.org_id, digest=token_digest(text), role=role, **fields),  # type: ignore[arg-type]
        )
        return f"/welcome/{text}"


def a_site(running: Served, ledger: Ledger) -> Site:
    """Return two new organisations with their members."""
    names = [f"org-{uuid4().hex}" for _ in range(2)]
    home, elsewhere = (ledger.write(create_organisations, new_organisation(name, "", 1)) for name in names)
    people = [(home, "ada", Role.ADMIN), (home, "mia", Role.MEMBER), (home, "vic", Role.VIEWER)]
    visitors = [
        a_visitor(running, ledger, org.org_id, name, role)
        for org, name, role in [*people, (elsewhere, "zoe", Role.ADMIN)]
    ]
    return Site(running, ledger, home.org_id, names[0], *visitors)


def a_visitor(running: Served, ledger: Ledger, org_id: OrgId, name: str, role: Role) -> Visitor:
    """Return a new member who is signed in."""
    member, text = a_session(ledger, org_id, name, role)
    return Visitor(running.http, f"{COOKIE}={text}", running.address, member=member, session=text)


def a_session(ledger: Ledger, org_id: OrgId, name: str, role: Role) -> tuple[Member, str]:
    """Return a new member, and the text of a session of theirs."""
    now = time.time_ns()
    text = token_text(TokenKind.SESSION, org_id, os.urandom(SECRET_BYTES))
    member = Member(
        org_id=org_id,
        id=MemberId(uuid4().hex),
        email=f"{name}@example.com",
        name=name.title(),
        role=role,
        password_hash=HASH,
        created_at=now,
    )
    session = Session(
        org_id=org_id,
        digest=token_digest(text),
        member_id=member.id,
        created_at=now,
        expires_at=now + LINK_LASTS_NS,
    )
    ledger.write(_put, (member, session))
    return member, text


def _put(transaction: Transaction, facts: Sequence[tuple[Member, Session]]) -> list[None]:
    for member, session in facts:
        members.put(transaction, member)
        members.put_session(transaction, session)
    return [None] * len(facts)


@pytest.fixture(scope="session", params=ENGINES)
def shared_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a database that is up to date, for every test of one engine."""
    yield from database_for_a_session(request, tmp_path_factory, "site")


@pytest.fixture(scope="session")
def shared_ledger(shared_database: str) -> Iterator[Ledger]:
    """The shared database, opened by the tests themselves."""
    ledger = Ledger(shared_database)
    yield ledger
    ledger.close()


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What all servers keep their files in: the chart library is long in being written out."""
    return str(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def shared_server(shared_database: str, data_dir: str) -> Iterator[Served]:
    """A server as it is without any setting."""
    with served(shared_database, data_dir=data_dir) as running:
        yield running


@pytest.fixture
def site(shared_server: Served, shared_ledger: Ledger) -> Site:
    """Two new organisations on the shared server, and everybody who looks at them."""
    return a_site(shared_server, shared_ledger)


# Closed with the module: while it runs, its event loop is in the way of tests that have one of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    path = shutil.which("chromium")
    if path is None:
        missing("chromium is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def building(
    sqlite_template: Path, data_dir: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, Ledger]]:
    place = tmp_path_factory.mktemp("looked-at")
    database = f"sqlite:///{place / 'fairlead.db'}"
    shutil.copyfile(sqlite_template, place / "fairlead.db")
    ledger = Ledger(database)
    with served(database, data_dir=data_dir) as running:
        # Written out by the first who asks, which takes as long as a busy machine likes.
        running.http.get(library_url(), timeout=100).raise_for_status()
        yield running, ledger
    ledger.close()


@dataclass(frozen=True)
class House(Site):
    """A site with something to look at."""

    things: Furnished = field(kw_only=True)


@pytest.fixture(scope="session")
def furnished_site(building: tuple[Served, Ledger]) -> House:
    site = a_site(*building)
    things = furnish(site.ledger, site.org_id, time.time_ns())
    return House(**{name: getattr(site, name) for name in Site.__dataclass_fields__}, things=things)


@pytest.fixture
def empty_site(building: tuple[Served, Ledger]) -> Site:
    return a_site(*building)


@pytest.fixture
def ada(browser: Chromium, furnished_site: House) -> Iterator[Window]:
    window = opened(browser, furnished_site.ada.session, furnished_site.served.address, "wide", "light")
    yield window
    window.page.context.close()
    assert [] == window.complaints
    assert [] == window.elsewhere


@pytest.fixture
def newcomer(browser: Chromium, empty_site: Site) -> Iterator[tuple[Window, Site]]:
    window = opened(browser, empty_site.ada.session, empty_site.served.address, "narrow", "dark")
    yield window, empty_site
    window.page.context.close()
    assert [] == window.complaints
    assert [] == window.elsewhere
