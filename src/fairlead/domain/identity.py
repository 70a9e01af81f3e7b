"""Identity: the ids Fairlead gives to facts that came without one.

Such an id is a UUIDv7 whose time is the fact's own and whose other bits are a digest of the
fact, so a client that sends the same fact again after a lost answer gets the same id and
nothing is stored twice.
"""

import hashlib
import re
import uuid

from fairlead.domain.instants import NS_PER_MS

_UUIDS = uuid.UUID("3d1c7d52-6c0e-5f0b-9e0c-6b8a4f6f2d90")
_USUAL_SPELLING = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def id_from_content(at: int, *content: object) -> str:
    """Return a UUIDv7 that follows from the instant `at` and from `content` alone."""
    digest = hashlib.blake2b(repr(content).encode(), digest_size=10).digest()
    return _uuid7(at, int.from_bytes(digest, "big"))


def id_from_chance(at: int, chance: bytes) -> str:
    """Return a UUIDv7 for the instant `at` with 10 bytes of randomness handed in."""
    return _uuid7(at, int.from_bytes(chance[:10], "big"))


def _uuid7(at: int, bits: int) -> str:
    """Lay out RFC 9562 version 7: 48 bits of milliseconds, version, 12 bits, variant, 62 bits."""
    high = (bits >> 68) & 0xFFF
    low = bits & ((1 << 62) - 1)
    ms = (at // NS_PER_MS) & ((1 << 48) - 1)
    text = f"{ms << 80 | 7 << 76 | high << 64 | 0b10 << 62 | low:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def uuid_of(org_id: int, id: str) -> str:
    """Return the UUID that stands for an id where a dialect demands one: the id itself if it is one."""
    return id if is_uuid(id) else str(uuid.uuid5(_UUIDS, f"{org_id}/{id}"))


def is_uuid(text: str) -> bool:
    """Tell whether `text` is a UUID in its usual spelling."""
    return _USUAL_SPELLING.fullmatch(text) is not None
