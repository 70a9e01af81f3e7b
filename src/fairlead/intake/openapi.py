"""The server's own OpenAPI document, from the shapes that its handlers decode and encode.

Each route says its operation where it is declared (`opt=operation(…)`); the schemas are the wire
shapes themselves, so the document cannot fall behind. Not here: serving it (`dialects/native`).
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from fairlead import __version__

_KEY = "operation"
_REF = "#/components/schemas/{name}"
_NO_CONTENT = 204
_PATH_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


class Operation(Struct, frozen=True):
    """What a route takes and gives."""

    id: str
    takes: Any
    gives: Any
    deprecated: bool
    media_type: str
    alias: str
    """Another path of the same operation, or empty."""
    key_alone: bool
    """An API key is enough."""
    shown_at: str
    """The path to show instead of the router's, or empty."""
    query: str
    """The names that its query may say, with `!` behind those that it must and `#` behind whole numbers."""
    token_alone: bool
    """An access token is wanted, bare, as LaunchDarkly's clients send it."""


def operation(  # noqa: PLR0913 — each is said by its name.
    name: str,
    takes: Any,
    gives: Any,
    *,
    deprecated: bool = False,
    media_type: str = "application/json",
    alias: str = "",
    key_alone: bool = False,
    shown_at: str = "",
    query: str = "",
    token_alone: bool = False,
) -> dict[str, Operation]:
    """Return a route's `opt`: its operation id, and the shapes of body and answer (None: no body)."""
    told = Operation(
        name, takes, gives, deprecated, media_type, alias, key_alone, shown_at, query, token_alone
    )
    return {_KEY: told}


def document(handlers: Iterable[HTTPRouteHandler]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of all handlers that say their operation."""
    told = [handler for handler in handlers if _KEY in handler.opt]
    shapes = [shape for handler in told for shape in _shapes(handler.opt[_KEY])]
    names, components = msgspec.json.schema_components(shapes, ref_template=_REF)
    schema = dict(zip(map(id, shapes), names, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for handler in told:
        for path in [handler.opt[_KEY].shown_at] if handler.opt[_KEY].shown_at else handler.paths:
            entry = paths.setdefault(_PATH_PARAMETER.sub(r"{\1}", path), {})
            for method in sorted(handler.http_methods):
                entry[method.lower()] = _operation_object(handler, path, schema)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Fairlead", "version": __version__},
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": components, "securitySchemes": _SECURITY_SCHEMES},
    }


_SECURITY_SCHEMES = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "DD-API-KEY"},
    "applicationKey": {"type": "apiKey", "in": "header", "name": "DD-APPLICATION-KEY"},
    "token": {"type": "http", "scheme": "bearer"},
    "bareToken": {"type": "apiKey", "in": "header", "name": "Authorization"},
}
_KEYS_OR_TOKEN: list[dict[str, list[str]]] = [{"apiKey": [], "applicationKey": []}, {"token": []}]
_BARE_TOKEN: list[dict[str, list[str]]] = [{"bareToken": []}, {"token": []}]


def _shapes(told: Operation) -> Iterator[Any]:
    yield from (shape for shape in (told.takes, told.gives) if shape is not None)


def _operation_object(handler: HTTPRouteHandler, path: str, schema: dict[int, Any]) -> dict[str, Any]:
    told: Operation = handler.opt[_KEY]
    described: dict[str, Any] = {
        "operationId": told.id + ("Alias" if path == told.alias else ""),
        "summary": (handler.fn.__doc__ or "").partition("\n")[0],
        "deprecated": told.deprecated,
        "security": _security(told),
        "parameters": [
            *(_path_parameter(name) for name in _PATH_PARAMETER.findall(path)),
            *(_query_parameter(name) for name in told.query.split()),
        ],
        "responses": {
            str(handler.status_code if told.gives is not None else _NO_CONTENT): {
                "description": "Done.",
                **_content(told.gives, schema, told.media_type),
            },
            "default": {"description": "Refused; the body says why."},
        },
    }
    if told.takes is not None:
        described["requestBody"] = {"required": True, **_content(told.takes, schema, "application/json")}
    return described


def _content(shape: Any, schema: dict[int, Any], media_type: str) -> dict[str, Any]:
    return {} if shape is None else {"content": {media_type: {"schema": schema[id(shape)]}}}


def _security(told: Operation) -> list[dict[str, list[str]]]:
    if told.token_alone:
        return _BARE_TOKEN
    return [{"apiKey": []}] if told.key_alone else _KEYS_OR_TOKEN


def _path_parameter(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}


def _query_parameter(told: str) -> dict[str, Any]:
    kind = "integer" if "#" in told else "string"
    return {"name": told.rstrip("#!"), "in": "query", "required": "!" in told, "schema": {"type": kind}}
