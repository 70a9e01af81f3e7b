"""Passwords: what one has to be, and argon2id, which is what is kept of it.

Costs are the least that OWASP's Password Storage Cheat Sheet recommends (read 2026-11-25): 19 MiB,
two passes. Not here: how often somebody may try (`web.attempts`).
"""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from fairlead.domain.errors import Rejected

SALT_BYTES = 16
SHORTEST = 12
LONGEST = 200
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def require_password(text: str) -> str:
    """Return a password if it may be one.

    Length is what counts: NIST SP 800-63B asks for no mixture of signs.

    Raises:
        Rejected: it is too short or too long.
    """
    if len(text) < SHORTEST:
        raise Rejected(f"a password has at least {SHORTEST} characters", field="password")
    if len(text) > LONGEST:
        raise Rejected(f"a password has at most {LONGEST} characters", field="password")
    return text


def hashed(password: str, salt: bytes) -> str:
    """Return what is kept of a password; `salt` is `SALT_BYTES` of randomness. Takes some 30 ms."""
    return _hasher.hash(password, salt=salt)


def is_right(password_hash: str, password: str) -> bool:
    """Tell whether a password is the one that was hashed.

    Without a hash it takes as long and is wrong, so that nobody learns by the clock who is known here.
    """
    try:
        _hasher.verify(password_hash or _NOBODYS, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return bool(password_hash)
