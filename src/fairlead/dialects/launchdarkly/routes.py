"""All handlers of this dialect, by how their operations refuse."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.launchdarkly import code_refs_routes, deployments_routes, identity_routes

INSIGHTS: Sequence[HTTPRouteHandler] = (*deployments_routes.HANDLERS,)
"""Engineering Insights: a 400 names the attributes at fault."""
PLAIN: Sequence[HTTPRouteHandler] = (*identity_routes.HANDLERS, *code_refs_routes.HANDLERS)
"""Everything else."""
