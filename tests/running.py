"""A running server with the keys that its clients need, as whoever sets up Fairlead has it.

Not here: the program itself (`programs.py`), and whoever calls.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.programs import Program, Server


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers."""

    server: Server
    api_key: str
    app_key: str

    @property
    def address(self) -> str:
        """Where it answers."""
        return self.server.address

    @property
    def headers(self) -> dict[str, str]:
        """Headers of somebody who may do everything."""
        return {"DD-API-KEY": self.api_key, "DD-APPLICATION-KEY": self.app_key}

    def deployments(self, query: str) -> list[dict[str, Any]]:
        """Return the stored deployments that a search finds, oldest first."""
        attributes = {"query": query, "sort": "finished_at", "limit": 1000}
        body = {"data": {"type": "dora_deployments_list_request", "attributes": attributes}}
        answer = self.server.post("/api/v2/dora/deployments", headers=self.headers, json=body)
        assert 200 == answer.status_code, answer.text
        found: list[dict[str, Any]] = answer.json()["data"]
        return found


@contextmanager
def running(program: Program, *options: str, **variables: str) -> Iterator[Running]:
    """Run `fairlead serve` until whoever needs it is done with it."""
    keys = {kind: a_key(program, kind)["key"] for kind in ("api", "app")}
    with program.server("serve", *options, **variables) as server:
        yield Running(server, keys["api"], keys["app"])


def a_key(program: Program, kind: str = "api") -> dict[str, Any]:
    """Make a key and return what is told about it."""
    made: dict[str, Any] = json.loads(program.here("keys", "create", "ci", "--kind", kind, "--json"))
    return made
