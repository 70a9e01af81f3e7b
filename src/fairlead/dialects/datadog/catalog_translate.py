"""Between Datadog's entities of v3 and Fairlead's catalogue, both ways, without asking anybody.

Not here: service definitions (`definitions_translate.py`), and which schema a document is in
(`catalog_documents.py`).
"""

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace

from fairlead.dialects.datadog.catalog_wire import Entity, EntityDatadog, EntityLink, Metadata, Spec
from fairlead.domain.catalog import (
    BUILT_IN_KINDS,
    SERVICE,
    TEAM,
    CodeLocation,
    Description,
    Ref,
    RelationType,
    SourceLink,
    ref_from,
    ref_to,
)
from fairlead.domain.errors import Rejected
from fairlead.intake.decoding import decode

_DORA = "datadoghq.com/dora-metrics"
_PATTERNS = "source_patterns"
_OTHER, _REPO = "other", "repo"
_SYSTEM = "system"
_spec = msgspec.json.Decoder(Spec)

# Typed clients take no other keys in the schemas of these kinds.
_SPEC_FIELDS = {
    SERVICE: ("lifecycle", "tier", "type", "languages", "depends_on", "component_of"),
    "datastore": ("lifecycle", "tier", "type", "component_of"),
    "queue": ("lifecycle", "tier", "type", "component_of"),
    _SYSTEM: ("lifecycle", "tier", "components"),
    "api": ("lifecycle", "tier", "type", "implemented_by", "interface"),
}
_NO_PIPELINES = {"datastore", "queue"}
_NO_CODE = {"datastore", "queue", _SYSTEM}


def normal(told: Entity, spec: Any) -> Entity:
    """Return an entity as it goes back: with defaults, and with what its kind has a place for.

    `spec` is that part as it was told, for kinds whose schema is not known.

    Raises:
        Rejected: its `spec` is not as the kind has it.
    """
    kind = told.kind.lower()
    ref = ref_to(kind, told.metadata.name, told.metadata.namespace)
    metadata = replace(
        told.metadata,
        name=ref.name,
        namespace=ref.namespace,
        links=tuple(replace(link, type=link.type or _OTHER) for link in told.metadata.links),
        managed=None,
    )
    if kind in BUILT_IN_KINDS and told.spec is not None:
        wanted = _SPEC_FIELDS[kind]
        shaped = decode(_spec, msgspec.json.encode(told.spec))
        kept = Spec(**{name: getattr(shaped, name) for name in wanted})
        spec = msgspec.to_builtins(kept)
    elif spec is not None and not isinstance(spec, dict):
        raise Rejected('attribute "spec" must be an object', field="spec")
    return replace(told, kind=kind, metadata=metadata, datadog=_datadog(kind, told.datadog), spec=spec)


def description_of(entity: Entity) -> Description:
    """Return what an entity says, in Fairlead's words.

    Raises:
        Rejected: a reference or pattern cannot be one, or there are too many.
    """
    metadata, datadog = entity.metadata, entity.datadog or EntityDatadog()
    known = entity.kind in BUILT_IN_KINDS
    spec = msgspec.convert(entity.spec or {}, Spec) if known else Spec()
    pagerduty = entity.integrations.pagerduty if entity.integrations else None
    locations = (CodeLocation(one.repository_url, one.paths) for one in datadog.code_locations)
    return Description(
        team=metadata.owner.strip(),
        tags=metadata.tags,
        languages=spec.languages,
        source_patterns=_source_patterns(entity.extensions.get(_DORA)),
        code_locations=tuple(locations),
        source_links=tuple(_source_links(metadata.links)),
        pagerduty_url=pagerduty.service_url if pagerduty else "",
        targets=tuple(_targets(metadata, spec)),
    )


def _datadog(kind: str, told: EntityDatadog | None) -> EntityDatadog | None:
    if told is None:
        return None
    return replace(
        told,
        pipelines=None if kind in _NO_PIPELINES else told.pipelines,
        code_locations=() if kind in _NO_CODE else told.code_locations,
    )


def _source_patterns(extension: Any) -> tuple[str, ...]:
    """Return the globs of Datadog's extension for DORA metrics; a lone text counts as one.

    Raises:
        Rejected: they are something else than texts.
    """
    told = extension.get(_PATTERNS) if isinstance(extension, dict) else None
    patterns = [told] if isinstance(told, str) else told
    if patterns is None:
        return ()
    if not isinstance(patterns, list) or not all(isinstance(pattern, str) for pattern in patterns):
        raise Rejected(f'attribute "{_PATTERNS}" must be an array of texts', field=_PATTERNS)
    return tuple(pattern for pattern in patterns if pattern.strip())


def _source_links(links: tuple[EntityLink, ...]) -> Iterator[SourceLink]:
    return (SourceLink(link.name, link.url) for link in links if link.type.lower() == _REPO)


def _targets(metadata: Metadata, spec: Spec) -> Iterator[tuple[RelationType, Ref]]:
    if metadata.owner.strip():
        yield RelationType.OWNED_BY, ref_to(TEAM, metadata.owner, field="owner")
    for owner in metadata.additional_owners:
        if owner.name.strip():
            yield RelationType.OTHER_OWNED_BY, ref_to(TEAM, owner.name, field="additionalOwners")
    for type, field, kind, refs in (
        (RelationType.DEPENDS_ON, "dependsOn", SERVICE, spec.depends_on),
        (RelationType.PART_OF, "componentOf", _SYSTEM, spec.component_of),
        (RelationType.HAS_PART, "components", SERVICE, spec.components),
        (RelationType.IMPLEMENTED_BY, "implementedBy", SERVICE, spec.implemented_by),
    ):
        for ref in refs:
            yield type, ref_from(ref, field, kind)
