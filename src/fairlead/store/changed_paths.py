"""Changed paths of a commit as its row keeps them: a zlib stream, each path ended by NUL.

Most commits change a few files, and to set a compressor up for those costs more than to read and
write the whole commit; so a short text goes as zlib's own form for what is not compressed. Not
here: which paths a commit changes (`git_log.py`).
"""

import zlib

# A third is all that could be saved of so little.
_PLAIN_BYTES = 200
_SMALL_BYTES = 512
_PLAIN_HEAD = b"\x78\x01\x01"
"""Of a stream whose only block is stored as it is (RFC 1950, RFC 1951 section 3.2.4)."""
_COMPLEMENT = 0xFFFF


def packed(paths: tuple[str, ...] | None) -> bytes | None:
    """Return what is kept of `paths`; None where nobody told."""
    if paths is None:
        return None
    text = ("\0".join(paths) + "\0").encode() if paths else b""
    if len(text) <= _PLAIN_BYTES:
        return _plain(text)
    if len(text) > _SMALL_BYTES:
        return zlib.compress(text)
    # To set up as much memory as a large text is worth would cost ten times the rest.
    small = zlib.compressobj(wbits=9, memLevel=1)
    return small.compress(text) + small.flush()


def unpacked(kept: bytes | None) -> tuple[str, ...] | None:
    """Return the paths that were packed."""
    return None if kept is None else tuple(zlib.decompress(kept).decode().split("\0")[:-1])


def _plain(text: bytes) -> bytes:
    size = len(text)
    ends = size.to_bytes(2, "little") + (size ^ _COMPLEMENT).to_bytes(2, "little")
    return b"%b%b%b%b" % (_PLAIN_HEAD, ends, text, zlib.adler32(text).to_bytes(4, "big"))
