"""Every operation of projects, environments, flags and code references through the official client.

Its models refuse what is missing, null or of another type. The table of what was called is printed at
the end of the test run.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.casts import Person
from tests.dialects.launchdarkly.python_client import ld

SHA = "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"
Record = Callable[[str, object], None]


@pytest.fixture
def client(lucy: Person) -> ld.ApiClient:
    """The official client, set up as its documentation says."""
    configuration = ld.Configuration(host=str(lucy.http.base_url).rstrip("/"))
    configuration.api_key["ApiKey"] = lucy.headers["Authorization"]
    return ld.ApiClient(configuration)


@pytest.fixture
def called(record_property: Record) -> Callable[..., Any]:
    """Call an operation and have it in the table."""

    def call(operation: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        answer = operation(*args, **kwargs)
        record_property("operation", (f"launchdarkly-api {operation.__name__}", type(answer).__name__))
        return answer

    return call


Call = Callable[..., Any]


def test_code_references(client: ld.ApiClient, called: Call) -> None:
    api = ld.CodeReferencesApi(client)
    hunk = ld.HunkRep(startingLineNumber=7, lines="if on:", projKey="default", flagKey="a", aliases=["A"])
    references = [ld.ReferenceRep(path="a.py", hint="python", hunks=[hunk])]
    told = ld.PutBranch(
        name="feature/x y",
        head=SHA,
        syncTime=1795221106233,
        commitTime=1795221106000,
        updateSequenceId=25,
        references=references,
    )
    gone = ld.Extinction(revision=SHA, message="gone", time=1795221106000, flagKey="a", projKey="default")
    post = ld.RepositoryPost(name="my-repo", type="github", sourceLink="https://github.com/o/my-repo")

    made = called(api.post_repository, post)
    patched = called(
        api.patch_repository,
        "my-repo",
        [ld.PatchOperation(op="replace", path="/defaultBranch", value="feature/x y")],
    )
    called(api.put_branch, "my-repo", "feature/x y", told)
    called(api.post_extinction, "my-repo", "feature/x y", [gone])
    branch = called(api.get_branch, "my-repo", "feature/x y", proj_key="default", flag_key="a")
    branches = called(api.get_branches, "my-repo")
    repository = called(api.get_repository, "my-repo")
    repositories = called(
        api.get_repositories, with_branches="true", with_references_for_default_branch="true"
    )
    extinctions = called(api.get_extinctions, var_from=1795221106000, to=1795221106000, flag_key="a")
    root = called(api.get_root_statistic)
    statistics = called(api.get_statistics, "default", flag_key="a")
    called(api.delete_branches, "my-repo", ["feature/x y"])
    called(api.delete_repository, "my-repo")

    assert (1, 2, 2) == (made.version, patched.version, repository.version)
    assert references == branch.references
    assert ["feature/x y"] == [one.name for one in branches.items]
    assert references == repositories.items[0].branches[0].references
    assert {"a": [gone]} == extinctions.items
    assert "/api/v2/code-refs/statistics/default" == root.projects[0].href
    assert (1, 1) == (statistics.flags["a"][0].hunk_count, statistics.flags["a"][0].file_count)
    with pytest.raises(ld.exceptions.NotFoundException):
        api.get_repository("my-repo")


def test_refusals(client: ld.ApiClient) -> None:
    api = ld.CodeReferencesApi(client)
    api.post_repository(ld.RepositoryPost(name="my-repo"))
    told: dict[str, Any] = {"name": "main", "head": SHA, "syncTime": 1795221106233, "updateSequenceId": 7}
    api.put_branch("my-repo", "main", ld.PutBranch(**told))

    with pytest.raises(ld.exceptions.ConflictException, match="updateSequenceId_conflict"):
        api.put_branch("my-repo", "main", ld.PutBranch(**told))
    with pytest.raises(ld.exceptions.ConflictException):
        api.post_repository(ld.RepositoryPost(name="my-repo"))
    with pytest.raises(ld.exceptions.BadRequestException, match="defaultBranch"):
        api.patch_repository("my-repo", [ld.PatchOperation(op="replace", path="/defaultBranch", value=7)])
    client.configuration.api_key["ApiKey"] = "api-of-somebody-else"
    with pytest.raises(ld.exceptions.UnauthorizedException):
        api.get_repositories()


def test_projects_and_environments(client: ld.ApiClient, called: Call) -> None:
    projects, environments = ld.ProjectsApi(client), ld.EnvironmentsApi(client)
    post = ld.ProjectPost(
        name="Shop",
        key="shop",
        tags=["a"],
        environments=[ld.EnvironmentPost(name="P", key="p", color="417505")],
    )
    rename = [ld.PatchOperation(op="replace", path="/name", value="Renamed")]

    made = called(projects.post_project, post)
    patched = called(projects.patch_project, "shop", rename)
    fetched = called(projects.get_project, "shop", expand="environments")
    listed = called(projects.get_projects, expand="environments", sort="-name", filter="query:re", limit=5)
    added = called(
        environments.post_environment,
        "shop",
        ld.EnvironmentPost(name="Q", key="q", color="DADBEE", critical=True),
    )
    changed = called(environments.patch_environment, "shop", "q", rename)
    one = called(environments.get_environment, "shop", "q")
    some = called(environments.get_environments_by_project, "shop", limit=1, sort="-critical")
    called(environments.delete_environment, "shop", "q")
    called(projects.delete_project, "shop")

    assert ["p"] == [environment.key for environment in made.environments]
    assert ("Renamed", "Renamed") == (patched.name, fetched.name)
    assert ["p"] == [environment.key for environment in fetched.environments.items]
    assert ["shop"] == [project.key for project in listed.items]
    assert (True, "Renamed", changed) == (added.critical, one.name, one)
    assert (["q"], 2) == ([environment.key for environment in some.items], some.total_count)
    with pytest.raises(ld.exceptions.NotFoundException):
        projects.get_project("shop")


def test_flags(client: ld.ApiClient, called: Call) -> None:
    flags, links = ld.FeatureFlagsApi(client), ld.FlagLinksBetaApi(client)
    body = ld.FeatureFlagBody(name="Pay", key="enable-pay", tags=["beta"], temporary=True)
    switch = [ld.PatchOperation(op="replace", path="/environments/production/on", value=True)]
    archive = [ld.PatchOperation(op="replace", path="/archived", value=True)]
    pull = ld.FlagLinkPost(
        key="github-pr-1-enable-pay",
        integrationKey="github",
        timestamp=1795221106000,
        deepLink="https://github.com/o/my-repo/pull/1",
        title="[o/my-repo] Pay (#1)",
        description="(none)",
        metadata={"message": "Flag added", "prNumber": "1"},
    )

    made = called(flags.post_feature_flag, "default", body)
    patched = called(
        flags.patch_feature_flag, "default", "enable-pay", ld.PatchWithComment(patch=switch, comment="on")
    )
    fetched = called(flags.get_feature_flag, "default", "enable-pay", env="production")
    listed = called(flags.get_feature_flags, "default", env="production", summary=False, sort="-creationDate")
    status = called(flags.get_feature_flag_status, "default", "production", "enable-pay")
    statuses = called(flags.get_feature_flag_statuses, "default", "production")
    across = called(flags.get_feature_flag_status_across_environments, "default", "enable-pay")
    link = called(links.create_flag_link, "default", "enable-pay", pull)
    retitled = called(
        links.update_flag_link,
        "default",
        "enable-pay",
        link.id,
        [ld.PatchOperation(op="replace", path="/title", value="T")],
    )
    linked = called(links.get_flag_links, "default", "enable-pay")
    called(links.delete_flag_link, "default", "enable-pay", link.id)
    archived = flags.patch_feature_flag("default", "enable-pay", ld.PatchWithComment(patch=archive))
    called(flags.delete_feature_flag, "default", "enable-pay")

    assert ("boolean", 1, {"production", "test"}) == (made.kind, made.version, set(made.environments))
    assert patched.environments["production"].on
    assert (True, ["production"]) == (fetched.environments["production"].on, list(fetched.environments))
    assert (["enable-pay"], 1) == ([one.key for one in listed.items], listed.total_count)
    assert ("new", ["new"]) == (status.name, [one.name for one in statuses.items])
    assert {"production", "test"} == set(across.environments)
    assert (1795221106000, "T", ["T"]) == (
        link.timestamp.milliseconds,
        retitled.title,
        [one.title for one in linked.items],
    )
    assert archived.archived
    assert isinstance(archived.archived_date, int)
    with pytest.raises(ld.exceptions.NotFoundException):
        flags.get_feature_flag("default", "enable-pay")


def test_an_evaluated_flag_says_when_it_was_last_requested(client: ld.ApiClient, lucy: Person) -> None:
    flags = ld.FeatureFlagsApi(client)
    flags.post_feature_flag("default", ld.FeatureFlagBody(name="Pay", key="pay"))
    evaluation = {"project_key": "default", "environment_key": "test", "flag_key": "pay", "variation": True}
    told = lucy.post(
        "/api/fairlead/v1/flags/evaluations", {"evaluations": [evaluation | {"at": "2026-11-20T10:00:30Z"}]}
    )

    status = flags.get_feature_flag_status("default", "test", "pay")

    assert 200 == told.status_code, told.text
    assert datetime.fromisoformat("2026-11-20T10:00:00Z") == status.last_requested
