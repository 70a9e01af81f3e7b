"""Commits in Fairlead's own API: decode, call one thing, encode."""

from collections.abc import Sequence

import msgspec
from litestar import post
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.native import commit_wire as wire
from fairlead.dialects.native.commit_translate import commits_from, repository_in
from fairlead.dialects.native.exchange import Exchange
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.openapi import operation
from fairlead.usecases.record_commits import record_commits

_commits = msgspec.json.Decoder(wire.CommitsTold)


@post(
    # What follows the id is part of what the router takes for it, because an id has slashes.
    "/api/fairlead/v1/repositories/{id:path}",
    status_code=200,
    opt=operation(
        "RecordCommits",
        wire.CommitsTold,
        wire.CommitsRecorded,
        shown_at="/api/fairlead/v1/repositories/{id}/commits",
        key_alone=True,
    ),
)
async def create_commits(request: AnyRequest) -> Answer:
    """Record commits of a repository, in any order; what is known already stays as it is."""
    exchange = await Exchange.with_sender(request)
    repository = repository_in(request.scope["raw_path"])
    told = await exchange.told(_commits, exchange.reception.settings.max_commits_body_bytes)
    fact = commits_from(told, exchange.org_id, repository)
    recorded = await exchange.reception.write(record_commits, fact)
    return exchange.answer(200, wire.CommitsRecorded(len(told.commits), len(recorded)))


HANDLERS: Sequence[HTTPRouteHandler] = (create_commits,)
