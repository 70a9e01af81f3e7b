"""Keys: made, shown once, revoked."""

from collections.abc import Sequence

from litestar import get, post
from litestar.handlers import HTTPRouteHandler

from fairlead.domain.access import SECRET_BYTES, KeyKind, Permission
from fairlead.domain.errors import Rejected
from fairlead.intake.answer import Answer
from fairlead.intake.body import AnyRequest
from fairlead.usecases.create_key import KeyMade, KeyWanted, create_keys
from fairlead.usecases.list_keys import list_keys
from fairlead.usecases.revoke_key import KeyNamed, revoke_keys
from fairlead.web.drawing import go_to
from fairlead.web.forms import Form
from fairlead.web.visit import Visit

PATH = "/connect/keys"
_CHANCE_BYTES = 10


@get(PATH)
async def show_keys(request: AnyRequest) -> Answer:
    """List the keys."""
    return await _page(await Visit.begin(request, Permission.ORG_ADMIN))


@post(PATH, status_code=200)
async def make_key(request: AnyRequest) -> Answer:
    """Make a key and show it, this once."""
    visit = await Visit.begin(request, Permission.ORG_ADMIN)
    form = await visit.form()
    try:
        wanted = _wanted(visit, form)
    except Rejected as error:
        return await _page(visit, complaint=str(error), status=400)
    allowed = " ".join(sorted(wanted.permissions)) or "everything its kind may"
    made = await visit.change(create_keys, wanted, "made key", wanted.name, f"{wanted.kind.value}: {allowed}")
    return await _page(visit, made=made)


@post(f"{PATH}/revoke")
async def revoke_key(request: AnyRequest) -> Answer:
    """Revoke a key from now on."""
    visit = await Visit.begin(request, Permission.ORG_ADMIN)
    form = await visit.form()
    named = KeyNamed(org_id=visit.org_id, id=form.text("id"), at=visit.now)
    await visit.change(revoke_keys, named, "revoked key", form.text("name") or named.id, named.id)
    return go_to(f"{PATH}?done=revoked")


def _wanted(visit: Visit, form: Form) -> KeyWanted:
    kind = form.text("kind")
    if kind not in set(KeyKind):
        raise Rejected("choose what the key is for", field="kind")
    permissions = form.texts("permission") if kind != KeyKind.API else []
    if not set(permissions) <= set(Permission):
        raise Rejected("there is no such permission", field="permission")
    return KeyWanted(
        org_id=visit.org_id,
        kind=KeyKind(kind),
        name=form.text("name"),
        permissions=frozenset(Permission(one) for one in permissions),
        secret=visit.reception.chance(SECRET_BYTES),
        chance=visit.reception.chance(_CHANCE_BYTES),
        at=visit.now,
    )


async def _page(
    visit: Visit, *, made: KeyMade | None = None, complaint: str = "", status: int = 200
) -> Answer:
    found = await visit.reception.read(list_keys, visit.org_id)
    return visit.page(
        "keys.html",
        status=status,
        keys=sorted(found, key=lambda key: (key.revoked_at is not None, -key.created_at)),
        made=made,
        complaint=complaint,
        every_permission=list(Permission),
    )


HANDLERS: Sequence[HTTPRouteHandler] = (show_keys, make_key, revoke_key)
