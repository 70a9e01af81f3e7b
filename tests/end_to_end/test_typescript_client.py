"""The official TypeScript client on both sides of its switch: every operation of the DORA API."""

import pytest

from tests.official_clients import node_script
from tests.programs import Server

TOLD = {
    "id": "deployment-0000001",
    "repository": "github.com/organization/example-repository",
    "sameFailure": True,
    "failures": 1,
    "left": 0,
    "refused": 400,
}
DATES = {
    "startedAt": "2025-03-12T11:46:40.000Z",
    "finishedAt": "2025-03-12T11:47:40.000Z",
    "failure": "2025-03-12T11:46:40.000Z",
}
NANOSECONDS = {
    "startedAt": 1_741_780_000_000_000_000,
    "finishedAt": 1_741_780_060_000_000_000,
    "failure": 1_741_780_000_000_000_000,
}


@pytest.mark.parametrize(
    ("package", "times"),
    [("@datadog/datadog-api-client", DATES), ("datadog-api-client-before", NANOSECONDS)],
    ids=["1.64.0", "1.60.0"],
)
def test_every_dora_operation_works(
    server: Server, keys: dict[str, str], package: str, times: dict[str, object]
) -> None:
    assert TOLD | times == node_script("dora.cjs", server, keys, package)
