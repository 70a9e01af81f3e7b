"""A visit: one request by somebody who is signed in, and the page that answers it.

Not here: what any page shows.
"""

from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from http import HTTPStatus
from typing import Any, Final, Self
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct, field

from fairlead.domain.access import OrgId, Permission
from fairlead.domain.audit import AuditEntry
from fairlead.domain.errors import NotPermitted, Stranger
from fairlead.domain.identity import id_from_chance
from fairlead.domain.members import form_token
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest, headers_of
from fairlead.intake.reception import Reception
from fairlead.intake.sessions import Visitor, cookies_of, visitor_of
from fairlead.store.writer import Verb
from fairlead.usecases.do_audited import Audited, do_audited
from fairlead.web.drawing import drawn, page_answer
from fairlead.web.forms import Form, fields_in, masked, own_form
from fairlead.web.navigation import sections

ZONE_COOKIE: Final = "fairlead_zone"
THEME_COOKIE: Final = "fairlead_theme"
THEMES: Final = ("auto", "light", "dark")
_MASK_BYTES = 32


class Visit(Struct, kw_only=True, dict=True):
    """A request of a member."""

    request: AnyRequest
    reception: Reception
    visitor: Visitor
    now: int
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What the address says behind its question mark."""

    @classmethod
    async def begin(cls, request: AnyRequest, permission: Permission | None = None) -> Self:
        """Begin a visit of somebody who may do what `permission` names.

        Raises:
            Stranger: nobody is signed in.
            NotPermitted: their role does not let them.
            Rejected: the address cannot be read.
        """
        reception: Reception = request.app.state.reception
        visitor = await visitor_of(reception, request)
        if visitor is None:
            raise Stranger
        if permission is not None and permission not in visitor.permissions:
            raise NotPermitted(f"somebody who is {visitor.member.role} here may not do this")
        fields = fields_in(request.scope["query_string"])
        return cls(request=request, reception=reception, visitor=visitor, now=reception.now(), fields=fields)

    @property
    def org_id(self) -> OrgId:
        """The organisation that is looked at."""
        return self.visitor.org_id

    def asked(self, name: str, default: str = "") -> str:
        """Return what the address says under `name`."""
        return next(iter(self.fields.get(name, ())), default).strip()

    def may(self, permission: Permission) -> bool:
        """Tell whether the visitor's role lets them do something."""
        return permission in self.visitor.permissions

    @cached_property
    def cookies(self) -> dict[str, str]:
        """What the browser keeps for us."""
        return cookies_of(self.request)

    @cached_property
    def zone_name(self) -> str:
        """The time zone that times are shown in: of the address, else of the browser, else UTC."""
        for name in (self.asked("tz"), self.cookies.get(ZONE_COOKIE, "").replace("%2F", "/")):
            if name in known_zones():
                return name
        return "UTC"

    @cached_property
    def zone(self) -> ZoneInfo:
        """The same, as a clock."""
        return ZoneInfo(self.zone_name)

    @property
    def address(self) -> str:
        """The address under which this server is reached."""
        return address_of(self.request, self.reception)

    async def form(self) -> Form:
        """Return what the form says; see `own_form`."""
        token = form_token(self.visitor.session)
        return await own_form(self.request, self.reception.settings.public_url, token)

    async def change(self, verb: Verb, fact: Any, action: str, subject: str, detail: str = "") -> Any:
        """Do `verb` with `fact`, write down who did it, and return the result."""
        entry = AuditEntry(
            org_id=self.org_id,
            id=id_from_chance(self.now, self.reception.chance(10)),
            at=self.now,
            actor=self.visitor.member.email,
            action=action,
            subject=subject,
            detail=detail,
        )
        return await self.reception.write(do_audited, Audited(verb=verb, fact=fact, entry=entry))

    def page(
        self,
        template: str,
        *,
        status: int = HTTPStatus.OK,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Answer:
        """Return a page, filled with `values` and with what every page knows."""
        return page_answer(
            self.request, drawn(template, self.known() | values), status=status, headers=headers
        )

    def known(self) -> dict[str, Any]:
        """Return what every template knows."""
        theme = self.cookies.get(THEME_COOKIE, "")
        return {
            "visitor": self.visitor,
            "form_token": masked(form_token(self.visitor.session), self.reception.chance(_MASK_BYTES)),
            "sections": sections(self.request.scope["path"]),
            "theme": theme if theme in THEMES else "auto",
            "zone": self.zone,
            "zone_name": self.zone_name,
            "now": self.now,
            "may": {one.value: one in self.visitor.permissions for one in Permission},
            "here": path_and_query(self.request),
            "done": self.asked("done"),
        }


@cache
def known_zones() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones())


def path_and_query(request: AnyRequest) -> str:
    """Return the address of a request, without the server."""
    query = request.scope["query_string"].decode("latin-1")
    return request.scope["path"] + (f"?{query}" if query else "")


def address_of(request: AnyRequest, reception: Reception) -> str:
    """Return the address under which this server is reached, without a slash at its end."""
    if reception.settings.public_url:
        return reception.settings.public_url
    host = headers_of(request).get(b"host", b"localhost").decode("latin-1")
    return f"{request.scope['scheme']}://{host}"
