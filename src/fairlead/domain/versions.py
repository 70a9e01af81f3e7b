"""Versions: which commit a version names.

Source: LaunchDarkly's documentation ties a deployment to commits where its version is at least the first
seven digits of the commit's SHA, or a tag of that commit. Not here: where commits and tags are kept.
"""

import re

from fairlead.domain.changes import RepositoryId, Sha

SHORTEST_PREFIX = 7
_PREFIX = re.compile(r"[0-9a-f]{7,64}", re.ASCII)

Place = tuple[RepositoryId, Sha]
"""A commit of a repository."""


def sha_prefix(version: str) -> str:
    """Return the beginning of a SHA that a version can be, in lower case; empty if it can be none."""
    text = version.lower()
    return text if _PREFIX.fullmatch(text) else ""


def short_name(repository_id: str) -> str:
    """Return the last part of a repository's id, which applications are usually called after."""
    return repository_id.rpartition("/")[2]


def chosen(places: list[Place], application: str, preferred: frozenset[str]) -> Place | None:
    """Return the commit that a version of `application` means out of those it can name.

    `preferred` are the repositories of its project. What is in one of them comes first, then what is in a
    repository that is called like the application; None where more than one is left, or none.
    """
    for wanted in (
        [one for one in places if one[0] in preferred and short_name(one[0]) == application],
        [one for one in places if one[0] in preferred],
        [one for one in places if short_name(one[0]) == application],
        places,
    ):
        if len(wanted) == 1:
            return wanted[0]
        if wanted:
            return None
    return None
