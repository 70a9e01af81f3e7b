"""Requests of Datadog's Deployment Gates API, as its clients send them."""

from typing import Any
from uuid import uuid4

from tests.casts import Person
from tests.waiting import became

GATES = "/api/v2/deployment_gates"
EVALUATION = "/api/v2/deployments/gates/evaluation"
NIL = "00000000-0000-0000-0000-000000000000"


def a_gate(**attributes: Any) -> dict[str, Any]:
    told = {"service": "my-service", "env": "production", "identifier": uuid4().hex} | attributes
    return {"data": {"type": "deployment_gate", "attributes": _given(told)}}


def a_rule(**attributes: Any) -> dict[str, Any]:
    told = {
        "name": "My deployment rule",
        "type": "monitor",
        "options": {"query": "service:shop"},
        "dry_run": False,
    }
    return {"data": {"type": "deployment_rule", "attributes": _given(told | attributes)}}


def a_trigger(**attributes: Any) -> dict[str, Any]:
    told = {"service": "my-service", "env": "production"} | attributes
    return {"data": {"type": "deployment_gates_evaluation_request", "attributes": _given(told)}}


def inline(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return the attributes of rules that come with a request."""
    return {"configuration": {"rules": list(rules), **more}}


def a_monitor_rule(query: str = "service:shop", **more: Any) -> dict[str, Any]:
    options = {"query": query} | more.pop("options", {})
    return {"type": "monitor", "name": "monitors", "options": options} | more


def made(person: Person, path: str, request: dict[str, Any]) -> dict[str, Any]:
    """Create something and return its object."""
    answer = person.post(path, request)
    assert 200 == answer.status_code, answer.text
    created: dict[str, Any] = answer.json()["data"]
    return created


def triggered(person: Person, **attributes: Any) -> str:
    """Trigger an evaluation and return its id."""
    answer = person.post(EVALUATION, a_trigger(**attributes))
    assert 202 == answer.status_code, answer.text
    id: str = answer.json()["data"]["attributes"]["evaluation_id"]
    return id


def result(person: Person, id: str) -> dict[str, Any]:
    """Return how an evaluation stands."""
    answer = person.get(f"{EVALUATION}/{id}")
    assert 200 == answer.status_code, answer.text
    told: dict[str, Any] = answer.json()["data"]["attributes"]
    return told


def settled(person: Person, id: str, within_s: float = 30) -> dict[str, Any]:
    """Wait until every rule of an evaluation is decided, and return how it stands."""

    def is_settled() -> bool:
        told = result(person, id)
        return all(rule["status"] != "in_progress" for rule in told["rules"])

    assert became(is_settled, within_s), result(person, id)
    return result(person, id)


def _given(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if value is not None}
