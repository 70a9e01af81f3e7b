"""What events posted by pipelines take from the catalogue, seen from outside."""

from typing import Any

import pytest

from tests.casts import Cast, Person
from tests.catalog_requests import DEFINITION_YAML, DEFINITIONS, ENTITIES, ENTITY_YAML, a_definition
from tests.datadog_requests import DEPLOYMENT, DEPLOYMENTS, FAILURE, FAILURES, a_deployment, a_failure, a_list


def posted(cast: Cast, path: str, body: dict[str, Any]) -> str:
    answer = cast.robot.post(path, body)
    assert 200 == answer.status_code, answer.text
    return str(answer.json()["data"]["id"])


def attributes(person: Person, path: str, id: str) -> dict[str, Any]:
    told: dict[str, Any] = person.get(f"{path}/{id}").json()["data"]["attributes"]
    return told


def nameless(**changes: Any) -> dict[str, Any]:
    """Return a deployment that says neither team nor tags."""
    return a_deployment(**{"team": None, "custom_tags": None} | changes)


@pytest.mark.parametrize(
    ("path", "text", "languages"),
    [
        (DEFINITIONS, DEFINITION_YAML, ["language:go", "language:python"]),
        (ENTITIES, ENTITY_YAML, ["language:go"]),
    ],
    ids=["definition", "entity"],
)
def test_a_deployment_takes_team_languages_and_tags(
    cast: Cast, path: str, text: str, languages: list[str]
) -> None:
    assert cast.ada.post(path, text).status_code in (200, 202)

    told = attributes(cast.ada, DEPLOYMENTS, posted(cast, DEPLOYMENT, nameless()))

    assert ("payments", [*languages, "cost:1"]) == (told["team"], told["custom_tags"])


def test_what_was_taken_is_found_by_a_search(cast: Cast) -> None:
    cast.ada.post(DEFINITIONS, DEFINITION_YAML)
    id = posted(cast, DEPLOYMENT, nameless())

    for query in ("team:payments", "language:python", "cost:1", "team:payments language:go cost:1"):
        found = cast.ada.post(DEPLOYMENTS, a_list(query=query)).json()["data"]
        assert [id] == [one["id"] for one in found], query


def test_what_the_event_says_itself_stays_and_comes_first(cast: Cast) -> None:
    cast.ada.post(DEFINITIONS, DEFINITION_YAML)

    event = a_deployment(team="ops", custom_tags=["cost:1", "own:1"])
    told = attributes(cast.ada, DEPLOYMENTS, posted(cast, DEPLOYMENT, event))

    assert ("ops", ["cost:1", "own:1", "language:go", "language:python"]) == (
        told["team"],
        told["custom_tags"],
    )


def test_a_failure_takes_the_team_of_its_service(cast: Cast) -> None:
    cast.ada.post(DEFINITIONS, DEFINITION_YAML)

    told = attributes(cast.ada, FAILURES, posted(cast, FAILURE, a_failure(team=None, custom_tags=None)))

    assert ("payments", ["language:go", "language:python", "cost:1"]) == (told["team"], told["custom_tags"])


def test_the_id_that_follows_from_an_event_is_the_same_whatever_the_catalogue_says(cast: Cast) -> None:
    ids = [posted(cast, DEPLOYMENT, nameless())]
    for team in ("payments", "ops"):
        cast.ada.post(DEFINITIONS, a_definition(team=team))
        ids.append(posted(cast, DEPLOYMENT, nameless()))
    cast.ada.delete(f"{DEFINITIONS}/checkout")
    ids.append(posted(cast, DEPLOYMENT, nameless()))

    assert [ids[0]] * 4 == ids
    assert "team" not in attributes(cast.ada, DEPLOYMENTS, ids[0])


def test_a_changed_catalogue_counts_from_the_next_event_on(cast: Cast) -> None:
    cast.ada.post(DEFINITIONS, a_definition(team="payments"))
    first = posted(cast, DEPLOYMENT, nameless(version="1"))
    cast.ada.post(DEFINITIONS, a_definition(team="ops"))
    second = posted(cast, DEPLOYMENT, nameless(version="2"))
    cast.ada.delete(f"{DEFINITIONS}/checkout")
    third = posted(cast, DEPLOYMENT, nameless(version="3"))

    teams = [attributes(cast.ada, DEPLOYMENTS, id).get("team") for id in (first, second, third)]
    assert ["payments", "ops", None] == teams


def test_nothing_is_taken_from_the_catalogue_of_another_organisation(cast: Cast) -> None:
    cast.zoe.post(DEFINITIONS, DEFINITION_YAML)

    told = attributes(cast.ada, DEPLOYMENTS, posted(cast, DEPLOYMENT, nameless()))

    assert not {"team", "custom_tags"} & set(told)
