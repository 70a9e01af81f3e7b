"""Versions: which commit a version means, out of those it can name."""

import pytest

from fairlead.domain.changes import RepositoryId, Sha
from fairlead.domain.versions import Place, chosen, sha_prefix

WEB = RepositoryId("github.com/acme/web"), Sha("a" * 40)
API = RepositoryId("github.com/acme/api"), Sha("a" * 40)
FORK = RepositoryId("gitlab.com/other/web"), Sha("a" * 40)


@pytest.mark.parametrize(
    ("version", "expected"),
    [("a90a8a2", "a90a8a2"), ("A90A8A2F", "a90a8a2f"), ("a90a8a", ""), ("v1.2.3", ""), ("f" * 65, "")],
)
def test_seven_digits_or_more_may_be_a_commit(version: str, expected: str) -> None:
    assert expected == sha_prefix(version)


@pytest.mark.parametrize(
    ("places", "preferred", "expected"),
    [
        ([], frozenset(), None),
        ([API], frozenset(), API),
        ([API, WEB], frozenset(), WEB),
        ([API, WEB], frozenset({API[0]}), API),
        ([API, WEB, FORK], frozenset({API[0], FORK[0]}), FORK),
        ([WEB, FORK], frozenset(), None),
        ([API, API], frozenset(), None),
    ],
)
def test_the_project_and_the_name_of_the_application_decide(
    places: list[Place], preferred: frozenset[str], expected: Place | None
) -> None:
    assert expected == chosen(places, "web", preferred)
