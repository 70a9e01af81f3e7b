"""Sources of traffic and strictness of judgement, from Fairlead's own API and back."""

from typing import Any

import msgspec

from fairlead.dialects.native import source_wire as wire
from fairlead.domain.detection import Correction, Detection, Method
from fairlead.domain.errors import Rejected
from fairlead.domain.instants import to_rfc3339
from fairlead.domain.texts import require_text
from fairlead.domain.traffic_sources import KeptSource, TrafficSource


def source_from(name: str, told: wire.SourceTold) -> TrafficSource:
    """Return the source that was told.

    Raises:
        Rejected: something is missing or too long; the message names the attribute.
    """
    fields = msgspec.structs.asdict(told) | {"resource_labels": tuple(told.resource_labels)}
    return TrafficSource(name=require_text(name, "name", longest=100), **fields)


def seen_source(kept: KeptSource) -> wire.SourceSeen:
    """Return a source in the API's shape."""
    fields = msgspec.structs.asdict(kept.source) | {"resource_labels": list(kept.source.resource_labels)}
    asked_at = None if kept.asked_at is None else to_rfc3339(kept.asked_at)
    return wire.SourceSeen(**fields, asked_at=asked_at, failure=kept.failure or None)


def detection_from(told: wire.DetectionTold) -> Detection:
    """Return what was told, and the defaults for the rest.

    Raises:
        Rejected: a value is out of bounds; the message names the attribute.
    """
    fields: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(told).items() if value is not None
    }
    for name, kind in (("method", Method), ("correction", Correction)):
        if name in fields:
            fields[name] = _one_of(kind, fields[name], name)
    return Detection(**fields)


def seen_detection(service: str, detection: Detection) -> wire.DetectionSeen:
    """Return what holds for a service in the API's shape."""
    fields = msgspec.structs.asdict(detection)
    fields |= {"method": detection.method.value, "correction": detection.correction.value}
    return wire.DetectionSeen(service=service or None, **fields)


def _one_of(kind: type[Method] | type[Correction], told: str, field: str) -> Method | Correction:
    try:
        return kind(told)
    except ValueError:
        words = ", ".join(kind)
        raise Rejected(f'attribute "{field}" must be one of {words}', field=field) from None
