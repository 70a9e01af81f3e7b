"""What a form says, and whether it is one of ours.

A form is taken from a page of this server only: the browser says so (`Origin`), and the form
carries a text that only somebody who could read the page can know. Not here: what is done with it.
"""

from collections.abc import Mapping, Sequence
from hmac import compare_digest
from typing import Final
from urllib.parse import parse_qs

from msgspec import Struct

from fairlead.domain.errors import NotPermitted, Rejected
from fairlead.intake.body import AnyRequest, read_body
from fairlead.intake.sessions import require_own_origin

TOKEN_FIELD: Final = "form_token"  # noqa: S105 — the name of a field.
_LARGEST_FORM: Final = 65_536
_MOST_FIELDS: Final = 300
_MASK_BYTES: Final = 32


class Form(Struct, frozen=True):
    """Fields by name, each with everything sent under it."""

    fields: Mapping[str, Sequence[str]]

    def text(self, name: str) -> str:
        """Return the first value of a field without blanks around it, or nothing."""
        return next(iter(self.fields.get(name, ())), "").strip()

    def secret(self, name: str) -> str:
        """Return a field to the last blank, as passwords need it."""
        return next(iter(self.fields.get(name, ())), "")

    def texts(self, name: str) -> list[str]:
        """Return every value of a field."""
        return [value.strip() for value in self.fields.get(name, ())]


async def own_form(request: AnyRequest, public_url: str, token: str) -> Form:
    """Return what a form says that one of our own pages sent.

    Raises:
        NotPermitted: it comes from elsewhere.
        Rejected: it cannot be read.
        TooLarge: it is larger than any of ours.
    """
    require_own_origin(request, public_url)
    form = Form(fields_in(await read_body(request, _LARGEST_FORM)))
    if not compare_digest(unmasked(form.text(TOKEN_FIELD)), token):
        raise NotPermitted("this page is no longer up to date; reload it and try again")
    return form


def fields_in(data: bytes) -> dict[str, list[str]]:
    """Return the fields of a query or of the body of a form.

    Raises:
        Rejected: there are too many, or it is no text.
    """
    try:
        text = data.decode()
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise Rejected("this form cannot be read") from error
    if "\x00" in text or any("\x00" in value for values in fields.values() for value in values):
        raise Rejected("this form holds a NUL character")
    return fields


def masked(token: str, chance: bytes) -> str:
    """Return `token`, which is hexadecimal, in a form that is another on every page.

    A secret that stood in every answer as it is could be guessed from the size of packed answers.
    """
    secret = bytes.fromhex(token)
    return (chance + bytes(a ^ b for a, b in zip(secret, chance, strict=True))).hex()


def unmasked(text: str) -> str:
    """Return the token that `masked` was given; nothing for what it cannot have made."""
    try:
        both = bytes.fromhex(text)
    except ValueError:
        return ""
    if len(both) != 2 * _MASK_BYTES:
        return ""
    return bytes(a ^ b for a, b in zip(both[:_MASK_BYTES], both[_MASK_BYTES:], strict=True)).hex()
