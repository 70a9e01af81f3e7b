"""One request and its answer, as far as every operation of LaunchDarkly's is alike.

Who calls, within which allowance, what was sent and asked for. `LD-API-Version` is not looked at here:
the official clients send any value or none, whatever the documentation says. Not here: what an
operation does.
"""

from functools import cached_property
from http import HTTPStatus
from typing import Any, Self, TypeVar
from urllib.parse import unquote

import msgspec

from fairlead.dialects.launchdarkly import credentials
from fairlead.dialects.launchdarkly.asked import Asked
from fairlead.dialects.launchdarkly.errors import rate_headers
from fairlead.dialects.launchdarkly.wire import JSON
from fairlead.domain.access import OrgId, Permission
from fairlead.domain.flag_standing import Spans, spans_in_days
from fairlead.domain.texts import require_text
from fairlead.intake.allowances import Spent
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, read_body
from fairlead.intake.callers import Caller
from fairlead.intake.decoding import decode
from fairlead.intake.reception import Reception

_T = TypeVar("_T")
_encode = msgspec.json.Encoder().encode


class Exchange(msgspec.Struct, dict=True):
    """A request whose caller is known and admitted."""

    request: AnyRequest
    reception: Reception
    caller: Caller
    spent: Spent | None

    @classmethod
    async def begin(cls, request: AnyRequest, *permissions: Permission) -> Self:
        """Begin an exchange with somebody who has one of `permissions`."""
        reception: Reception = request.app.state.reception
        caller = await credentials.member(reception.callers, request, *permissions)
        return cls(request, reception, caller, await reception.admit(request, caller))

    @property
    def org_id(self) -> OrgId:
        """The organisation of the token that was shown."""
        return self.caller.org_id

    @property
    def flag_spans(self) -> Spans:
        """How long a flag's life counts as lately, old and quiet here."""
        settings = self.reception.settings
        return spans_in_days(
            settings.flag_status_days, settings.stale_flag_age_days, settings.stale_flag_quiet_days
        )

    @cached_property
    def asked(self) -> Asked:
        """What the query asks for."""
        return Asked(self.request.scope["path"], self.request.scope["query_string"])

    def part(self, name: str) -> str:
        """Return a part of the path, decoded; slashes that were sent encoded belong to it."""
        return require_text(unquote(self.request.path_params[name]), name)

    @property
    def api_version(self) -> str:
        """The value of `LD-API-Version`; empty where none was sent."""
        return self.request.headers.get("ld-api-version", "").strip()

    async def body(self, limit: int | None = None) -> bytes:
        """Return the body, unpacked; `limit` in bytes where it is not the usual one."""
        return await read_body(self.request, limit or self.reception.settings.max_body_bytes)

    async def told(self, decoder: "msgspec.json.Decoder[_T]", limit: int | None = None) -> _T:
        """Return what the body says."""
        return decode(decoder, await self.body(limit))

    def answer(self, content: Any, status: int = HTTPStatus.OK) -> Answer:
        """Return `content` as JSON, with what is left of the allowance where there is one."""
        return Answer(status, _encode(content), JSON, self._headers())

    def nothing(self, status: int = HTTPStatus.NO_CONTENT) -> Answer:
        """Return an answer without a body."""
        return Answer(status, b"", JSON, self._headers())

    def _headers(self) -> dict[str, str]:
        return {} if self.spent is None else rate_headers(self.spent.allowance)
