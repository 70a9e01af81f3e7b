"""Addresses of pages: what they say is added, left out and put in order here."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from fairlead.usecases.complete_search import written


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
    term = f"{key}:{written(value)}"
    if not query.strip():
        return term
    return f"({query}) {term}" if " OR " in query else f"{query} {term}"


def without_term(query: str, key: str, value: str) -> str | None:
    """Return a query without a value under a key; None where it does not ask for it plainly."""
    term = f"{key}:{written(value)}"
    parts = query.split(" ")
    if term not in parts or "OR" in parts or "NOT" in parts:
        return None
    return " ".join(part for part in parts if part != term)
