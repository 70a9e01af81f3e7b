"""Shapes of the repositories of Engineering Insights.

Source: `ld-openapi.json` of `launchdarkly/ldcli`, version 2.0.
"""

from msgspec import Struct, field

from fairlead.dialects.launchdarkly.wire import SelfLink


class Project(Struct, rename="camel"):
    id: str = field(name="_id")
    links: SelfLink = field(name="_links")
    key: str
    name: str


class Projects(Struct, rename="camel", omit_defaults=True):
    total_count: int
    items: list[Project]


class Repository(Struct, rename="camel", omit_defaults=True):
    id: str = field(name="_id")
    version: int
    key: str
    type: str
    url: str
    main_branch: str
    projects: Projects | None = None


class Repositories(Struct, rename="camel", omit_defaults=True):
    total_count: int
    items: list[Repository]
    links: SelfLink | None = field(default=None, name="_links")


class Mapping(Struct, rename="camel"):
    repository_key: str
    project_key: str


class Mappings(Struct, rename="camel"):
    mappings: list[Mapping]


class Associated(Struct, rename="camel", omit_defaults=True):
    total_count: int
    items: list[Mapping]
    links: SelfLink | None = field(default=None, name="_links")
