"""All handlers of this dialect, by how their operations refuse."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.launchdarkly import (
    applications_routes,
    charts_routes,
    code_refs_routes,
    deployments_routes,
    flag_charts_routes,
    flag_links_routes,
    flags_routes,
    groups_routes,
    hooks_routes,
    identity_routes,
    projects_routes,
    repositories_routes,
)

INSIGHTS: Sequence[HTTPRouteHandler] = (
    *deployments_routes.HANDLERS,
    *repositories_routes.HANDLERS,
    *charts_routes.HANDLERS,
    *flag_charts_routes.HANDLERS,
    *groups_routes.HANDLERS,
)
"""Engineering Insights: a 400 names the attributes at fault."""
PLAIN: Sequence[HTTPRouteHandler] = (
    *identity_routes.HANDLERS,
    *code_refs_routes.HANDLERS,
    *projects_routes.HANDLERS,
    *applications_routes.HANDLERS,
    *flags_routes.HANDLERS,
    *flag_links_routes.HANDLERS,
    *hooks_routes.HANDLERS,
)
"""Everything else."""
