"""Members: who they are, what each may do, and links for new ones."""

from collections.abc import Sequence

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from fairlead.domain.access import Permission
from fairlead.domain.errors import Conflict, FairleadError, NotFound, Rejected
from fairlead.domain.members import (
    LINK_LASTS_NS,
    SECRET_BYTES,
    Link,
    Role,
    TokenKind,
    token_digest,
    token_text,
)
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.change_member import MemberChange, change_members
from fairlead.usecases.list_members import list_members
from fairlead.usecases.make_link import make_links
from fairlead.web.drawing import go_to
from fairlead.web.visit import Visit

PATH = "/settings/members"


@get(PATH)
async def show_members(request: AnyRequest) -> Answer:
    """List the members."""
    return await _page(await Visit.begin(request, Permission.ORG_ADMIN))


@post(PATH, status_code=200)
async def make_link(request: AnyRequest) -> Answer:
    """Make a link for a new member, or for the new password of one, and show it."""
    visit = await Visit.begin(request, Permission.ORG_ADMIN)
    form = await visit.form()
    try:
        role = _role(form.text("role") or Role.VIEWER)
    except Rejected as error:
        return await _page(visit, complaint=str(error), status=400)
    text = token_text(TokenKind.LINK, visit.org_id, visit.reception.chance(SECRET_BYTES))
    link = Link(
        org_id=visit.org_id,
        digest=token_digest(text),
        role=role,
        member_id=form.text("member_id"),
        created_at=visit.now,
        created_by=visit.visitor.member.email,
        expires_at=visit.now + LINK_LASTS_NS,
    )
    who = form.text("email") if link.member_id else f"a new {role}"
    await visit.change(make_links, link, "made a link", who or link.member_id)
    return await _page(visit, link=f"{visit.address}/welcome/{text}", link_for=who)


@post(f"{PATH}/change")
async def change_member(request: AnyRequest) -> Answer:
    """Give a member another role, or end the membership."""
    visit = await Visit.begin(request, Permission.ORG_ADMIN)
    form = await visit.form()
    ends = form.text("action") == "remove"
    try:
        change = MemberChange(
            org_id=visit.org_id,
            member_id=form.text("member_id"),
            role=None if ends else _role(form.text("role")),
        )
        action = "removed member" if ends else "changed role"
        await visit.change(
            change_members, change, action, form.text("email") or change.member_id, change.role or ""
        )
    except (Conflict, NotFound, Rejected) as error:
        return await _page(visit, complaint=str(error), status=_status(error))
    return go_to(f"{PATH}?done={'removed' if ends else 'changed'}")


def _status(error: FairleadError) -> int:
    return 409 if isinstance(error, Conflict) else 404 if isinstance(error, NotFound) else 400


def _role(text: str) -> Role:
    if text not in set(Role):
        raise Rejected("choose a role: viewer, member or admin", field="role")
    return Role(text)


async def _page(
    visit: Visit, *, link: str = "", link_for: str = "", complaint: str = "", status: int = 200
) -> Answer:
    found = await visit.reception.read(list_members, visit.org_id)
    return visit.page(
        "members.html",
        status=status,
        members=found,
        roles=list(Role),
        link=link,
        link_for=link_for,
        complaint=complaint,
    )


HANDLERS: Sequence[HTTPRouteHandler] = (show_members, make_link, change_member)
