"""Every page, in one list."""

from collections.abc import Sequence

from litestar.handlers import HTTPRouteHandler

from fairlead.web import (
    audit,
    badges,
    chart_library,
    completion,
    connect,
    deployment,
    deployments,
    evaluation,
    failure,
    failure_rules,
    failures,
    gate_backtest,
    gates,
    home,
    keys,
    members,
    overview,
    preferences,
    services,
    sign_in,
    sign_in_elsewhere,
    static_files,
    webhooks,
    welcome,
)

HANDLERS: Sequence[HTTPRouteHandler] = (
    static_files.static_file,
    *sign_in.HANDLERS,
    *sign_in_elsewhere.HANDLERS,
    *welcome.HANDLERS,
    *preferences.HANDLERS,
    *home.HANDLERS,
    *chart_library.HANDLERS,
    *overview.HANDLERS,
    *badges.HANDLERS,
    *completion.HANDLERS,
    *deployments.HANDLERS,
    *deployment.HANDLERS,
    *failures.HANDLERS,
    *failure.HANDLERS,
    *gates.HANDLERS,
    *gate_backtest.HANDLERS,
    *evaluation.HANDLERS,
    *services.HANDLERS,
    *connect.HANDLERS,
    *keys.HANDLERS,
    *webhooks.HANDLERS,
    *failure_rules.HANDLERS,
    *members.HANDLERS,
    *audit.HANDLERS,
)
