"""Nothing that the OpenAPI document allows breaks the gates and monitors."""

from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error

from tests.casts import Cast, a_cast
from tests.servers import Served


@pytest.fixture(scope="module")
def gates_schema(shared_server: Served) -> Any:
    """The document's part about gates and monitors, as what generates requests."""
    document = shared_server.http.get("/api/fairlead/v1/openapi.json").json()
    return schemathesis.openapi.from_dict(document).include(
        path_regex="^/api/(v2/(deployment_gates|deployments/gates)|v1/monitor|fairlead/v1/monitors)"
    )


@pytest.fixture(scope="module")
def gates_cast(shared_server: Served, shared_ledger: Any) -> Cast:
    """One cast for all generated requests."""
    return a_cast(shared_server.http, shared_ledger)


@settings(
    max_examples=150,
    deadline=timedelta(seconds=20),
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    database=None,
)
@given(data=st.data())
def test_nothing_that_the_document_allows_breaks_the_server(
    data: st.DataObject, gates_schema: Any, shared_server: Served, gates_cast: Cast
) -> None:
    operations = [found.ok() for found in gates_schema.get_all_operations()]
    operation = data.draw(st.sampled_from(operations))
    mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    case = data.draw(operation.as_strategy(generation_mode=mode))

    answer = case.call(base_url=shared_server.address, headers=gates_cast.ada.headers)

    case.validate_response(answer, checks=[not_a_server_error])
