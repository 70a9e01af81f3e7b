"""Packs made by hand, byte by byte: what no honest git would send.

Source: git's own description of its pack format, `gitformat-pack`.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterable, Sequence

_KINDS = {"commit": 1, "tree": 2, "blob": 3, "tag": 4}
_OFFSET_DELTA = 6
_LONGEST_COPY = 0xFFFFFF

Object = tuple[str, bytes]
NO_BLOB = "1" * 40
NO_COMMIT = "2" * 40


def name_of(one: Object) -> str:
    """Return the SHA-1 of an object."""
    kind, content = one
    return hashlib.sha1(f"{kind} {len(content)}\0".encode() + content).hexdigest()  # noqa: S324 — git's.


def a_tree(*entries: tuple[str, bytes, str]) -> Object:
    """Return a tree of entries of mode, name and object."""
    return "tree", b"".join(
        mode.encode() + b" " + name + b"\0" + bytes.fromhex(sha) for mode, name, sha in entries
    )


def a_commit(tree: str, *parents: str, date: str = "1741780800 +0000", message: str = "Change") -> Object:
    """Return a commit of a tree."""
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author Ada <ada@example.com> {date}", f"committer Ben <ben@example.com> {date}"]
    return "commit", "\n".join([*lines, "", message, ""]).encode()


def an_upload(*trees: Object, date: str = "1741780800 +0000") -> list[Object]:
    """Return a commit of the first of `trees`, with all of them."""
    return [a_commit(name_of(trees[0]), date=date), *trees]


def a_pack(objects: Sequence[Object]) -> bytes:
    """Return a pack of whole objects."""
    return _closed(
        len(objects),
        (_head(_KINDS[kind], len(content)) + zlib.compress(content) for kind, content in objects),
    )


def an_inflated_commit(size: int) -> bytes:
    """Return a small pack of one commit whose message has `size` bytes."""
    start = a_commit(NO_BLOB, message="")[1]
    packer = zlib.compressobj(9)
    parts = [packer.compress(start)]
    parts += [packer.compress(b"a" * (1 << 20)) for _ in range(size >> 20)]
    size = len(start) + (size >> 20 << 20)
    return _closed(1, [_head(_KINDS["commit"], size) + b"".join(parts) + packer.flush()])


def a_wide_delta_bomb(count: int, size: int) -> bytes:
    """Return a small pack of `count` blobs of `size` bytes, each repeating one small blob."""
    original = b"fairlead" * 4096
    body = [_head(_KINDS["blob"], len(original)) + zlib.compress(original)]
    distance = len(body[0])
    for number in range(count):
        copies = _copy(len(original)) * (size // len(original))
        delta = _varint(len(original)) + _varint(size // len(original) * len(original) + 4)
        delta += copies + b"\x04" + number.to_bytes(4, "big")
        body.append(_head(_OFFSET_DELTA, len(delta)) + _offset(distance) + zlib.compress(delta, 9))
        distance += len(body[-1])
    return _closed(len(body), body)


def nested_folders(levels: int, width: int) -> list[Object]:
    """Return a commit of `width` to the power of `levels` files in a few bytes."""
    trees = [a_tree(("100644", b"f", NO_BLOB))]
    for _ in range(levels):
        entries = [("40000", f"d{n}".encode(), name_of(trees[-1])) for n in range(width)]
        trees.append(a_tree(*entries))
    return an_upload(*reversed(trees))


def _closed(count: int, bodies: Iterable[bytes]) -> bytes:
    body = b"PACK" + struct.pack(">II", 2, count) + b"".join(bodies)
    return body + hashlib.sha1(body).digest()  # noqa: S324 — git's own checksum.


def _head(kind: int, size: int) -> bytes:
    byte, size = kind << 4 | size & 15, size >> 4
    head = bytearray()
    while size:
        head.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    return bytes([*head, byte])


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _offset(number: int) -> bytes:
    parts = [number & 0x7F]
    number >>= 7
    while number:
        number -= 1
        parts.insert(0, 0x80 | number & 0x7F)
        number >>= 7
    return bytes(parts)


def _copy(size: int) -> bytes:
    """Return the instruction to copy that many bytes from the beginning."""
    assert size <= _LONGEST_COPY
    sizes = [size >> shift & 0xFF for shift in (0, 8, 16)]
    flags = sum(0x10 << place for place, one in enumerate(sizes) if one)
    return bytes([0x80 | flags, *(one for one in sizes if one)])
