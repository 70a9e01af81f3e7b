"""The catalogue: who owns a service, what it is tagged with, and where its code lives.

An `Entry` is a document as it was told; a `Description` is what such a document says, in no
vendor's words; a `Service` is what deployments take from it. Not here: vendors' schemas
(`dialects`), how a link to a folder is read (`domain.source_links`), and the glob dialect
(`domain.globs`).
"""

import uuid
from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from fairlead.domain.access import OrgId
from fairlead.domain.errors import Rejected
from fairlead.domain.repositories import LONGEST_URL, repository_id
from fairlead.domain.source_links import folder_of
from fairlead.domain.texts import LONGEST_TAG, MOST_TAGS, require_text

SERVICE = "service"
DEFAULT_NAMESPACE = "default"
BUILT_IN_KINDS = frozenset({SERVICE, "datastore", "queue", "system", "api"})
TEAM = "team"
"""The kind of whatever owns entries; teams have no entries of their own."""

LONGEST_NAME = 200
_LONGEST_NAMESPACE = 100
_LONGEST_KIND = 63
MOST_PATTERNS = 200
MOST_RELATIONS = 1000
_OWN_LINK_NAME = "source"
_IDS = uuid.UUID("5f3e8c62-9d0b-5a54-8a0e-3f6d7f0f6c1d")


class Ref(Struct, frozen=True):
    """Names an entry: `kind:namespace/name`. Two that differ in the case of letters alone are one."""

    kind: str
    """Lower case."""
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.namespace}/{self.name}"

    @property
    def key(self) -> str:
        """What is compared."""
        return str(self).lower()


def ref_to(kind: str, name: str, namespace: str = "", *, field: str = "name") -> Ref:
    """Return the reference to an entry; an empty namespace is `default`.

    Raises:
        Rejected: a part is empty, too long, or would be read as another part.
    """
    kind, namespace, name = kind.strip().lower(), namespace.strip(), name.strip()
    if namespace.lower() in ("", DEFAULT_NAMESPACE):
        namespace = DEFAULT_NAMESPACE
    for part, longest in ((kind, _LONGEST_KIND), (namespace, _LONGEST_NAMESPACE), (name, LONGEST_NAME)):
        require_text(part, field, longest=longest)
    if not name or not kind or ":" in kind or "/" in kind + namespace:
        detail = f'attribute "{field}" must name an entry as name, kind:name or kind:namespace/name'
        raise Rejected(detail, field=field)
    return Ref(kind, namespace, name)


def ref_from(text: str, field: str, kind: str = SERVICE) -> Ref:
    """Return the reference that `text` spells; one without a kind means `kind`.

    Raises:
        Rejected: as `ref_to`.
    """
    told_kind, colon, rest = text.partition(":")
    namespace, slash, name = (rest if colon else text).partition("/")
    told = (name, namespace) if slash else (namespace, "")
    return ref_to(told_kind if colon else kind, *told, field=field)


def entry_id(org_id: OrgId, ref: Ref) -> str:
    """Return the UUID of an entry, which follows from its name.

    It is the same on every node, and the same again after the entry was deleted and told anew.
    """
    return str(uuid.uuid5(_IDS, f"{org_id}/{ref.key}"))


class RelationType(StrEnum):
    """What one entry is to another."""

    OWNS = "owns"
    OWNED_BY = "owned_by"
    DEPENDS_ON = "depends_on"
    DEPENDENCY_OF = "dependency_of"
    PART_OF = "part_of"
    HAS_PART = "has_part"
    OTHER_OWNS = "other_owns"
    """As one of several, beside the owner."""
    OTHER_OWNED_BY = "other_owned_by"
    IMPLEMENTED_BY = "implemented_by"
    IMPLEMENTS = "implements"

    @property
    def inverse(self) -> "RelationType":
        """What the other entry is to the one."""
        return _INVERSES[self]


_PAIRS = (
    (RelationType.OWNS, RelationType.OWNED_BY),
    (RelationType.DEPENDS_ON, RelationType.DEPENDENCY_OF),
    (RelationType.PART_OF, RelationType.HAS_PART),
    (RelationType.OTHER_OWNS, RelationType.OTHER_OWNED_BY),
    (RelationType.IMPLEMENTED_BY, RelationType.IMPLEMENTS),
)
_INVERSES = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}


class Relation(Struct, frozen=True):
    """One entry to another, as a third or one of them says. The other need not have an entry."""

    type: RelationType
    source: Ref
    target: Ref


class Entry(Struct, frozen=True, kw_only=True):
    """A document as it was told."""

    org_id: OrgId
    ref: Ref
    format: str
    """The version of the schema that the document is in, in its author's words."""
    document: str
    """A JSON object."""
    text: str
    """What was sent, letter for letter: the same as JSON, or YAML."""
    created_at: int
    """When an entry of that name was first told."""
    updated_at: int

    @property
    def id(self) -> str:
        """A UUID."""
        return entry_id(self.org_id, self.ref)


class SourceLink(Struct, frozen=True):
    """A link that a document shows, to a repository or a folder of one."""

    name: str
    url: str


class CodeLocation(Struct, frozen=True):
    """Where code lives: globs within a repository. Without an address any, without globs all of it."""

    repository_url: str
    paths: tuple[str, ...]


class Description(Struct, frozen=True, kw_only=True):
    """What a document says. Texts are empty where it says nothing."""

    team: str = ""
    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    source_patterns: tuple[str, ...] = ()
    """Globs that were told as such, for the measuring of deliveries."""
    code_locations: tuple[CodeLocation, ...] = ()
    source_links: tuple[SourceLink, ...] = ()
    pagerduty_url: str = ""
    targets: tuple[tuple[RelationType, Ref], ...] = ()
    """What the entry is to others."""

    def __post_init__(self) -> None:
        require_text(self.team, "team", longest=LONGEST_NAME)
        require_text(self.pagerduty_url, "service-url", longest=LONGEST_URL)
        patterns = [*self.source_patterns, *(path for one in self.code_locations for path in one.paths)]
        for pattern in patterns:
            require_text(pattern, "source_patterns")
        if len(patterns) > MOST_PATTERNS:
            detail = f'attribute "source_patterns" holds more than {MOST_PATTERNS} patterns'
            raise Rejected(detail, field="source_patterns")
        if len(self.targets) > MOST_RELATIONS:
            raise Rejected(f"an entry has more than {MOST_RELATIONS} relations")


class Service(Struct, frozen=True, kw_only=True):
    """What deployments of a service take from its catalogue entry. Texts are empty where unknown."""

    org_id: OrgId
    name: str
    team: str = ""
    """The team of events that name none."""
    tags: tuple[str, ...] = ()
    """`key:value` texts that are attached to events, `language:…` among them."""
    source_patterns: tuple[str, ...] = ()
    """Globs of the paths that belong to the service; none means the whole repository."""
    repository_ids: tuple[str, ...] = ()
    """Repositories the patterns are about, `host/owner/name`; none means any."""
    pagerduty_url: str = ""

    def patterns_in(self, repository: str) -> tuple[str, ...]:
        """Return the globs that hold in the repository of that id; none means all of it."""
        about = not self.repository_ids or repository in self.repository_ids
        return self.source_patterns if about else ()


def service_of(entry: Entry, said: Description) -> Service:
    """Return what deployments take from an entry."""
    repositories, patterns = _sources(entry.ref.name, said)
    languages = (f"language:{language.strip()}" for language in said.languages if language.strip())
    return Service(
        org_id=entry.org_id,
        name=entry.ref.name,
        team=said.team,
        tags=attached((), (tag for tag in (*languages, *said.tags) if _is_tag(tag))),
        source_patterns=patterns,
        repository_ids=repositories,
        pagerduty_url=said.pagerduty_url,
    )


def relations_of(entry: Entry, said: Description) -> list[Relation]:
    """Return what an entry is to others, and the others to it."""
    mine = [Relation(type, entry.ref, target) for type, target in dict.fromkeys(said.targets)]
    return mine + [Relation(one.type.inverse, one.target, one.source) for one in mine]


def attached(own: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    """Return the tags of an event with `others` behind its own, each once and at most 100."""
    return tuple(dict.fromkeys((*own, *others)))[:MOST_TAGS]


def _is_tag(text: str) -> bool:
    """Tell whether a catalogue's tag, which may be any text, can be a tag of an event."""
    key, colon, value = text.partition(":")
    return bool(key and colon and value) and len(text) <= LONGEST_TAG and "\x00" not in text


def _sources(name: str, said: Description) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the repositories and the globs of a service, by the first of three ways that says any.

    Source: Datadog's documentation on measuring services of a monorepo: patterns told as such win
    over a link named `Source`, or like the service, into a folder. Code locations, which it does
    not rank, say more than a link does.
    """
    if said.source_patterns:
        return (), said.source_patterns
    located = [one for one in said.code_locations if one.paths]
    if located:
        ids = tuple(dict.fromkeys(_repository(one.repository_url) for one in located))
        return (() if "" in ids else ids), tuple(path for one in located for path in one.paths)
    wanted = {_OWN_LINK_NAME, name.lower()}
    folders = [folder_of(link.url) for link in said.source_links if link.name.strip().lower() in wanted]
    folder = next((folder for folder in folders if folder is not None), None)
    return ((), ()) if folder is None else ((folder.repository_id,), (folder.pattern,))


def _repository(url: str) -> str:
    try:
        return repository_id(url)
    except Rejected:
        return ""
