"""Tables of projects, environments and flags, of what happened to flags and what they served.

A record is kept as one JSON text beside the columns that lists are searched and ordered by.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, PrimaryKeyConstraint, Table

from fairlead.store.tables.frame import characters, instant, metadata

projects = Table(
    "projects",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("key"),
    characters("name"),
    # What is searched: key and name in lower case, and the tags as JSON.
    characters("words"),
    characters("tags"),
    instant("created_at"),
    characters("record"),
    PrimaryKeyConstraint("org_id", "key"),
)

environments = Table(
    "environments",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("project_key"),
    characters("key"),
    characters("name"),
    characters("words"),
    characters("tags"),
    Column("critical", Boolean, nullable=False),
    instant("created_at"),
    characters("record"),
    PrimaryKeyConstraint("org_id", "project_key", "key"),
)

flags = Table(
    "flags",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("project_key"),
    characters("key"),
    characters("name"),
    characters("words"),
    characters("tags"),
    characters("maintainer"),
    characters("maintainer_team"),
    Column("temporary", Boolean, nullable=False),
    Column("archived", Boolean, nullable=False),
    # Kept, so that an older account of it that arrives late does not bring it back.
    Column("deleted", Boolean, nullable=False),
    instant("created_at"),
    instant("updated_at"),
    characters("record"),
    PrimaryKeyConstraint("org_id", "project_key", "key"),
    Index("flags_by_age", "org_id", "project_key", "deleted", "archived", "created_at", "key"),
)

flag_settings = Table(
    "flag_settings",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("project_key"),
    characters("environment_key"),
    characters("flag_key"),
    Column("is_on", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    instant("changed_at"),
    characters("targeting"),
    instant("switched_at", nullable=True),
    PrimaryKeyConstraint("org_id", "project_key", "flag_key", "environment_key"),
)

flag_events = Table(
    "flag_events",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("id"),
    characters("project_key"),
    characters("environment_key"),
    characters("flag_key"),
    characters("type"),
    Column("is_release", Boolean, nullable=False),
    instant("happened_at"),
    characters("description"),
    characters("actions"),
    characters("member"),
    characters("entry_id"),
    PrimaryKeyConstraint("org_id", "id"),
    Index("flag_events_by_time", "org_id", "project_key", "happened_at", "id", "environment_key"),
    Index("flag_events_by_flag", "org_id", "project_key", "flag_key", "happened_at"),
)

flag_evaluations = Table(
    "flag_evaluations",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("project_key"),
    characters("environment_key"),
    characters("flag_key"),
    characters("variation"),
    instant("minute_at"),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("org_id", "project_key", "environment_key", "flag_key", "minute_at", "variation"),
    sqlite_with_rowid=False,
)

flag_served = Table(
    "flag_served",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("project_key"),
    characters("environment_key"),
    characters("flag_key"),
    characters("variation"),
    # The first and last minute in which it was seen.
    instant("first_at"),
    instant("last_at"),
    PrimaryKeyConstraint("org_id", "project_key", "environment_key", "flag_key", "variation"),
    sqlite_with_rowid=False,
)

flag_links = Table(
    "flag_links",
    metadata,
    Column("org_id", BigInteger, nullable=False),
    characters("project_key"),
    characters("flag_key"),
    characters("id"),
    # The sender's own; at most one link of a flag has it.
    characters("key"),
    characters("integration_key"),
    # The pull request it is about, where it says so: the address's `host/owner/name`, and its number.
    characters("repository_id"),
    Column("pull_request", BigInteger, nullable=True),
    # Whether that pull request adds the flag to the code; otherwise it takes it out.
    Column("is_added", Boolean, nullable=False),
    instant("created_at"),
    characters("record"),
    PrimaryKeyConstraint("org_id", "project_key", "flag_key", "id"),
    Index("flag_links_by_key", "org_id", "project_key", "flag_key", "key"),
    Index("flag_links_by_pull_request", "org_id", "repository_id", "pull_request"),
)
