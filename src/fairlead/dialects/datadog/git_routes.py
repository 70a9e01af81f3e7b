"""What `datadog-ci git-metadata upload` asks: decode, call one thing, encode.

That program loses what it has sent when the answer is an error that may pass, so a pack that could
be kept is answered with success, done or not; and it never shows a refusal of a pack. Its file
list and its own usage counts are accepted and not kept: nothing here is made of them. Not here:
any rule about packs or histories.
"""

from collections.abc import Sequence
from functools import partial

import msgspec
from litestar import post
from litestar.handlers import HTTPRouteHandler

from fairlead.dialects.datadog import git_translate as translate
from fairlead.dialects.datadog import git_wire as wire
from fairlead.dialects.datadog.credentials import sender_by_query
from fairlead.dialects.datadog.errors import MEDIA_TYPE
from fairlead.dialects.datadog.exchange import Exchange
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, read_body
from fairlead.intake.decoding import decode
from fairlead.intake.multipart import SmallPart, read_parts
from fairlead.intake.openapi import operation as _operation
from fairlead.intake.packs import PackDesk
from fairlead.usecases.find_known_commits import find_known_commits

_search = msgspec.json.Decoder(wire.SearchCommitsRequest)
_pushed = msgspec.json.Decoder(wire.PushedSha)
_event = msgspec.json.Decoder(wire.FileListEvent)

operation = partial(_operation, media_type=MEDIA_TYPE, key_alone=True)

_FRAME_BYTES = 1 << 20
"""Room for the parts around a pack."""


@post("/api/v2/srcmap", status_code=202)
async def accept_file_list(request: AnyRequest) -> Answer:
    """Accept the list of a repository's files; it is read to its end and not kept."""
    exchange = await Exchange.with_sender(request)
    event = SmallPart("event")
    await read_parts(request, exchange.reception.settings.max_file_list_bytes, {"event": event.take})
    translate.check_file_list(decode(_event, bytes(event.content)))
    return exchange.answer(202, {}, "application/json")


@post(
    "/api/v2/git/repository/search_commits",
    status_code=200,
    opt=operation("SearchCommits", wire.SearchCommitsRequest, wire.SearchCommitsResponse),
)
async def search_commits(request: AnyRequest) -> Answer:
    """Say which of the commits asked for need not be sent."""
    exchange = await Exchange.with_sender(request)
    told = await exchange.told(_search)
    repository_id, asked = translate.repository_of(told.meta.repository_url), translate.asked_commits(told)
    desk: PackDesk = request.app.state.packs
    repository = desk.repository(exchange.org_id, repository_id, asked[0])
    known = await exchange.reception.read(find_known_commits, repository, asked)
    return exchange.answer(200, translate.known_commits(known))


@post("/api/v2/git/repository/packfile", status_code=202)
async def receive_pack(request: AnyRequest) -> Answer:
    """Take a pack of commits and trees: 200 once it was looked into, 202 while it waits."""
    exchange = await Exchange.with_sender(request)
    desk: PackDesk = request.app.state.packs
    pushed = SmallPart("pushedSha")
    with desk.arrival() as arrival:
        takers = {"pushedSha": pushed.take, "packfile": arrival.write}
        await read_parts(request, desk.largest + _FRAME_BYTES, takers)
        told = decode(_pushed, bytes(pushed.content))
        head = translate.head_of(told)
        repository_id = translate.repository_of(told.meta.repository_url)
        repository = desk.repository(exchange.org_id, repository_id, head)
        is_done = await desk.hand_in(arrival, repository, head)
    return exchange.answer(200 if is_done else 202, {})


@post("/api/v1/series", status_code=202)
async def accept_usage(request: AnyRequest) -> Answer:
    """Accept a client's counts of its own use; they are read and not kept."""
    reception = request.app.state.reception
    caller = await sender_by_query(reception.callers, request)
    exchange = Exchange(request, reception, caller, await reception.admit(request, caller))
    await read_body(request, reception.settings.max_body_bytes)
    return exchange.answer(202, {}, "application/json")


V1: Sequence[HTTPRouteHandler] = (accept_usage,)
V2: Sequence[HTTPRouteHandler] = (accept_file_list, search_commits, receive_pack)
