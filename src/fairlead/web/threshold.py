"""The threshold: pages for those who are not signed in, and how a browser is let in.

Not here: the pages themselves (`sign_in.py`, `welcome.py`).
"""

from typing import Any, Final

from fairlead.domain.access import OrgId
from fairlead.domain.instants import NS_PER_S
from fairlead.domain.members import SECRET_BYTES, TokenKind, token_text
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.intake.reception import Reception
from fairlead.intake.sessions import COOKIE, cookies_of
from fairlead.web.drawing import drawn, page_answer
from fairlead.web.visit import THEME_COOKIE, THEMES, address_of

HOME: Final = "/"
_DAY_S: Final = 86_400


def outside(request: AnyRequest, template: str, status: int = 200, **values: Any) -> Answer:
    """Return a page for somebody who is not signed in."""
    theme = cookies_of(request).get(THEME_COOKIE, "")
    known = {"theme": theme if theme in THEMES else "auto"}
    return page_answer(request, drawn(template, known | values), status=status)


def new_session(reception: Reception, org_id: OrgId) -> tuple[str, int]:
    """Return the text of a new session, and when it ends."""
    text = token_text(TokenKind.SESSION, org_id, reception.chance(SECRET_BYTES))
    return text, reception.now() + reception.settings.session_days * _DAY_S * NS_PER_S


def session_cookie(request: AnyRequest, reception: Reception, text: str) -> str:
    """Return the header that makes a browser keep a session; an empty text ends it."""
    days = reception.settings.session_days if text else 0
    secure = "; Secure" if address_of(request, reception).startswith("https:") else ""
    return f"{COOKIE}={text}; Path=/; Max-Age={days * _DAY_S}; HttpOnly; SameSite=Lax{secure}"


def way_back(wanted: str) -> str:
    """Return where to go after signing in: a page of this server, never another's."""
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if is_ours else HOME
