"""One request to Fairlead's own API and its answer, as far as every operation is alike."""

from typing import Any, Self, TypeVar

import msgspec
from msgspec import Struct

from fairlead.dialects.native import credentials
from fairlead.dialects.native.errors import rate_headers
from fairlead.domain.access import OrgId, Permission
from fairlead.intake.allowances import Spent
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, read_body
from fairlead.intake.callers import Caller
from fairlead.intake.decoding import decode
from fairlead.intake.reception import Reception

_T = TypeVar("_T")
_encode = msgspec.json.Encoder().encode


class Exchange(Struct):
    """A request whose caller is known and admitted."""

    request: AnyRequest
    reception: Reception
    caller: Caller
    spent: Spent | None

    @classmethod
    async def with_sender(cls, request: AnyRequest) -> Self:
        """Begin an exchange with somebody who sends facts."""
        reception: Reception = request.app.state.reception
        caller = await credentials.sender(reception, request)
        return cls(request, reception, caller, await reception.admit(request, caller))

    @classmethod
    async def with_member(cls, request: AnyRequest, permission: Permission) -> Self:
        """Begin an exchange with somebody who may do what `permission` names."""
        reception: Reception = request.app.state.reception
        caller = await credentials.member(reception, request, permission)
        return cls(request, reception, caller, await reception.admit(request, caller))

    async def told(self, decoder: "msgspec.json.Decoder[_T]", limit: int | None = None) -> _T:
        """Return what the body says; `limit` in bytes where it is not the usual one."""
        usual = self.reception.settings.max_body_bytes
        return decode(decoder, await read_body(self.request, limit or usual))

    @property
    def org_id(self) -> OrgId:
        """The organisation of the key that was shown."""
        return self.caller.org_id

    def answer(self, status: int, content: Any) -> Answer:
        """Return `content` as JSON, with what is left of the allowance where there is one."""
        headers = {} if self.spent is None else rate_headers(self.spent.allowance)
        return Answer(status, _encode(content), "application/json", headers)
