"""Believable requests to the Datadog dialect: a test names only the attributes it is about.

Not here: who sends them (`casts.py`) and what comes back.
"""

from typing import Any

from fairlead.domain.instants import NS_PER_S, from_rfc3339

NOON = from_rfc3339("2025-03-12T12:00:00Z")
MINUTE_NS = 60 * NS_PER_S
SHA = "66adc9350f2cc9b250b69abddab733dd55e1a588"
REPOSITORY = "https://github.com/shopist/checkout"

DEPLOYMENT = "/api/v2/dora/deployment"
DEPLOYMENTS = "/api/v2/dora/deployments"
FAILURE = "/api/v2/dora/failure"
FAILURES = "/api/v2/dora/failures"
INCIDENT = "/api/v2/dora/incident"
ACTIVITY = "/api/v2/ai_impact/user_activity"
VALIDATE = "/api/v1/validate"


def a_deployment(**changes: Any) -> dict[str, Any]:
    """Return a create request; None leaves an attribute out. Moving its end moves its start."""
    finished_at = changes.get("finished_at", NOON)
    whole = isinstance(finished_at, int) and not isinstance(finished_at, bool)
    attributes: dict[str, Any] = {
        "service": "checkout",
        "env": "prod",
        "team": "payments",
        "version": "1.4.2",
        "started_at": finished_at - 5 * MINUTE_NS if whole else NOON,
        "finished_at": finished_at,
        "git": {"repository_url": REPOSITORY, "commit_sha": SHA},
        "custom_tags": ["region:eu-west-1", "language:go"],
    }
    return _request(attributes | changes)


def a_failure(**changes: Any) -> dict[str, Any]:
    """Return a create request of a failure that has ended; None leaves an attribute out."""
    attributes: dict[str, Any] = {
        "services": ["checkout"],
        "team": "payments",
        "env": "prod",
        "version": "1.4.2",
        "name": "Checkout answers with errors",
        "severity": "High",
        "started_at": NOON,
        "finished_at": NOON + 30 * MINUTE_NS,
        "git": {"repository_url": REPOSITORY, "commit_sha": SHA},
        "custom_tags": ["region:eu-west-1"],
    }
    return _request(attributes | changes)


def a_list(kind: str = "deployments", **attributes: Any) -> dict[str, Any]:
    """Return a list request for `deployments` or `failures`; `since` stands for `from`."""
    if "since" in attributes:
        attributes["from"] = attributes.pop("since")
    return {"data": {"type": f"dora_{kind}_list_request", "attributes": attributes}}


def a_patch(deployment_id: Any = "", **attributes: Any) -> dict[str, Any]:
    """Return a patch request."""
    return {
        "data": {
            "type": "dora_deployment_patch_request",
            "id": deployment_id,
            "attributes": attributes,
        }
    }


def an_activity(**changes: Any) -> dict[str, Any]:
    """Return one entry of an activity report; None leaves an attribute out."""
    attributes: dict[str, Any] = {
        "user_email": "ada@example.com",
        "day": "2026-05-26",
        "is_active": True,
        "tools": ["Claude Code"],
        "models": ["claude-sonnet-4.5"],
    }
    told = {name: value for name, value in (attributes | changes).items() if value is not None}
    return {"type": "ai_impact_user_activity", "attributes": told}


def _request(attributes: dict[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in attributes.items() if value is not None}
    return {"data": {"attributes": told}}
