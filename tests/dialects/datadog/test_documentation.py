"""The page about this dialect cannot fall behind the code."""

import re
from pathlib import Path

import pytest

from fairlead.dialects.datadog import routes, times
from fairlead.usecases import find_deployments, find_failures

PAGE = (Path(__file__).parents[3] / "docs/dialects/datadog.md").read_text(encoding="utf-8")
LANGUAGES = {"Go, and Terraform's provider through it": "go"}


def test_every_operation_is_on_the_page() -> None:
    told = set(re.findall(r"`(GET|POST|PATCH|DELETE) (/api/[^`]+)`", PAGE))
    also = {"/api/v2/dora/incident", "/api/v2/dora/deployment/{id}"}

    for handler in (*routes.V1, *routes.V2):
        for path in handler.paths:
            plain = re.sub(r"\{\w+:path\}", "{id}", path)
            (method,) = handler.http_methods
            assert (str(method), plain) in told or plain in also, plain


def test_the_versions_at_which_clients_switched_are_on_the_page() -> None:
    rows = dict(re.findall(r"^\| ([^|]+) \| (\d+\.\d+\.\d+) \|$", PAGE, re.MULTILINE))
    told = {LANGUAGES.get(name, name.lower()): version for name, version in rows.items()}

    assert told == {
        language: ".".join(map(str, version)) for language, version in times.READS_RFC3339_SINCE.items()
    }


@pytest.mark.parametrize("fields", [find_deployments.SORTABLE, find_failures.SORTABLE])
def test_what_lists_can_be_ordered_by_is_on_the_page(fields: tuple[str, ...]) -> None:
    (paragraph,) = (part for part in PAGE.split("\n\n") if part.startswith("`sort` is"))
    assert set(fields) <= set(re.findall(r"`(\w+)`", paragraph))
