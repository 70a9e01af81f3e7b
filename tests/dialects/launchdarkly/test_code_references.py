"""The Code References API: what is kept, what is answered, what is refused."""

from typing import Any

import pytest

from fairlead.domain.access import Permission
from tests.casts import Cast, Person
from tests.dialects.launchdarkly.conftest import token_holder

HERE = "/api/v2/code-refs"
REPOSITORIES = f"{HERE}/repositories"
REPOSITORY = f"{REPOSITORIES}/my-repo"
MAIN = f"{REPOSITORY}/branches/main"
SHA = "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"
JSON = "application/json"


def a_repository(**changes: Any) -> dict[str, Any]:
    return {"name": "my-repo"} | changes


def a_hunk(flag: str = "enable-pay", **changes: Any) -> dict[str, Any]:
    return {
        "startingLineNumber": 1,
        "lines": "const a = ...\nlet x;\nlet y;",
        "projKey": "default",
        "flagKey": flag,
    } | changes


def a_branch(*hunks: dict[str, Any], **changes: Any) -> dict[str, Any]:
    references = [{"path": "src/a.js", "hunks": list(hunks)}]
    told = {"name": "main", "head": SHA, "syncTime": 1795221106233, "commitTime": 1795221106000}
    return told | ({"references": references} if hunks else {}) | changes


def an_extinction(**changes: Any) -> dict[str, Any]:
    told = {"revision": SHA, "message": "Remove old-flag\n", "time": 1795221106000}
    return told | {"projKey": "default", "flagKey": "old-flag"} | changes


@pytest.fixture
def scanner(lucy: Person) -> Person:
    """Lucy, who has made a repository known."""
    assert 200 == lucy.post(REPOSITORIES, a_repository()).status_code
    return lucy


def put(person: Person, body: Any, path: str = MAIN) -> int:
    return person.send("PUT", path, body).status_code


def references(person: Person, path: str = MAIN) -> Any:
    return person.get(path).json()["references"]


def test_a_repository_is_answered_with_every_field(lucy: Person) -> None:
    told = a_repository(
        type="github",
        sourceLink="https://github.com/o/my-repo",
        commitUrlTemplate="https://github.com/o/my-repo/commit/${sha}",
        hunkUrlTemplate="https://github.com/o/my-repo/blob/${sha}/${filePath}#L${lineNumber}",
        defaultBranch="trunk",
    )
    place = {"href": REPOSITORY, "type": JSON}
    branches = {"href": f"{REPOSITORY}/branches", "type": JSON}
    expected = told | {"enabled": True, "version": 1, "_links": {"self": place, "branches": branches}}

    created = lucy.post(REPOSITORIES, told)

    assert (200, expected) == (created.status_code, created.json())
    assert expected == lucy.get(REPOSITORY).json()
    assert expected == lucy.get(f"{REPOSITORIES}/MY-Repo").json()
    assert [expected] == lucy.get(REPOSITORIES).json()["items"]


def test_empty_texts_of_the_scanner_count_as_not_told(lucy: Person) -> None:
    told = a_repository(
        type="custom", sourceLink="", commitUrlTemplate="", hunkUrlTemplate="", defaultBranch=""
    )

    created = lucy.post(REPOSITORIES, told).json()

    assert ("custom", "main", True) == (created["type"], created["defaultBranch"], created["enabled"])


def test_a_repository_that_is_there_cannot_be_created(scanner: Person) -> None:
    refused = scanner.post(REPOSITORIES, a_repository(name="MY-REPO"))

    assert (409, "optimistic_locking_error") == (refused.status_code, refused.json()["code"])


@pytest.mark.parametrize(
    "change",
    [
        {"sourceLink": "https://github.com/o/my-repo", "type": "github"},
        [
            {"op": "replace", "path": "/sourceLink", "value": "https://github.com/o/my-repo"},
            {"op": "replace", "path": "/type", "value": "github"},
        ],
    ],
)
def test_a_repository_is_changed_by_either_kind_of_patch(scanner: Person, change: Any) -> None:
    changed = scanner.patch(REPOSITORY, change)

    assert 200 == changed.status_code
    assert ("https://github.com/o/my-repo", "github", 2) == tuple(
        changed.json()[name] for name in ("sourceLink", "type", "version")
    )


def test_a_repository_is_disabled_and_its_name_changes_in_case_only(scanner: Person) -> None:
    assert "My-Repo" == scanner.patch(REPOSITORY, {"name": "My-Repo", "enabled": False}).json()["name"]
    assert scanner.get(REPOSITORY).json()["enabled"] is False
    assert 400 == scanner.patch(REPOSITORY, {"name": "other"}).status_code


def test_a_scan_is_answered_as_it_was_told(scanner: Person) -> None:
    body = a_branch(a_hunk(contentHash="1abd54", aliases=["enablePay"]), updateSequenceId=1795221106233)

    assert 200 == put(scanner, body)

    found = scanner.get(MAIN).json()
    expected = [{"path": "src/a.js", "hunks": [a_hunk(aliases=["enablePay"])]}]
    assert expected == found["references"]
    assert (SHA, 1795221106233, 1795221106233) == tuple(
        found[name] for name in ("head", "syncTime", "updateSequenceId")
    )


def test_the_answer_to_a_scan_is_empty(scanner: Person) -> None:
    assert b"" == scanner.send("PUT", MAIN, a_branch()).content


def test_a_branch_is_one_segment_of_the_path_whatever_its_name(scanner: Person) -> None:
    for name in ("feature/x y", "extinction-events", "a/extinction-events"):
        path = f"{REPOSITORY}/branches/{name.replace('/', '%2F').replace(' ', '%20')}"

        assert 200 == put(scanner, a_branch(name=name), path)
        assert 200 == scanner.post(f"{path}/extinction-events", [an_extinction()]).status_code
        assert name == scanner.get(path).json()["name"]
        assert path == scanner.get(path).json()["_links"]["self"]["href"]


def test_a_scan_without_references_clears_the_branch(scanner: Person) -> None:
    for body in (a_branch(), a_branch(references=None), a_branch(references=[])):
        put(scanner, a_branch(a_hunk()))
        assert 200 == put(scanner, body)
        assert [] == references(scanner)


def test_a_scan_that_is_behind_is_refused_with_the_code_the_scanner_knows(scanner: Person) -> None:
    put(scanner, a_branch(a_hunk("new"), updateSequenceId=7))

    refused = scanner.send("PUT", MAIN, a_branch(a_hunk("old"), updateSequenceId=7))

    assert (409, "updateSequenceId_conflict") == (refused.status_code, refused.json()["code"])
    assert "new" == references(scanner)[0]["hunks"][0]["flagKey"]


def test_lines_may_be_kept_back_and_are_then_left_out(scanner: Person) -> None:
    hunk = {"startingLineNumber": 3, "projKey": "default", "flagKey": "a"}

    put(scanner, a_branch(hunk))

    assert [hunk] == references(scanner)[0]["hunks"]


def test_references_are_filtered_by_project_and_flag(scanner: Person) -> None:
    put(scanner, a_branch(a_hunk("a"), a_hunk("b"), a_hunk("a", projKey="other")))

    assert 2 == len(references(scanner, f"{MAIN}?projKey=default")[0]["hunks"])
    assert [a_hunk("b")] == references(scanner, f"{MAIN}?projKey=default&flagKey=b")[0]["hunks"]
    assert [] == references(scanner, f"{MAIN}?flagKey=c")


def test_repositories_come_with_as_much_as_is_asked_for(scanner: Person) -> None:
    put(scanner, a_branch(a_hunk()))
    put(scanner, a_branch(a_hunk(), name="side"), f"{REPOSITORY}/branches/side")

    def branches(query: str) -> list[tuple[str, bool]] | None:
        [one] = scanner.get(f"{REPOSITORIES}{query}").json()["items"]
        found = one.get("branches")
        return None if found is None else [(branch["name"], "references" in branch) for branch in found]

    assert branches("") is None
    assert [("main", False), ("side", False)] == branches("?withBranches=1")
    assert [("main", True)] == branches("?withReferencesForDefaultBranch=true")
    assert [("main", True), ("side", False)] == branches(
        "?withBranches=true&withReferencesForDefaultBranch=yes"
    )


def test_branches_are_listed_and_deleted_by_name(scanner: Person) -> None:
    put(scanner, a_branch())
    put(scanner, a_branch(name="gone/branch"), f"{REPOSITORY}/branches/gone%2Fbranch")

    listed = scanner.get(f"{REPOSITORY}/branches").json()["items"]
    deleted = scanner.post(f"{REPOSITORY}/branch-delete-tasks", ["gone/branch", "never-there"])

    assert ["gone/branch", "main"] == [one["name"] for one in listed]
    assert (200, b"") == (deleted.status_code, deleted.content)
    assert ["main"] == [one["name"] for one in scanner.get(f"{REPOSITORY}/branches").json()["items"]]
    assert 404 == scanner.get(f"{REPOSITORY}/branches/gone%2Fbranch").status_code


def test_extinctions_are_answered_by_flag_and_once_each(scanner: Person) -> None:
    put(scanner, a_branch())
    for _ in range(2):
        assert 200 == scanner.post(f"{MAIN}/extinction-events", [an_extinction()]).status_code

    assert {"old-flag": [an_extinction()]} == scanner.get(f"{HERE}/extinctions").json()["items"]


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("repoName=MY-repo", True),
        ("repoName=other", False),
        ("branchName=main", True),
        ("branchName=side", False),
        ("projKey=default&flagKey=old-flag", True),
        ("flagKey=other", False),
        ("from=1795221106000&to=1795221106000", True),
        ("from=2026-11-20T00:00:00Z&to=2026-11-22T00:00:00Z", True),
        ("from=1795221106001&to=1795221107000", False),
    ],
)
def test_extinctions_are_filtered(scanner: Person, query: str, is_found: bool) -> None:
    put(scanner, a_branch())
    scanner.post(f"{MAIN}/extinction-events", [an_extinction(time="1795221106000")])

    assert is_found is bool(scanner.get(f"{HERE}/extinctions?{query}").json()["items"])


def test_statistics_count_hunks_and_files_of_default_branches(scanner: Person) -> None:
    files = [
        {"path": "a.js", "hunks": [a_hunk(), a_hunk(startingLineNumber=9)]},
        {"path": "b.js", "hunks": [a_hunk(), a_hunk("other")]},
    ]
    put(scanner, a_branch(references=files))

    root = scanner.get(f"{HERE}/statistics").json()
    found = scanner.get(f"{HERE}/statistics/default?flagKey=enable-pay").json()

    assert {
        "projects": [{"href": f"{HERE}/statistics/default", "type": JSON}],
        "self": {"href": f"{HERE}/statistics", "type": JSON},
    } == root
    [one] = found["flags"]["enable-pay"]
    assert ("my-repo", 3, 2, 1795221106000) == tuple(
        one[name] for name in ("name", "hunkCount", "fileCount", "latestCommitTime")
    )
    assert ["enable-pay", "other"] == list(scanner.get(f"{HERE}/statistics/default").json()["flags"])


def test_a_project_that_nobody_knows_has_no_statistics(lucy: Person) -> None:
    assert {} == lucy.get(f"{HERE}/statistics/default").json()["flags"]
    assert 404 == lucy.get(f"{HERE}/statistics/nowhere").status_code


def test_a_repository_is_deleted_with_everything(scanner: Person) -> None:
    put(scanner, a_branch(a_hunk()))

    assert 204 == scanner.delete(REPOSITORY).status_code
    assert 404 == scanner.get(REPOSITORY).status_code
    assert 404 == scanner.delete(REPOSITORY).status_code
    assert 404 == put(scanner, a_branch())
    assert [] == scanner.get(f"{HERE}/statistics").json()["projects"]


WRONG_BRANCHES: list[tuple[Any, str]] = [
    ([], "the body"),
    ({"head": SHA, "syncTime": 1}, "name"),
    (a_branch(head=None), "head"),
    (a_branch(head=""), "head"),
    (a_branch(name="other"), "name"),
    (a_branch(syncTime=1), "syncTime"),
    (a_branch(syncTime=1.5), "syncTime"),
    (a_branch(syncTime="soon"), "syncTime"),
    (a_branch(updateSequenceId="7"), "updateSequenceId"),
    (a_branch(updateSequenceId=2**63), "updateSequenceId"),
    (a_branch(references={}), "references"),
    (a_branch(references="x"), "references"),
    (a_branch(references=[1]), "references[0]"),
    (a_branch(references=[{"hunks": []}]), "path"),
    (a_branch(references=[{"path": "a"}]), "hunks"),
    (a_branch(references=[{"path": "a", "hunks": {}}]), "references[0].hunks"),
    (a_branch(references=[{"path": "a", "hunks": [{"lines": ""}]}]), "startingLineNumber"),
    (a_branch(a_hunk(), a_hunk(startingLineNumber="1")), "references[0].hunks[1]"),
    (a_branch(a_hunk(startingLineNumber=-1)), "startingLineNumber"),
    (a_branch(a_hunk(flagKey=7)), "flagKey"),
    (a_branch(a_hunk(projKey="x" * 1001)), "projKey"),
    (a_branch(a_hunk(aliases="x")), "aliases"),
    (a_branch(references=[{"path": "x" * 5000, "hunks": [a_hunk()]}]), "path"),
]


@pytest.mark.parametrize(("body", "named"), WRONG_BRANCHES)
def test_a_wrong_scan_is_refused_by_name_and_changes_nothing(scanner: Person, body: Any, named: str) -> None:
    put(scanner, a_branch(a_hunk("kept")))

    refused = scanner.send("PUT", MAIN, body)

    assert (400, "invalid_request") == (refused.status_code, refused.json()["code"]), refused.text
    assert named in refused.json()["message"]
    assert "kept" == references(scanner)[0]["hunks"][0]["flagKey"]


@pytest.mark.parametrize(
    ("method", "path", "body", "named"),
    [
        ("POST", REPOSITORIES, {}, "name"),
        ("POST", REPOSITORIES, {"name": "a/b"}, "name"),
        ("POST", REPOSITORIES, {"name": "a", "type": "svn"}, "type"),
        ("POST", REPOSITORIES, {"name": "a", "sourceLink": "x" * 3000}, "sourceLink"),
        ("PATCH", REPOSITORY, {"type": "svn"}, "type"),
        ("PATCH", REPOSITORY, {"enabled": "no"}, "enabled"),
        ("PATCH", REPOSITORY, {"version": 9}, "version"),
        ("PATCH", REPOSITORY, 7, "body"),
        ("POST", f"{REPOSITORY}/branch-delete-tasks", "main", "body"),
        ("POST", f"{REPOSITORY}/branch-delete-tasks", [1], "[0]"),
        ("POST", f"{MAIN}/extinction-events", {}, "body"),
        ("POST", f"{MAIN}/extinction-events", [an_extinction(flagKey="")], "flagKey"),
        ("POST", f"{MAIN}/extinction-events", [an_extinction(time=None)], "time"),
        ("POST", f"{MAIN}/extinction-events", [{"revision": SHA}], "message"),
        ("GET", f"{HERE}/extinctions?from=1795221106000", None, "to"),
        ("GET", f"{HERE}/extinctions?to=1795221106000", None, "from"),
        ("GET", f"{HERE}/extinctions?from=x&to=1795221106000", None, "from"),
    ],
)
def test_what_is_wrong_is_refused_by_name(
    scanner: Person, method: str, path: str, body: Any, named: str
) -> None:
    put(scanner, a_branch())

    refused = scanner.send(method, path, body)

    assert (400, "invalid_request") == (refused.status_code, refused.json()["code"]), refused.text
    assert named in refused.json()["message"]


def test_an_upload_over_the_limit_is_refused_with_the_code_the_scanner_knows(scanner: Person) -> None:
    refused = scanner.send_bytes("PUT", MAIN, b" " * (64 * 1_048_576 + 1))

    assert (413, "request_entity_too_large") == (refused.status_code, refused.json()["code"])


def test_an_upload_of_too_many_hunks_is_refused_likewise(scanner: Person) -> None:
    hunks = b",".join([b'{"startingLineNumber":1}'] * 100_001)
    body = b'{"name":"main","head":"a","syncTime":1795221106233,"references":[{"path":"a","hunks":[%s]}]}'

    refused = scanner.send_bytes("PUT", MAIN, body % hunks)

    assert (413, "request_entity_too_large") == (refused.status_code, refused.json()["code"])
    assert 404 == scanner.get(MAIN).status_code


@pytest.mark.parametrize(
    ("permission", "reading", "writing"),
    [
        (Permission.CODE_REFS_WRITE, 200, 200),
        (Permission.INSIGHTS_READ, 200, 403),
        (Permission.DORA_METRICS_READ, 403, 403),
    ],
)
def test_whoever_may_not_is_refused(
    cast: Cast, scanner: Person, permission: Permission, reading: int, writing: int
) -> None:
    somebody = token_holder(cast, permission)

    assert reading == somebody.get(REPOSITORY).status_code
    assert writing == put(somebody, a_branch())


def test_keys_of_another_kind_do_not_open_it(cast: Cast, scanner: Person) -> None:
    assert 401 == cast.ada.get(REPOSITORY).status_code
    assert 401 == cast.nobody.get(REPOSITORY).status_code


def test_a_body_may_be_tunnelled_through_post(scanner: Person) -> None:
    answer = scanner.send("POST", MAIN, a_branch(a_hunk()), X_HTTP_Method_Override="PUT")

    assert 200 == answer.status_code
    assert 1 == len(references(scanner))
