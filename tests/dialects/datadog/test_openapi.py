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


@pytest.fixture(scope="session")
def document(shared_server: Served) -> Any:
    """The document as it is served."""
    return shared_server.http.get(DOCUMENT).json()


@pytest.fixture(scope="session")
def own_schema(document: Any) -> Any:
    """The same, as what generates requests to this dialect."""
    return schemathesis.openapi.from_dict(document).include(
        path_regex="^/api/v(1/validate|2/(dora|ai_impact))"
    )


@pytest.fixture(scope="module")
def own_cast(shared_server: Served, shared_ledger: Any) -> Cast:
    """One cast for all generated requests."""
    return a_cast(shared_server.http, shared_ledger)


@settings(
    max_examples=250,
    deadline=timedelta(seconds=20),
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
@given(data=st.data())
def test_nothing_that_the_document_allows_breaks_the_server(
    data: st.DataObject, own_schema: Any, shared_server: Served, own_cast: Cast
) -> None:
    operations = [found.ok() for found in own_schema.get_all_operations()]
    operation = data.draw(st.sampled_from(operations))
    mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    case = data.draw(operation.as_strategy(generation_mode=mode))

    answer = case.call(base_url=shared_server.address, headers=own_cast.ada.headers)

    case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])


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


def test_every_path_allows_what_the_document_tells_of_it(document: Any, shared_server: Served) -> None:
    told = {
        path: {*map(str.upper, methods), "OPTIONS"} for path, methods in sorted(document["paths"].items())
    }

    allowed = {
        path: set(shared_server.http.options(re.sub(r"\{\w+\}", "1", path)).headers["allow"].split(", "))
        for path in told
    }

    assert allowed == told
