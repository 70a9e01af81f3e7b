"""The tables. Every one begins with `org_id`, and every key contains it.

That is the tenant wall: no statement reaches across it, and PostgreSQL can spread each table
over many machines by that one column. Absent texts are empty, never NULL, so that both engines
order and compare them alike. Not here: statements (one file per noun) and the history of the
schema (`migrations/`).
"""

from fairlead.store.tables.access import keys, organisations
from fairlead.store.tables.applications import application_changes
from fairlead.store.tables.catalog import catalog_entries, catalog_kinds, catalog_relations
from fairlead.store.tables.changes import (
    commits,
    deployment_commits,
    missing_parents,
    pull_request_reviews,
    pull_requests,
)
from fairlead.store.tables.code_references import (
    code_branches,
    code_extinctions,
    code_flag_counts,
    code_hunks,
    code_repositories,
    code_scans,
    code_uploads,
)
from fairlead.store.tables.deliveries import (
    BROUGHT_COLUMNS,
    EVENTFUL,
    FACT_COLUMNS,
    LEAD_TIME_COLUMNS,
    STAGE_COLUMNS,
    change_failure_decisions,
    deployment_kind_tags,
    deployment_kinds,
    deployment_starts,
    deployment_tags,
    deployment_versions,
    deployments,
    failure_services,
    failure_tags,
    failures,
    tool_uses,
)
from fairlead.store.tables.detections import detections
from fairlead.store.tables.flags import (
    environments,
    flag_evaluations,
    flag_events,
    flag_links,
    flag_served,
    flag_settings,
    flags,
    projects,
)
from fairlead.store.tables.frame import metadata
from fairlead.store.tables.gates import gate_evaluations, gate_rule_evaluations, gate_rules, gates
from fairlead.store.tables.hooks import hook_deliveries, hooks
from fairlead.store.tables.insights import (
    applications,
    attempt_corrections,
    attempt_events,
    attempts,
    deployment_uuids,
    insight_groups,
    repository_projects,
    repository_tags,
)
from fairlead.store.tables.members import audit_entries, member_links, members, sessions
from fairlead.store.tables.monitors import monitor_mutes, monitor_states, monitors
from fairlead.store.tables.repairs import (
    deployment_marks,
    deployment_repairs,
    failure_link_decisions,
    failure_rules,
)
from fairlead.store.tables.segments import day_segments, segment_texts
from fairlead.store.tables.traffic import (
    traffic_counts,
    traffic_deliveries,
    traffic_faults,
    traffic_series,
    traffic_sources,
)
from fairlead.store.tables.work import HURRIED, IN_VAIN, work

__all__ = [
    "BROUGHT_COLUMNS",
    "EVENTFUL",
    "FACT_COLUMNS",
    "HURRIED",
    "IN_VAIN",
    "LEAD_TIME_COLUMNS",
    "STAGE_COLUMNS",
    "application_changes",
    "applications",
    "attempt_corrections",
    "attempt_events",
    "attempts",
    "audit_entries",
    "catalog_entries",
    "catalog_kinds",
    "catalog_relations",
    "change_failure_decisions",
    "code_branches",
    "code_extinctions",
    "code_flag_counts",
    "code_hunks",
    "code_repositories",
    "code_scans",
    "code_uploads",
    "commits",
    "day_segments",
    "deployment_commits",
    "deployment_kind_tags",
    "deployment_kinds",
    "deployment_marks",
    "deployment_repairs",
    "deployment_starts",
    "deployment_tags",
    "deployment_uuids",
    "deployment_versions",
    "deployments",
    "detections",
    "environments",
    "failure_link_decisions",
    "failure_rules",
    "failure_services",
    "failure_tags",
    "failures",
    "flag_evaluations",
    "flag_events",
    "flag_links",
    "flag_served",
    "flag_settings",
    "flags",
    "gate_evaluations",
    "gate_rule_evaluations",
    "gate_rules",
    "gates",
    "hook_deliveries",
    "hooks",
    "insight_groups",
    "keys",
    "member_links",
    "members",
    "metadata",
    "missing_parents",
    "monitor_mutes",
    "monitor_states",
    "monitors",
    "organisations",
    "projects",
    "pull_request_reviews",
    "pull_requests",
    "repository_projects",
    "repository_tags",
    "segment_texts",
    "sessions",
    "tool_uses",
    "traffic_counts",
    "traffic_deliveries",
    "traffic_faults",
    "traffic_series",
    "traffic_sources",
    "work",
]
