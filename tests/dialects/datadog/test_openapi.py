"""The server's own OpenAPI document: it says what is there, and nothing it allows breaks the server."""

import re
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.casts import Cast, a_cast
from tests.servers import Served

DOCUMENT = "/api/fairlead/v1/openapi.json"
_NEEDED = {
    "projectKey": "default",
    "environmentKey": "prod",
    "query": "dora.deployments",
    "from": "1",
    "to": "2",
}

THOROUGH = settings(
    deadline=timedelta(seconds=20),
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)


def answered(data: st.DataObject, schema: Any, server: Served, headers: dict[str, str]) -> None:
    """Send what one operation of `schema` allows, or nearly, and see the answer keep to the document."""
    operations = [found.ok() for found in schema.get_all_operations()]
    operation = data.draw(st.sampled_from(operations))
    mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    case = data.draw(operation.as_strategy(generation_mode=mode))

    answer = case.call(base_url=server.address, headers=headers)

    case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])


@pytest.fixture(scope="session")
def document(shared_server: Served) -> Any:
    """The document as it is served."""
    return shared_server.http.get(DOCUMENT).json()


def part_of(document: Any, paths: str) -> Any:
    """What generates requests to the operations whose paths match."""
    return schemathesis.openapi.from_dict(document).include(path_regex=paths)


@pytest.fixture(scope="session")
def own_schema(document: Any) -> Any:
    """This dialect."""
    return part_of(document, "^/api/v(1/validate|2/(dora|ai_impact))")


@pytest.fixture(scope="session")
def insights_schema(document: Any) -> Any:
    """What LaunchDarkly's clients speak."""
    return part_of(
        document,
        "^/api/v2/(accelerate|applications|caller-identity|code-refs|engineering|flag|projects)",
    )


@pytest.fixture(scope="module")
def own_cast(shared_server: Served, shared_ledger: Any) -> Cast:
    """One cast for all generated requests."""
    return a_cast(shared_server.http, shared_ledger)


@settings(THOROUGH, max_examples=250)
@given(data=st.data())
def test_nothing_that_the_document_allows_breaks_the_server(
    data: st.DataObject, own_schema: Any, shared_server: Served, own_cast: Cast
) -> None:
    answered(data, own_schema, shared_server, own_cast.ada.headers)


@settings(THOROUGH, max_examples=80)
@given(data=st.data())
def test_nothing_that_the_document_allows_breaks_insights(
    data: st.DataObject, insights_schema: Any, shared_server: Served, own_cast: Cast
) -> None:
    answered(data, insights_schema, shared_server, own_cast.tom.headers)


def test_every_operation_is_in_the_document(document: Any) -> None:
    told = {
        operation["operationId"]: (method, path)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if path.startswith(("/api/v1/validate", "/api/v2/dora", "/api/v2/ai_impact"))
    }

    assert {
        "CreateDORADeployment": ("post", "/api/v2/dora/deployment"),
        "DeleteDORADeployment": ("delete", "/api/v2/dora/deployment/{deployment_id}"),
        "PatchDORADeploymentAlias": ("patch", "/api/v2/dora/deployment/{deployment_id}"),
        "ListDORADeployments": ("post", "/api/v2/dora/deployments"),
        "PatchDORADeploymentByVersion": ("patch", "/api/v2/dora/deployments"),
        "GetDORADeployment": ("get", "/api/v2/dora/deployments/{deployment_id}"),
        "PatchDORADeployment": ("patch", "/api/v2/dora/deployments/{deployment_id}"),
        "CreateDORAFailure": ("post", "/api/v2/dora/failure"),
        "DeleteDORAFailure": ("delete", "/api/v2/dora/failure/{failure_id}"),
        "ListDORAFailures": ("post", "/api/v2/dora/failures"),
        "GetDORAFailure": ("get", "/api/v2/dora/failures/{failure_id}"),
        "CreateDORAIncident": ("post", "/api/v2/dora/incident"),
        "CreateAIImpactUserActivity": ("post", "/api/v2/ai_impact/user_activity"),
        "Validate": ("get", "/api/v1/validate"),
    } == told


def test_what_needs_one_key_and_what_needs_two_is_told(document: Any) -> None:
    paths = document["paths"]

    assert [{"apiKey": []}] == paths["/api/v2/dora/deployment"]["post"]["security"]
    assert [{"apiKey": [], "applicationKey": []}, {"token": []}] == paths["/api/v2/dora/deployments"]["post"][
        "security"
    ]


def test_the_deprecated_path_is_called_so(document: Any) -> None:
    deprecated = [
        path for path, methods in document["paths"].items() if methods.get("post", {}).get("deprecated")
    ]

    assert ["/api/v2/dora/incident"] == deprecated


def test_whole_numbers_that_the_document_names_are_read(
    document: Any, shared_server: Served, own_cast: Cast
) -> None:
    token = {"Authorization": own_cast.tom.headers["Authorization"].removeprefix("Bearer ")}
    asked = {
        (path, one["name"]): token if "bareToken" in operation["security"][0] else own_cast.ada.headers
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        for one in operation["parameters"]
        if method == "get" and one["in"] == "query" and one["schema"]["type"] == "integer"
    }

    refused = {
        (path, name): shared_server.http.get(
            re.sub(r"\{\w+\}", "1", path), params=_NEEDED | {name: "many"}, headers=headers
        ).status_code
        for (path, name), headers in asked.items()
    }

    assert refused == dict.fromkeys(asked, 400)


def test_every_path_allows_what_the_document_tells_of_it(document: Any, shared_server: Served) -> None:
    told = {
        path: {*map(str.upper, methods), "OPTIONS"} for path, methods in sorted(document["paths"].items())
    }

    allowed = {
        path: set(shared_server.http.options(re.sub(r"\{\w+\}", "1", path)).headers["allow"].split(", "))
        for path in told
    }

    assert allowed == told
