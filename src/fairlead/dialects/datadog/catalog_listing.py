"""What a request's query and path ask for: pages, filters, what is to be included.

Lists of the catalogue are read from an offset; a page that is asked to be larger than allowed is
refused, because clients take a page shorter than they asked for to be the last. Not here: the
statements behind it (`store`).
"""

import uuid
from collections.abc import Mapping, Sequence
from urllib.parse import unquote, urlencode

from msgspec import Struct

from fairlead.dialects.datadog.catalog_wire import Links
from fairlead.dialects.datadog.definitions_translate import VERSIONS
from fairlead.domain.catalog import DEFAULT_NAMESPACE, SERVICE, Ref, RelationType, ref_from, ref_to
from fairlead.domain.errors import NotFound, Rejected
from fairlead.intake.body import AnyRequest
from fairlead.usecases.find_entries import EntriesPage
from fairlead.usecases.find_kinds import KindsPage
from fairlead.usecases.find_relations import RelationsPage

USUAL_LIMIT = 100
HIGHEST_LIMIT = 500
USUAL_SIZE = 10
HIGHEST_SIZE = 100
_FARTHEST = 2**31
_LONGEST_PATH_NAME = 400
# "", "api", "v2", and two more; the name is all the rest.
_SEGMENTS_BEFORE_NAME = 5

RELATION_NAMES = {
    RelationType.OWNS: "RelationTypeOwns",
    RelationType.OWNED_BY: "RelationTypeOwnedBy",
    RelationType.DEPENDS_ON: "RelationTypeDependsOn",
    RelationType.DEPENDENCY_OF: "RelationTypeDependencyOf",
    RelationType.PART_OF: "RelationTypePartsOf",
    RelationType.HAS_PART: "RelationTypeHasPart",
    RelationType.OTHER_OWNS: "RelationTypeOtherOwns",
    RelationType.OTHER_OWNED_BY: "RelationTypeOtherOwnedBy",
    RelationType.IMPLEMENTED_BY: "RelationTypeImplementedBy",
    RelationType.IMPLEMENTS: "RelationTypeImplements",
}
_RELATION_TYPES = {name: type for type, name in RELATION_NAMES.items()}

ENTITY_INCLUDES = ("schema", "raw_schema", "oncall", "incident", "relation")
RELATION_INCLUDES = ("entity", "schema")


class Stretch(Struct, frozen=True):
    """Part of a list: from `offset` on, at most `limit`."""

    offset: int
    limit: int


class Query:
    """The query of a request, by name."""

    def __init__(self, request: AnyRequest) -> None:
        self._path = request.scope["path"]
        self._told: Mapping[str, Sequence[str]] = request.query_params.dict()

    def texts(self, name: str) -> list[str]:
        """Return what was told under `name`, blanks left out; told more than once, any will do."""
        return [text.strip() for text in self._told.get(name, ()) if text.strip()]

    def number(self, name: str, usual: int, least: int, most: int) -> int:
        """Return a whole number.

        Raises:
            Rejected: it is none, or not within the bounds.
        """
        texts = self.texts(name)
        text = texts[-1] if texts else str(usual)
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(_FARTHEST)) else -1
        if not least <= number <= most:
            detail = f'parameter "{name}" must be a whole number between {least} and {most}'
            raise Rejected(detail, field=name)
        return number

    def chosen(self, name: str, known: Sequence[str]) -> list[str]:
        """Return which of `known` are told under `name`, one at a time or with commas between.

        Raises:
            Rejected: something else is told.
        """
        told = [part.strip() for text in self.texts(name) for part in text.split(",") if part.strip()]
        for one in told:
            if one not in known:
                detail = f'parameter "{name}" must be one of "{" ".join(known)}"'
                raise Rejected(detail, field=name)
        return told

    @property
    def stretch(self) -> Stretch:
        """Where the page begins and how long it is.

        Raises:
            Rejected: either is not acceptable.
        """
        limit = self.number("page[limit]", USUAL_LIMIT, 1, HIGHEST_LIMIT)
        return Stretch(self.number("page[offset]", 0, 0, _FARTHEST), limit)

    def links(self, *, is_last: bool) -> Links:
        """Return the addresses of this page and its neighbours, relative to the server's.

        Raises:
            Rejected: as `stretch`.
        """
        stretch = self.stretch
        before, after = max(0, stretch.offset - stretch.limit), stretch.offset + stretch.limit
        return Links(
            self=self._address(stretch.offset, stretch.limit),
            next="" if is_last else self._address(after, stretch.limit),
            previous=self._address(before, stretch.limit) if stretch.offset else "",
        )

    def _address(self, offset: int, limit: int) -> str:
        page = {"page[limit]": [str(limit)], "page[offset]": [str(offset)]}
        told = sorted({**self._told, **page}.items())
        return f"{self._path}?{urlencode(told, doseq=True)}"


def entities_page(query: Query) -> EntriesPage:
    """Return which entities are asked for.

    Raises:
        Rejected: a filter or the stretch is not acceptable.
    """
    stretch = query.stretch
    return EntriesPage(
        ids=[_uuid(text) or text for text in query.texts("filter[id]")],
        refs=[ref_from(text, "filter[ref]") for text in query.texts("filter[ref]")],
        names=query.texts("filter[name]"),
        kinds=query.texts("filter[kind]"),
        teams=query.texts("filter[owner]"),
        relation_types=_types(query, "filter[relation][type]"),
        offset=stretch.offset,
        limit=stretch.limit,
    )


def definitions_page(query: Query) -> EntriesPage:
    """Return which services are asked for.

    Raises:
        Rejected: the page is not acceptable.
    """
    size = query.number("page[size]", USUAL_SIZE, 1, HIGHEST_SIZE)
    number = query.number("page[number]", 0, 0, _FARTHEST)
    return EntriesPage(kinds=[SERVICE], namespaces=[DEFAULT_NAMESPACE], offset=number * size, limit=size)


def relations_page(query: Query) -> RelationsPage:
    """Return which relations are asked for.

    Raises:
        Rejected: a filter or the stretch is not acceptable.
    """
    stretch = query.stretch
    return RelationsPage(
        types=_types(query, "filter[type]"),
        sources=[ref_from(text, "filter[from_ref]") for text in query.texts("filter[from_ref]")],
        targets=[ref_from(text, "filter[to_ref]") for text in query.texts("filter[to_ref]")],
        offset=stretch.offset,
        limit=stretch.limit,
    )


def kinds_page(query: Query) -> KindsPage:
    """Return which kinds are asked for.

    Raises:
        Rejected: the stretch is not acceptable.
    """
    stretch = query.stretch
    return KindsPage(
        ids=[text.lower() for text in query.texts("filter[id]")],
        names=query.texts("filter[name]"),
        offset=stretch.offset,
        limit=stretch.limit,
    )


def wanted_version(query: Query) -> str:
    """Return the schema that definitions are wanted in; empty means each in its own.

    Raises:
        Rejected: there is no such schema.
    """
    return (query.chosen("schema_version", VERSIONS) or [""])[-1]


def path_name(request: AnyRequest) -> str:
    """Return the name that ends the path, in which slashes may stand bare or encoded.

    Raises:
        NotFound: nothing can have such a name.
    """
    path: bytes = request.scope["raw_path"]
    name = unquote(path.split(b"/", _SEGMENTS_BEFORE_NAME)[-1]).strip("/")
    if not name or len(name) > _LONGEST_PATH_NAME or not name.isprintable():
        raise NotFound("nothing can have such a name")
    return name


def service_named(request: AnyRequest) -> Ref:
    """Return the service whose name ends the path.

    Raises:
        NotFound: nothing can have such a name.
    """
    try:
        return ref_to(SERVICE, path_name(request))
    except Rejected as error:
        raise NotFound(str(error)) from error


def entity_named(name: str) -> Ref | str:
    """Return what names an entity: its UUID in the usual spelling, or its reference.

    Raises:
        Rejected: it is neither.
    """
    return _uuid(name) or ref_from(name, "entity_id")


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return ""


def _types(query: Query, name: str) -> list[RelationType]:
    return [_RELATION_TYPES[one] for one in query.chosen(name, list(_RELATION_TYPES))]
