"""JSON patch, the wrapped form and merge patch: told apart by shape, applied or refused as a whole."""

from typing import Any

import msgspec
import pytest

from fairlead.dialects.launchdarkly.errors import PatchFailed
from fairlead.dialects.launchdarkly.patches import change_from
from fairlead.domain.errors import Rejected

DOCUMENT = {"status": "started", "archived": False, "metadata": {"a/b": 1, "list": [1, 2]}}
EDITABLE = {"status", "archived", "metadata", "endedAt"}


def applied(told: Any, document: Any = DOCUMENT) -> Any:
    """Return what a document becomes."""
    return change_from(msgspec.json.encode(told)).applied(document, EDITABLE)


@pytest.mark.parametrize(
    ("told", "changed"),
    [
        ([{"op": "replace", "path": "/status", "value": "finished"}], {"status": "finished"}),
        ({"comment": "why", "patch": [{"op": "add", "path": "/endedAt", "value": None}]}, {"endedAt": None}),
        ({"comment": "why", "merge": {"status": "failed"}}, {"status": "failed"}),
        ({"merge": {"metadata": {"a/b": None}}}, {"metadata": {"list": [1, 2]}}),
        ({"status": "failed", "archived": True}, {"status": "failed", "archived": True}),
        (
            [
                {"op": "test", "path": "/archived", "value": False},
                {"op": "add", "path": "/metadata/list/-", "value": 3},
                {"op": "remove", "path": "/metadata/list/0"},
                {"op": "move", "from": "/metadata/a~1b", "path": "/metadata/b"},
                {"op": "copy", "from": "/metadata/b", "path": "/metadata/c"},
            ],
            {"metadata": {"list": [2, 3], "b": 1, "c": 1}},
        ),
        ([], {}),
        ({}, {}),
    ],
)
def test_each_form_changes_what_it_names(told: Any, changed: dict[str, Any]) -> None:
    assert DOCUMENT | changed == applied(told)


def test_what_is_there_stays_as_it_was() -> None:
    applied([{"op": "remove", "path": "/metadata/list/0"}])

    assert {"a/b": 1, "list": [1, 2]} == DOCUMENT["metadata"]


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/archived", "value": True},
        {"op": "remove", "path": "/endedAt"},
        {"op": "replace", "path": "/metadata/absent", "value": 1},
        {"op": "add", "path": "/metadata/absent/deeper", "value": 1},
        {"op": "add", "path": "/metadata/list/7", "value": 1},
        {"op": "add", "path": "/metadata/list/x", "value": 1},
        {"op": "add", "path": "/status/deeper", "value": 1},
        {"op": "copy", "from": "/absent", "path": "/metadata/c"},
    ],
)
def test_a_patch_that_does_not_fit_fails(operation: dict[str, Any]) -> None:
    with pytest.raises(PatchFailed):
        applied([operation])


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ([{"op": "replace", "path": "/id", "value": "x"}], "id"),
        ([{"op": "replace", "path": "/_links", "value": "x"}], "path"),
        ([{"op": "replace", "path": "/status"}], "value"),
        ([{"op": "move", "path": "/status"}], "from"),
        ([{"op": "replace", "path": "status", "value": "x"}], "path"),
        ([{"op": "replace", "path": "", "value": 7}], "path"),
        ([{"op": "rename", "path": "/status"}], "[0].op"),
        ([{"op": "replace", "value": 1}], "[0].path"),
        ([{"op": "remove", "path": ""}], None),
        ({"kind": "rollback"}, "kind"),
        ("text", ""),
        (7, ""),
        ([{"op": "remove", "path": "/archived"}] * 1001, "patch"),
    ],
)
def test_a_change_that_may_not_be_made_is_refused(told: Any, field: str | None) -> None:
    with pytest.raises(Rejected) as refused:
        applied(told, {"id": "d", **DOCUMENT})

    assert field in (None, refused.value.field)
