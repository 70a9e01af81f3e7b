import json
import os
import re
import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from fairlead.domain.access import OrgId
from fairlead.domain.changes import Commit, RepositoryId, Sha
from fairlead.domain.repositories import repository_id
from fairlead.store import commits, links, work
from fairlead.store.git_cache import GitCache, git_folder
from fairlead.store.ledger import Ledger
from tests.histories import Repository
from tests.large_histories import a_monorepo
from tests.official_clients import DatadogCi, datadog_ci, tls_server
from tests.programs import Program, Server
from tests.running import a_key
from tests.waiting import became

SEARCH = "/api/v2/git/repository/search_commits"
PACKFILE = "/api/v2/git/repository/packfile"
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Site:
    """A running server over TLS, and the client that knows it."""

    program: Program
    server: Server
    client: DatadogCi
    http: httpx.Client
    key: str
    authority: Path

    @property
    def data(self) -> Path:
        """The server's data directory."""
        return self.program.home / ".local" / "share" / "fairlead"

    def run(self, history: Repository, *options: str, url: str, code: int = 0, **variables: str) -> str:
        """Run the official client on a repository and return what it printed."""
        upload = "git-metadata", "upload", "--repository-url", url, *options
        variables = {"HOME": str(self.program.home)} | variables
        ended = self.client.run(*upload, cwd=history.path, **variables)
        assert code == ended.code, ended.printed
        return ended.printed

    def known(self, url: str, asked: list[Sha]) -> set[str]:
        """Return which commits the server says it knows."""
        told = {"meta": {"repository_url": url}, "data": [{"id": sha, "type": "commit"} for sha in asked]}
        return {one["id"] for one in self.http.post(SEARCH, json=told).json()["data"]}

    def packs_received(self) -> int:
        """Return how many packs were answered with success."""
        counts = re.findall(rf'requests_total{{.*route="{PACKFILE}",status="20."}} (\d+)', self.metrics())
        return sum(int(count) for count in counts)

    def metrics(self) -> str:
        """Return the server's own numbers."""
        return self.http.get("/metrics").text

    def recorded(self, url: str, org_id: OrgId, shas: list[Sha]) -> dict[Sha, Commit]:
        """Return which commits are in the database."""
        with self.ledger() as ledger:
            return ledger.read(commits.fetch, org_id, RepositoryId(repository_id(url)), shas)

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Open the server's database beside it."""
        ledger = Ledger(f"sqlite:///{self.data / 'fairlead.db'}")
        try:
            yield ledger
        finally:
            ledger.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server that all tests share, each with a repository of its own."""
    with serving(Program(tmp_path_factory.mktemp("site"))) as running:
        yield running


@pytest.fixture
def url() -> str:
    """The address of a repository that no other test uses."""
    return f"https://git.example.test/acme/{uuid4().hex}.git"


@pytest.fixture
def shop(tmp_path: Path, url: str) -> Repository:
    """A repository whose commits are of the last days."""
    return a_repository(tmp_path / "shop", url, days=5)


def a_repository(path: Path, url: str, days: int) -> Repository:
    """Return an empty repository whose first commit will be that many days old."""
    history = Repository(path, at_s=int(time.time()) - days * DAY_S)
    history.git("remote", "add", "origin", url)
    return history


@contextmanager
def serving(program: Program) -> Iterator[Site]:
    """Serve the program's data directory over TLS."""
    key = a_key(program)["key"]
    with tls_server(program) as (server, authority), datadog_ci(server, authority, key) as client:
        headers, trusted = {"DD-API-KEY": key}, ssl.create_default_context(cafile=str(authority))
        with httpx.Client(
            base_url=server.address, verify=trusted, headers=headers, trust_env=False, timeout=60
        ) as http:
            yield Site(program, server, client, http, key, authority)


def test_the_first_upload_brings_all_and_the_second_sends_nothing(
    site: Site, shop: Repository, url: str, org_id: OrgId
) -> None:
    made = shop.commits(12)
    before = site.packs_received()

    site.run(shop, url=url)

    assert (set(made), before + 1) == (site.known(url, made), site.packs_received())
    assert ("src/part1/file11.txt",) == site.recorded(url, org_id, made)[made[-1]].paths

    site.run(shop, url=url)

    assert before + 1 == site.packs_received()


def test_the_next_upload_sends_what_is_new(site: Site, shop: Repository, url: str, org_id: OrgId) -> None:
    made = shop.commits(5)
    site.run(shop, url=url)
    new = shop.commit("Later", {"src/part0/file0.txt": "2"})

    site.run(shop, url=url)

    assert {*made, new} == site.known(url, [*made, new])
    assert ("src/part0/file0.txt",) == site.recorded(url, org_id, [new])[new].paths


def test_only_the_last_month_arrives_and_its_beginning_is_known(site: Site, tmp_path: Path, url: str) -> None:
    history = a_repository(tmp_path / "old", url, days=70)
    old = history.commits(3)
    yesterday = int(time.time()) - DAY_S
    recent = [
        history.commit(f"Recent {n}", {f"src/part{n}/new.txt": "1"}, date=f"{yesterday + n} +0000")
        for n in range(3)
    ]
    before = site.packs_received()

    site.run(history, url=url)
    site.run(history, url=url)

    assert (set(recent), before + 1) == (site.known(url, recent), site.packs_received())
    assert set() == site.known(url, [*old, *recent])


def test_a_shallow_clone_is_uploaded_as_far_as_it_can_be_deepened(
    site: Site, shop: Repository, tmp_path: Path, url: str
) -> None:
    made = shop.commits(8)
    shallow = shop.shallow_clone(tmp_path / "shallow", depth=1)

    site.run(shallow, url=url)

    assert set(made) == site.known(url, made)


def test_after_a_shallow_upload_that_could_not_be_deepened_the_rest_still_arrives(
    site: Site, shop: Repository, tmp_path: Path, url: str
) -> None:
    made = shop.commits(8)
    stuck = shop.shallow_clone(tmp_path / "shallow", depth=2)
    for pack in stuck.packs([made[-1]]):
        send(site, url, made[-1], pack)
    before = site.known(url, made[-2:])

    site.run(shop, url=url)

    assert (set(made[-2:]), set(made)) == (before, site.known(url, made))


def test_a_history_of_several_packs_arrives(site: Site, shop: Repository, url: str) -> None:
    made = a_large_history(shop)
    before = site.packs_received()

    site.run(shop, url=url)

    assert set(made) == site.known(url, made)
    assert before + 2 <= site.packs_received()


def test_each_of_many_deployments_of_several_services_has_the_commits_that_git_says(
    site: Site, tmp_path: Path, url: str, org_id: OrgId
) -> None:
    history = a_monorepo(tmp_path / "mono", url, commits=2000, deployments=40, until_s=int(time.time()))
    app = {"DD-APPLICATION-KEY": a_key(site.program, "app")["key"]}
    for told in history.definitions():
        site.http.post("/api/v2/services/definitions", json=told, headers=app).raise_for_status()
    for one in history.deployments[:20]:
        site.http.post("/api/v2/dora/deployment", json=one.body(url)).raise_for_status()

    site.run(history.repository, url=url)
    assert became(lambda: set(history.shas) == site.recorded(url, org_id, history.shas).keys(), within_s=60)
    for one in history.deployments[20:]:
        site.http.post("/api/v2/dora/deployment", json=one.body(url)).raise_for_status()

    expected = history.expected()
    with site.ledger() as ledger:
        assert became(lambda: ledger.read(work.waiting) == 0, within_s=60)
        brought = {
            one.id: {linked.sha for linked in ledger.read(links.commits_of, org_id, one.id) if linked.lead}
            for one in history.deployments
        }
    assert {one.id: expected.get(one.id, set()) for one in history.deployments} == brought


def test_after_an_upload_that_stopped_between_two_packs_all_is_sent_again(
    site: Site, shop: Repository, url: str
) -> None:
    made = a_large_history(shop)
    first, *_ = shop.packs(made)
    send(site, url, made[-1], first)
    before = site.known(url, made)

    site.run(shop, url=url)

    assert (set(), set(made)) == (before, site.known(url, made))


def test_a_file_list_alone_is_a_success_without_packs(site: Site, shop: Repository, url: str) -> None:
    shop.commits(2)
    before = site.packs_received()

    site.run(shop, "--no-gitsync", url=url)

    assert before == site.packs_received()


def test_a_wrong_key_makes_the_client_fail(site: Site, shop: Repository, url: str) -> None:
    shop.commits(1)

    assert "API_KEY" in site.run(shop, url=url, code=1, DD_API_KEY="wrong")


def test_the_key_in_an_address_is_never_logged(site: Site, shop: Repository, url: str) -> None:
    shop.commits(1)
    site.run(shop, url=url)

    assert 'route="/api/v1/series",status="202"' in site.metrics()
    assert site.key not in site.server.log


def test_a_server_killed_in_the_middle_of_a_pack_leaves_nothing_to_clean_by_hand(
    program: Program, shop: Repository, url: str
) -> None:
    made = shop.commits(5)
    with serving(program) as site, half_sent(site, url, made[-1]):
        site.server.process.kill()
        site.server.process.wait()
    [half] = site.data.glob("git/*/arriving/*")
    # As if a minute had passed.
    os.utime(half, (1, 1))

    with serving(program) as site:
        site.run(shop, url=url)

        assert set(made) == site.known(url, made)
        assert [] == list(site.data.glob("git/*/arriving/*"))


def test_a_pack_that_was_received_before_a_kill_is_recorded_after_the_next_start(
    program: Program, shop: Repository, url: str, org_id: OrgId
) -> None:
    made = shop.commits(5)
    data = program.home / ".local" / "share" / "fairlead"
    cache = GitCache(git_folder(data, f"sqlite:///{data / 'fairlead.db'}"))
    repository = cache.repository(org_id, RepositoryId(repository_id(url)), made[-1])
    with cache.arrival(1 << 20, time.time_ns()) as arrival:
        arrival.write(shop.packs(made)[0])
        cache.accept(arrival, repository, made[-1])

    with serving(program) as site:
        end = time.monotonic() + 30
        while site.known(url, made) != set(made):
            assert time.monotonic() < end


@contextmanager
def half_sent(site: Site, url: str, head: Sha) -> Iterator[None]:
    """Send the beginning of a pack, and go on once the server has it on disk."""
    told = json.dumps({"data": {"id": head}, "meta": {"repository_url": url}})
    body = (
        (
            f'--x\r\nContent-Disposition: form-data; name="pushedSha"\r\n\r\n{told}\r\n'
            '--x\r\nContent-Disposition: form-data; name="packfile"; filename="1.pack"\r\n\r\n'
        ).encode()
        + b"PACK"
        + secrets.token_bytes(100_000)
    )
    request = (
        f"POST {PACKFILE} HTTP/1.1\r\nHost: 127.0.0.1\r\nDD-API-KEY: {site.key}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    trusted = ssl.create_default_context(cafile=str(site.authority))
    raw = socket.create_connection(("127.0.0.1", site.server.port))
    with trusted.wrap_socket(raw, server_hostname="127.0.0.1") as connection:
        connection.sendall(request.encode() + f"{len(body):x}\r\n".encode() + body + b"\r\n")
        end = time.monotonic() + 30
        while not list(site.data.glob("git/*/arriving/*.pack")):
            assert time.monotonic() < end
        yield


def send(site: Site, url: str, head: Sha, pack: bytes) -> None:
    """Send one pack."""
    pushed = json.dumps({"data": {"id": head, "type": "commit"}, "meta": {"repository_url": url}})
    parts: dict[str, tuple[str | None, str | bytes, str]] = {
        "pushedSha": (None, pushed, "application/json"),
        "packfile": ("1.pack", pack, "application/octet-stream"),
    }
    assert 200 == site.http.post(PACKFILE, files=parts).status_code


def a_large_history(history: Repository) -> list[Sha]:
    """Make a commit whose trees take more than one pack of 3 MiB, and one more; files are only named."""
    folders = []
    for folder in range(40):
        listed = "\n".join(f"100644 blob {secrets.token_hex(20)}\tfile{n}" for n in range(4000))
        folders.append(f"040000 tree {history.git('mktree', '--missing', stdin=listed.encode())}\tf{folder}")
    made: list[Sha] = []
    for number in range(2):
        root = history.git("mktree", stdin="\n".join(folders[number:]).encode())
        person = f"Ada <ada@example.com> {int(time.time()) - DAY_S + number} +0000"
        parents = "".join(f"parent {sha}\n" for sha in made)
        text = f"tree {root}\n{parents}author {person}\ncommitter {person}\n\nChange {number}\n"
        made.append(history.raw_commit(text.encode()))
    return made
