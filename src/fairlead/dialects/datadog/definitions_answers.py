"""What is answered about service definitions, as recorded.

Not here: the versions themselves (`definitions_translate.py`).
"""

import base64
import uuid

from fairlead.dialects.datadog.catalog_answers import ORIGIN, SOURCE
from fairlead.dialects.datadog.catalog_documents import Told, told_by
from fairlead.dialects.datadog.definitions_translate import V1, V2_2, VERSIONS, as_version
from fairlead.dialects.datadog.definitions_warnings import CHECKED_VERSIONS, warnings_about
from fairlead.dialects.datadog.definitions_wire import (
    Definition,
    DefinitionAttributes,
    DefinitionObject,
    DefinitionV1,
    Meta,
    RawAttributes,
    RawFetched,
    RawObject,
)
from fairlead.domain.catalog import Entry
from fairlead.domain.instants import to_rfc3339

_TYPE = "service-definition"
_RAW_TYPE = "raw-service-definition"


def definition_object(entry: Entry, version: str = "", *, with_id: bool = True) -> DefinitionObject:
    """Return a service's entry as a definition in `version`; empty means its own, or v2.2 if it has none."""
    told = told_by(entry)
    meta = Meta(
        last_modified_time=to_rfc3339(entry.updated_at),
        github_html_url="",
        ingestion_source=SOURCE,
        origin=ORIGIN,
        origin_detail="",
        warnings=warnings_about(told.definition) if told.format in CHECKED_VERSIONS else [],
        ingested_schema_version=entry.format,
    )
    id = uuid.UUID(entry.id).hex if with_id else ""
    return DefinitionObject(_TYPE, DefinitionAttributes(meta, _schema(told, version)), id)


def raw_definition(entry: Entry) -> RawFetched:
    """Return the text that an entry was told as."""
    content = base64.b64encode(entry.text.encode()).decode()
    return RawFetched(RawObject(_RAW_TYPE, RawAttributes(content)))


def _schema(told: Told, version: str) -> Definition | DefinitionV1:
    wanted = version or (told.format if told.format in VERSIONS else V2_2)
    if wanted == V1 and told.v1 is not None:
        return told.v1
    return as_version(told.definition, wanted)
