"""One request and its answer, as far as every operation of Datadog's is alike.

Who calls, within which allowance, what was sent, in which style times go back. Not here: what an
operation does (`routes.py`).
"""

from http import HTTPStatus
from typing import Any, Self, TypeVar
from urllib.parse import unquote

import msgspec
from msgspec import Struct

from fairlead.dialects.datadog import credentials
from fairlead.dialects.datadog.errors import MEDIA_TYPE, rate_headers
from fairlead.dialects.datadog.times import TimeStyle, is_before_the_switch, style_for
from fairlead.dialects.datadog.translate import LONGEST_ID
from fairlead.domain.access import OrgId, Permission
from fairlead.domain.errors import NotFound
from fairlead.intake.allowances import Spent
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, headers_of, read_body
from fairlead.intake.callers import Caller
from fairlead.intake.decoding import decode
from fairlead.intake.documents import Document, documents_in
from fairlead.intake.reception import Reception

_T = TypeVar("_T")
_encode = msgspec.json.Encoder().encode
# "", "api", "v2", "dora" and "deployments" or its like; the id is all the rest.
_SEGMENTS_BEFORE_ID = 5


class Exchange(Struct):
    """A request whose caller is known and admitted."""

    request: AnyRequest
    reception: Reception
    caller: Caller
    spent: Spent | None
    body: bytes = b""
    """Unpacked; empty until `told` has read it."""

    @classmethod
    async def with_sender(cls, request: AnyRequest) -> Self:
        """Begin an exchange with somebody who sends facts: an API key is enough."""
        reception: Reception = request.app.state.reception
        caller = await credentials.sender(reception.callers, request)
        return cls(request, reception, caller, await reception.admit(request, caller))

    @classmethod
    async def with_member(cls, request: AnyRequest, permission: Permission) -> Self:
        """Begin an exchange with somebody who may do what `permission` names."""
        reception: Reception = request.app.state.reception
        caller = await credentials.member(reception.callers, request, permission)
        return cls(request, reception, caller, await reception.admit(request, caller))

    async def told(self, decoder: "msgspec.json.Decoder[_T]") -> _T:
        """Return what the body says."""
        self.body = await read_body(self.request, self.reception.settings.max_body_bytes)
        return decode(decoder, self.body)

    async def documents(self, *, may_be_absent: bool = False) -> list[Document]:
        """Return the documents that the body holds, as JSON or YAML, whatever it is labelled."""
        self.body = await read_body(self.request, self.reception.settings.max_body_bytes)
        return [] if may_be_absent and not self.body else documents_in(self.body)

    @property
    def org_id(self) -> OrgId:
        """The organisation of the key that was shown."""
        return self.caller.org_id

    @property
    def path_id(self) -> str:
        """The id that ends the path; slashes are part of it, and doubled ones if they were sent encoded.

        Raises:
            NotFound: nothing can have such an id.
        """
        path: bytes = self.request.scope["raw_path"]
        id = unquote(path.split(b"/", _SEGMENTS_BEFORE_ID)[-1].rstrip(b"/"))
        if len(id) > LONGEST_ID or not id.isprintable():
            raise NotFound("nothing can have such an id")
        return id

    @property
    def time_style(self) -> TimeStyle:
        """How this client reads times."""
        return style_for(TimeStyle(self.reception.settings.datadog_times), self._client)

    @property
    def needs_repository_url(self) -> bool:
        """Whether this client cannot read a deployment's repository by its id alone.

        The official clients of before early 2026 want the address that was sent. Those between
        them and the switch of times read either, and what they are is not worth a second table.
        """
        return is_before_the_switch(self._client)

    @property
    def _client(self) -> str:
        return headers_of(self.request).get(b"user-agent", b"").decode("latin-1")

    def answer(self, status: int, content: Any, media_type: str = MEDIA_TYPE) -> Answer:
        """Return `content` as JSON, with what is left of the allowance where there is one."""
        headers = {} if self.spent is None else rate_headers(self.spent.allowance)
        return Answer(status, _encode(content), media_type, headers)

    def nothing(self, media_type: str = MEDIA_TYPE) -> Answer:
        """Return 204, with what is left of the allowance where there is one."""
        headers = {} if self.spent is None else rate_headers(self.spent.allowance)
        return Answer(HTTPStatus.NO_CONTENT, b"", media_type, headers)
