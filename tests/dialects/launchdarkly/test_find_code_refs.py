"""`ld-find-code-refs`: its recorded exchange request by request, and the program itself where it is had."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.casts import Cast, Person
from tests.dialects.launchdarkly.conftest import token_holder

MODULE = Path(__file__).parents[2] / "clients" / "find_code_refs"
"""Names the version to build and, in `go.sum`, every source by its hash."""
_AS_RECORDED = {
    "Ld_Api_Version": "20240415",
    "Content_Type": "application/json",
    "User_Agent": "LDFindCodeRefs/2.17.0",
    "Accept_Encoding": "gzip",
}
_PATIENCE_S = 600


class Exchange(NamedTuple):
    method: str
    path: str
    body: bytes
    status: int
    answer: Any
    """What of the answer the program reads; None where it reads nothing."""


def exchanges() -> Iterator[Exchange]:
    """Read the file, run after run."""
    text = (Path(__file__).parent / "find_code_refs.txt").read_text(encoding="utf-8")
    for run in text.split("\n## ")[1:]:
        for told in run.partition("\n\n")[2].strip("\n").split("\n\n"):
            request, _, answer = told.partition("\n----\n")
            line, _, body = request.partition("\n")
            method, path = line.split()
            status, _, expected = answer.partition(" ")
            parsed = json.loads(expected) if expected else None
            yield Exchange(method, path, body.encode(), int(status), parsed)


def read_of(answer: Any, wanted: Any) -> Any:
    """Return of an answer what is wanted of it."""
    if isinstance(wanted, dict):
        return {name: read_of(answer[name], value) for name, value in wanted.items()}
    if isinstance(wanted, list):
        assert len(answer) == len(wanted)
        return [read_of(one, value) for one, value in zip(answer, wanted, strict=True)]
    return answer


def tell_flags(person: Person) -> None:
    """Have one flag that lives and one that is archived."""
    for key in ("enable-pay", "old-flag"):
        person.post("/api/v2/flags/default", {"key": key, "name": key})
    person.patch("/api/v2/flags/default/old-flag", {"archived": True})


def test_the_recorded_exchange_goes_as_it_was_recorded(lucy: Person) -> None:
    tell_flags(lucy)
    told = list(exchanges())

    for one in told:
        answer = lucy.send_bytes(one.method, one.path, one.body, **_AS_RECORDED)
        assert one.status == answer.status_code, (one, answer.text)
        if one.answer is None:
            assert b"" == answer.content
        else:
            assert one.answer == read_of(answer.json(), one.answer)

    assert 18 == len(told)
    branch = lucy.get("/api/v2/code-refs/repositories/my-repo/branches/feature%2Fx").json()
    assert ([], 8) == (branch["references"], branch["updateSequenceId"])


@pytest.fixture(scope="session")
def find_code_refs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program, built from its module; skips only where Go or the module cannot be had."""
    go = shutil.which("go")
    if go is None:
        pytest.skip("there is no Go here to build ld-find-code-refs with")
    program = tmp_path_factory.mktemp("find-code-refs") / "ld-find-code-refs"
    ended = subprocess.run(
        [go, "build", "-mod=readonly", "-o", str(program), "tool"],
        cwd=MODULE,
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE_S,
    )
    if ended.returncode:
        pytest.skip(f"ld-find-code-refs cannot be built: {ended.stderr.strip().splitlines()[-1]}")
    return program


def git(folder: Path, *args: str) -> None:
    """Run git as somebody."""
    somebody = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    subprocess.run(["git", *somebody, *args], cwd=folder, check=True, capture_output=True)


def test_the_program_itself_scans_a_repository(find_code_refs: Path, cast: Cast, tmp_path: Path) -> None:
    lucy = token_holder(cast)
    tell_flags(lucy)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main")
    source = tmp_path / "pay.py"
    for number, text in enumerate(("on('old-flag')\n", "pass\n", "on('enable-pay')\n")):
        source.write_text(f"import flags\n\nflags.{text}", encoding="utf-8")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "--quiet", "--message", f"Change {number}")

    ended = subprocess.run(
        [
            *(str(find_code_refs), "--dir", str(tmp_path), "--repoName", "my-repo", "--projKey", "default"),
            *("--baseUri", str(lucy.http.base_url).rstrip("/")),
            *("--accessToken", lucy.headers["Authorization"], "--lookback", "10"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE_S,
    )

    assert 0 == ended.returncode, ended.stderr
    [reference] = lucy.get("/api/v2/code-refs/repositories/my-repo/branches/main").json()["references"]
    assert ["enable-pay"] == [hunk["flagKey"] for hunk in reference["hunks"]]
    assert ["old-flag"] == list(lucy.get("/api/v2/code-refs/extinctions").json()["items"])
