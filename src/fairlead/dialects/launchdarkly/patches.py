"""Changes to a resource: JSON patch, the same wrapped with a comment, and merge patch.

All arrive as `application/json` and are told apart by their shape: an array is a JSON patch, an object
with `patch` or `merge` is wrapped, any other object is a merge patch. Source: LaunchDarkly's API
overview, "Updates", RFC 6902 and RFC 7396. Not here: what a change means to a resource.
"""

import copy
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

import msgspec
from msgspec import UNSET, Struct, UnsetType

from fairlead.dialects.launchdarkly.errors import PatchFailed
from fairlead.domain.errors import Rejected
from fairlead.intake.decoding import decode

MOST_OPERATIONS = 1000


class Operation(Struct):
    """One step of a JSON patch."""

    op: Literal["add", "remove", "replace", "move", "copy", "test"]
    path: str
    value: Any = UNSET
    source: str | UnsetType = msgspec.field(default=UNSET, name="from")


class _Wrapped(Struct):
    comment: str | None = None
    patch: list[Operation] | UnsetType = UNSET
    merge: dict[str, Any] | UnsetType = UNSET


_any = msgspec.json.Decoder()
_operations = msgspec.json.Decoder(list[Operation])
_wrapped = msgspec.json.Decoder(_Wrapped)


class Change(Struct, frozen=True):
    """What is to become different."""

    operations: Sequence[Operation] | None
    """Of a JSON patch, in order; None for a merge patch."""
    merge: Mapping[str, Any]
    """Of a merge patch."""

    def applied(self, document: Mapping[str, Any], editable: Collection[str]) -> dict[str, Any]:
        """Return what `document` becomes; of its fields only those in `editable` may change.

        Raises:
            Rejected: a field would change that may not, or a path names nothing that could be there.
            PatchFailed: the change does not fit: a test fails, or there is nothing at a path.
        """
        before = dict(document)
        after: Any = copy.deepcopy(before)
        if self.operations is None:
            after = _merged(after, self.merge)
        for operation in self.operations or ():
            after = _with(after, operation)
        if not isinstance(after, dict):
            raise Rejected("the patch replaces the resource itself", field="path")
        for name in {*before, *after}:
            if before.get(name, UNSET) != after.get(name, UNSET) and name not in editable:
                raise Rejected(f'attribute "{name}" cannot be changed', field=name)
        return after


def change_from(body: bytes) -> Change:
    """Return the change that a body tells.

    Raises:
        Rejected: it tells none; the message says what is wrong with it.
    """
    told = decode(_any, body)
    if isinstance(told, list):
        return _patch(decode(_operations, body))
    if not isinstance(told, dict):
        raise Rejected("the body must be a JSON patch, or an object with what is to change")
    if isinstance(told.get("patch"), list) or _is_wrapped(told):
        wrapped = decode(_wrapped, body)
        if isinstance(wrapped.patch, list):
            return _patch(wrapped.patch)
        return Change(None, {} if wrapped.merge is UNSET else dict(wrapped.merge))
    return Change(None, told)


def _is_wrapped(told: Mapping[str, Any]) -> bool:
    return bool({"patch", "merge"} & told.keys()) and told.keys() <= {"patch", "merge", "comment"}


def _patch(operations: list[Operation]) -> Change:
    if len(operations) > MOST_OPERATIONS:
        raise Rejected(f"a patch holds at most {MOST_OPERATIONS} operations", field="patch")
    for one in operations:
        if one.op in ("add", "replace", "test") and one.value is UNSET:
            raise Rejected(f'attribute "value" is required to {one.op}', field="value")
        if one.op in ("move", "copy") and one.source is UNSET:
            raise Rejected(f'attribute "from" is required to {one.op}', field="from")
    return Change(operations, {})


def _merged(document: Any, merge: Any) -> Any:
    if not isinstance(merge, Mapping):
        return merge
    kept = dict(document) if isinstance(document, dict) else {}
    for name, value in merge.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = _merged(kept.get(name), value)
    return kept


def _with(document: Any, one: Operation) -> Any:
    keys = _pointer(one.path, "path")
    match one.op:
        case "test":
            if _at(document, keys, one.path) != one.value:
                raise PatchFailed(f"the test of {one.path!r} does not hold")
            return document
        case "remove":
            _at(document, keys, one.path)
            return _without(document, keys)
        case "replace":
            _at(document, keys, one.path)
            return _put(_without(document, keys), keys, one.value, one.path)
        case "add":
            return _put(document, keys, one.value, one.path)
    source = _pointer(str(one.source), "from")
    value = copy.deepcopy(_at(document, source, str(one.source)))
    return _put(_without(document, source) if one.op == "move" else document, keys, value, one.path)


def _pointer(path: str, field: str) -> list[str]:
    if path and not path.startswith("/"):
        raise Rejected(f'attribute "{field}" must be a JSON pointer, such as /name', field=field)
    keys = [key.replace("~1", "/").replace("~0", "~") for key in path.split("/")[1:]]
    if keys and keys[0].startswith("_"):
        raise Rejected(f'attribute "{field}" names {keys[0]}, which cannot be changed', field=field)
    return keys


def _at(document: Any, keys: Sequence[str], path: str) -> Any:
    for key in keys:
        if isinstance(document, dict) and key in document:
            document = document[key]
        elif isinstance(document, list) and _place(key, len(document) - 1) is not None:
            document = document[int(key)]
        else:
            raise PatchFailed(f"there is nothing at {path!r}")
    return document


def _without(document: Any, keys: Sequence[str]) -> Any:
    if not keys:
        return {}
    holder = _at(document, keys[:-1], "")
    if isinstance(holder, dict):
        del holder[keys[-1]]
    else:
        del holder[int(keys[-1])]
    return document


def _put(document: Any, keys: Sequence[str], value: Any, path: str) -> Any:
    if not keys:
        return value
    holder = _at(document, keys[:-1], path)
    if isinstance(holder, dict):
        holder[keys[-1]] = value
        return document
    place = len(holder) if isinstance(holder, list) and keys[-1] == "-" else None
    if isinstance(holder, list) and place is None:
        place = _place(keys[-1], len(holder))
    if place is None:
        raise PatchFailed(f"nothing can be put at {path!r}")
    holder.insert(place, value)
    return document


def _place(key: str, last: int) -> int | None:
    return int(key) if key.isascii() and key.isdigit() and len(key) < 7 and int(key) <= last else None  # noqa: PLR2004 — no list is that long
