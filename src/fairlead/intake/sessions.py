"""Browsers that are signed in: from a cookie to the member behind it, and where a form came from.

Shared by the pages and by Fairlead's own API, which a signed-in browser may ask too. Not here: how
somebody signs in (`web.sign_in`).
"""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from msgspec import Struct

from fairlead.domain.access import KeyKind, Organisation, OrgId, Permission
from fairlead.domain.errors import NotPermitted
from fairlead.domain.members import Member, TokenKind, permissions_of, token_digest, token_owner
from fairlead.intake.body import AnyRequest, headers_of
from fairlead.intake.callers import Caller
from fairlead.intake.reception import Reception
from fairlead.usecases.sign_in import find_visitor

COOKIE = "fairlead_session"
_LONGEST_TOKEN = 200
_LONGEST_COOKIES = 8_192
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Visitor(Struct, frozen=True, kw_only=True):
    """A member and the session they came with."""

    member: Member
    organisation: Organisation
    session: str
    """The session's text, as the browser keeps it."""

    @property
    def org_id(self) -> OrgId:
        """The organisation they see, and none beside it."""
        return self.member.org_id

    @property
    def permissions(self) -> frozenset[Permission]:
        """What their role lets them do."""
        return permissions_of(self.member.role)


async def visitor_of(reception: Reception, request: AnyRequest) -> Visitor | None:
    """Return who is signed in, or None."""
    text = cookies_of(request).get(COOKIE, "")
    org_id = token_owner(TokenKind.SESSION, text) if len(text) <= _LONGEST_TOKEN else None
    if org_id is None:
        return None
    found = await reception.read(find_visitor, org_id, token_digest(text), reception.now())
    return None if found is None else Visitor(member=found[0], organisation=found[1], session=text)


async def browser_caller(reception: Reception, request: AnyRequest) -> Caller | None:
    """Return a signed-in browser as a caller of an API, or None.

    Raises:
        NotPermitted: it is made to change something by a page that is not ours.
    """
    visitor = await visitor_of(reception, request)
    if visitor is None:
        return None
    if request.scope["method"] not in _SAFE_METHODS:
        require_own_origin(request, reception.settings.public_url)
    return Caller(
        org_id=visitor.org_id,
        key_id=visitor.member.email,
        kind=KeyKind.ACCESS_TOKEN,
        permissions=visitor.permissions,
        rate_limit=visitor.organisation.rate_limit,
    )


def cookies_of(request: AnyRequest) -> dict[str, str]:
    """Return the cookies of a request by name; none where they cannot be read."""
    text = headers_of(request).get(b"cookie", b"")[:_LONGEST_COOKIES].decode("latin-1")
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(text)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in cookies.items()}


def require_own_origin(request: AnyRequest, public_url: str) -> None:
    """See to it that a request which changes something was made by one of our own pages.

    Every browser says where a POST comes from. A proxy that changes `Host` needs `public_url`.

    Raises:
        NotPermitted: it comes from elsewhere, or does not say.
    """
    headers = headers_of(request)
    origin = headers.get(b"origin", b"").decode("latin-1")
    host = headers.get(b"host", b"").decode("latin-1").lower()
    parts = urlsplit(origin)
    own = {host, urlsplit(public_url).netloc.lower()} - {""}
    if parts.scheme in {"http", "https"} and parts.netloc.lower() in own:
        return
    raise NotPermitted("this was not sent by a page of this server")
