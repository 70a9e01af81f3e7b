import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from fairlead.domain.changes import Commit, RepositoryId, Sha
from fairlead.domain.repositories import repository_id
from fairlead.intake import packs
from fairlead.store import commits
from fairlead.store.ledger import Ledger
from tests.casts import Cast, Person, a_cast
from tests.histories import Repository
from tests.packs import NO_BLOB, a_pack, a_tree, an_upload, name_of
from tests.servers import Served, served

SEARCH = "/api/v2/git/repository/search_commits"
PACKFILE = "/api/v2/git/repository/packfile"
FILE_LIST = "/api/v2/srcmap"
SERIES = "/api/v1/series"
BOUNDARY = "-" * 26 + "0123456789abcdef01234567"


@pytest.fixture(scope="module")
def git_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server of these tests keeps git data."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def git_server(shared_database: str, git_folder: Path) -> Iterator[Served]:
    """A server with a data directory of its own."""
    with served(shared_database, data_dir=str(git_folder), max_pack_bytes=1 << 20) as running:
        yield running


@pytest.fixture
def cast(git_server: Served, shared_ledger: Ledger) -> Cast:
    """Two new organisations on that server, and everybody who calls."""
    return a_cast(git_server.http, shared_ledger)


@pytest.fixture
def shop(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository(tmp_path / "shop")


@pytest.fixture
def url() -> str:
    """The address of a repository that no other test uses."""
    return f"https://git.example.test/acme/{uuid4().hex}.git"


def search(person: Person, url: str, asked: list[Sha]) -> httpx.Response:
    """Ask which commits are known."""
    told = {
        "meta": {"repository_url": url},
        "data": [{"id": sha, "type": "commit"} for sha in asked],
    }
    return person.post(SEARCH, told)


def known(person: Person, url: str, asked: list[Sha]) -> set[str]:
    """Return which commits are known."""
    answer = search(person, url, asked)
    assert (200, "application/vnd.api+json") == (answer.status_code, answer.headers["content-type"])
    assert {"commit"} >= {one["type"] for one in answer.json()["data"]}
    return {one["id"] for one in answer.json()["data"]}


def send(person: Person, url: str, head: str, pack: bytes) -> httpx.Response:
    """Send a pack as `datadog-ci` does."""
    pushed = {"data": {"id": head, "type": "commit"}, "meta": {"repository_url": url}}
    return post_parts(
        person,
        PACKFILE,
        a_part("pushedSha", json.dumps(pushed).encode(), "application/json"),
        a_part("packfile", pack, "application/octet-stream", filename="0a1b.pack"),
    )


def a_part(name: str, content: bytes, media_type: str, *, filename: str = "") -> bytes:
    """Return one part of a body."""
    named = f'; filename="{filename}"' if filename else ""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{named}\r\n'
    return head.encode() + f"Content-Type: {media_type}\r\n\r\n".encode() + content + b"\r\n"


def post_parts(person: Person, path: str, *parts: bytes) -> httpx.Response:
    """Post parts in chunks, without a length."""

    def chunks() -> Iterator[bytes]:
        body = b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()
        for start in range(0, len(body), 777):
            yield body[start : start + 777]

    headers = person.headers | {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    return person.http.post(path, content=chunks(), headers=headers)


def recorded(cast: Cast, url: str, shas: list[Sha]) -> dict[Sha, Commit]:
    """Return which commits are in the database."""
    repository = RepositoryId(repository_id(url))
    return cast.ledger.read(commits.fetch, cast.ada.org_id, repository, shas)


def test_commits_that_nobody_sent_are_not_known(cast: Cast, shop: Repository, url: str) -> None:
    assert set() == known(cast.robot, url, shop.commits(2))


def test_what_a_pack_brings_is_recorded_and_known(cast: Cast, shop: Repository, url: str) -> None:
    made = shop.commits(3)

    answers = [send(cast.robot, url, made[-1], pack).status_code for pack in shop.packs(made)]

    assert [200] == answers
    assert set(made) == known(cast.robot, url, made)
    assert set(made) == recorded(cast, url, made).keys()


def test_every_spelling_of_an_address_is_the_same_repository(cast: Cast, shop: Repository, url: str) -> None:
    made = shop.commits(1)
    send(cast.robot, url, made[-1], *shop.packs(made))
    path = url.removeprefix("https://git.example.test/").removesuffix(".git")

    spelled = f"git@git.example.test:{path}.git", f"https://user:secret@git.example.test/{path}"

    assert [set(made)] * 2 == [known(cast.robot, one, made) for one in spelled]


def test_what_one_organisation_sent_the_other_does_not_have(cast: Cast, shop: Repository, url: str) -> None:
    made = shop.commits(1)
    send(cast.robot, url, made[-1], *shop.packs(made))

    assert set() == known(cast.zoe, url, made)


def test_a_broken_pack_is_refused_and_leaves_nothing(cast: Cast, url: str, git_folder: Path) -> None:
    before = files(git_folder)

    answer = send(cast.robot, url, "a" * 40, b"PACK" + b"\0" * 100)

    assert 400 == answer.status_code
    assert 'part "packfile" is not a git pack' == answer.json()["errors"][0]["detail"]
    assert before == files(git_folder)


def test_a_hostile_pack_is_refused_and_leaves_nothing(cast: Cast, url: str) -> None:
    objects = an_upload(a_tree(("100644", b"..", NO_BLOB)))
    head = Sha(name_of(objects[0]))

    answer = send(cast.robot, url, head, a_pack(objects))

    assert (400, 'part "packfile" is broken') == (answer.status_code, answer.json()["errors"][0]["detail"])
    assert set() == known(cast.robot, url, [head])


def test_a_pack_over_the_limit_is_refused(cast: Cast, url: str, git_folder: Path) -> None:
    before = files(git_folder)

    assert 413 == send(cast.robot, url, "a" * 40, b"PACK" * (1 << 19)).status_code
    assert before == files(git_folder)


def test_a_pack_that_takes_long_is_answered_before_the_client_gives_up(
    cast: Cast, shop: Repository, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs, "PATIENCE_S", 0.0)
    made = shop.commits(3)

    answer = send(cast.robot, url, made[-1], *shop.packs(made))

    assert 202 == answer.status_code
    assert set(made) == eventually_known(cast.robot, url, made)


@pytest.mark.parametrize("missing", ["pushedSha", "packfile"])
def test_a_body_without_a_part_is_refused(cast: Cast, url: str, missing: str) -> None:
    pushed = {"data": {"id": "a" * 40, "type": "commit"}, "meta": {"repository_url": url}}
    parts = {
        "pushedSha": a_part("pushedSha", json.dumps(pushed).encode(), "application/json"),
        "packfile": a_part("packfile", b"PACK", "application/octet-stream"),
    }
    del parts[missing]

    answer = post_parts(cast.robot, PACKFILE, *parts.values())

    assert (400, f'part "{missing}" is required') == (
        answer.status_code,
        answer.json()["errors"][0]["detail"],
    )


def test_a_body_that_is_no_multipart_is_refused(cast: Cast) -> None:
    answer = cast.robot.post(PACKFILE, {})

    assert (400, "the body must be multipart/form-data") == (
        answer.status_code,
        answer.json()["errors"][0]["detail"],
    )


def test_a_body_that_breaks_off_is_refused(cast: Cast) -> None:
    part = a_part("packfile", b"PACK", "application/octet-stream")
    media_type = f"multipart/form-data; boundary={BOUNDARY}"

    assert 400 == cast.robot.send_bytes("POST", PACKFILE, part, Content_Type=media_type).status_code


@pytest.mark.parametrize(
    "told",
    [
        {"meta": {"repository_url": "https://git.example.test/acme/shop"}},
        {"data": [{"id": "a" * 40}]},
        {"meta": {"repository_url": "nowhere"}, "data": [{"id": "a" * 40}]},
        {"meta": {"repository_url": "https://git.example.test/acme/shop"}, "data": []},
        {"meta": {"repository_url": "https://git.example.test/acme/shop"}, "data": [{"id": "main"}]},
        {"meta": {"repository_url": "https://git.example.test/acme/shop"}, "data": [{"id": "-" * 40}]},
    ],
)
def test_a_search_that_makes_no_sense_is_refused(cast: Cast, told: dict[str, Any]) -> None:
    assert 400 == cast.robot.post(SEARCH, told).status_code


def test_a_search_for_many_commits_takes_one_request(cast: Cast, url: str) -> None:
    assert set() == known(cast.robot, url, [Sha(f"{number:040x}") for number in range(1000)])


def test_a_file_list_is_accepted(cast: Cast, url: str) -> None:
    answer = post_parts(cast.robot, FILE_LIST, *a_file_list(url, "repository"))

    assert (202, {}) == (answer.status_code, answer.json())


def test_a_source_map_is_refused_rather_than_lost(cast: Cast, url: str) -> None:
    answer = post_parts(cast.robot, FILE_LIST, *a_file_list(url, "js_sourcemap"))

    assert (400, 'got type "js_sourcemap" expected one of "repository"') == (
        answer.status_code,
        answer.json()["errors"][0]["detail"],
    )


def test_usage_counts_are_accepted_with_the_key_in_the_address(cast: Cast) -> None:
    key = cast.robot.headers["DD-API-KEY"]
    counts = {"series": [{"metric": "datadog.ci.report_commits.gitdb.success", "points": [[1, 1]]}]}

    answer = cast.nobody.post(f"{SERIES}?api_key={key}&application_key=", counts)

    assert (202, {}) == (answer.status_code, answer.json())


@pytest.mark.parametrize("path", [SEARCH, PACKFILE, FILE_LIST, f"{SERIES}?api_key=flapi_x"])
def test_a_stranger_is_refused(cast: Cast, path: str) -> None:
    assert [403, 403] == [cast.eve.post(path, {}).status_code, cast.nobody.post(path, {}).status_code]


def a_file_list(url: str, kind: str) -> list[bytes]:
    """Return the parts of a file list."""
    event = {"cli_version": "5.25.0", "git_commit_sha": "a" * 40, "git_repository_url": url, "type": kind}
    files = {"data": [{"files": ["VERSION"] * 5000, "hash": "a" * 40, "repository_url": url}], "version": 1}
    return [
        a_part("event", json.dumps(event).encode(), "application/json", filename="event"),
        a_part("repository", json.dumps(files).encode(), "application/json", filename="repository"),
    ]


def files(folder: Path) -> list[Path]:
    """Return every file below a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def eventually_known(person: Person, url: str, asked: list[Sha]) -> set[str]:
    """Ask until something is known, or long enough."""
    end = time.monotonic() + 30
    while not (found := known(person, url, asked)) and time.monotonic() < end:
        pass
    return found
