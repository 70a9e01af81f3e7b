"""Texts that callers send: what they may hold, and the tags among them.

One rule for all dialects, because all of them end in the same columns: PostgreSQL keeps no
NUL, and a name as long as a page is a mistake somebody wants to hear about.
"""

from collections.abc import Iterable

from fairlead.domain.errors import Rejected

LONGEST_TEXT = 1000
"""Characters in a name: service, environment, team, version, severity."""
LONGEST_TAG = 1000
MOST_TAGS = 100


def require_text(text: str, field: str, *, longest: int = LONGEST_TEXT) -> str:
    """Return `text` if it may be kept.

    Raises:
        Rejected: it is longer than `longest` characters or holds a NUL.
    """
    if len(text) > longest:
        detail = f'attribute "{field}" is longer than {longest} characters'
        raise Rejected(detail, field=field)
    if "\x00" in text:
        detail = f'attribute "{field}" holds a NUL character'
        raise Rejected(detail, field=field)
    return text


def require_tags(tags: Iterable[str], field: str) -> tuple[str, ...]:
    """Return `tags` in the order sent, each once, if every one is `key:value`.

    Raises:
        Rejected: more than 100, or one that is not `key:value`, too long or holds a NUL.
    """
    kept = dict.fromkeys(require_text(tag, field, longest=LONGEST_TAG) for tag in tags)
    if len(kept) > MOST_TAGS:
        detail = f'attribute "{field}" holds more than {MOST_TAGS} tags'
        raise Rejected(detail, field=field)
    for tag in kept:
        key, colon, value = tag.partition(":")
        if not (key and colon and value):
            detail = f'attribute "{field}" must hold tags of the form key:value'
            raise Rejected(detail, field=field)
    return tuple(kept)
