"""Addresses of pages: what they say is added, left out and put in order here."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode


def address(path: str, fields: Mapping[str, str]) -> str:
    """Return a path with fields behind it; those without a value are left out."""
    said = {name: value for name, value in fields.items() if value}
    return f"{path}?{urlencode(said)}" if said else path


def deployment_address(deployment_id: str) -> str:
    """Return where a deployment is shown, whatever signs its id holds."""
    return f"/deployments/{quote(deployment_id, safe='')}"


def failure_address(failure_id: str) -> str:
    """Return where a failure is shown."""
    return f"/failures/{quote(failure_id, safe='')}"


def with_term(query: str, key: str, value: str) -> str:
    """Return a query that also asks for a value under a key."""
    term = f"{key}:{quoted(value)}"
    if not query.strip():
        return term
    return f"({query}) {term}" if " OR " in query else f"{query} {term}"


def quoted(value: str) -> str:
    """Return a value as a query writes it."""
    is_plain = value and all(sign.isalnum() or sign in "-_./@#" for sign in value) and value[0].isalnum()
    if is_plain and value not in {"AND", "OR", "NOT", "TO"}:
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
