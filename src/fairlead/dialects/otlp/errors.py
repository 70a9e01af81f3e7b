"""How OTLP refuses: a `google.rpc.Status`, in the encoding of the request, with HTTP's status.

Source: OTLP 1.9, "OTLP/HTTP response". Exporters try again after 429, 502, 503 and 504, and give
everything else up.
"""

from http import HTTPStatus
from typing import Final

import msgspec

from fairlead.dialects.otlp.wire import RpcStatus
from fairlead.domain.errors import (
    Conflict,
    FairleadError,
    NotFound,
    NotPermitted,
    OldSchema,
    Rejected,
    Stranger,
    TooLarge,
    TooMany,
    Unavailable,
)
from fairlead.intake.allowances import Allowance

_SAID: Final[dict[type[FairleadError], tuple[HTTPStatus, int]]] = {
    Rejected: (HTTPStatus.BAD_REQUEST, 3),
    Conflict: (HTTPStatus.CONFLICT, 6),
    Stranger: (HTTPStatus.UNAUTHORIZED, 16),
    NotPermitted: (HTTPStatus.FORBIDDEN, 7),
    NotFound: (HTTPStatus.NOT_FOUND, 5),
    TooLarge: (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, 3),
    TooMany: (HTTPStatus.TOO_MANY_REQUESTS, 8),
    OldSchema: (HTTPStatus.SERVICE_UNAVAILABLE, 14),
    Unavailable: (HTTPStatus.SERVICE_UNAVAILABLE, 14),
    FairleadError: (HTTPStatus.INTERNAL_SERVER_ERROR, 13),
}
"""HTTP's status, and gRPC's code for the same."""
_UNKNOWN: Final = 2


def refusal(error: FairleadError) -> tuple[HTTPStatus, bytes]:
    """Return the status and the body in JSON that say `error`."""
    status, code = _SAID[type(error)]
    return status, msgspec.json.encode(RpcStatus(code, str(error)))


def refusal_in_protobuf(error: FairleadError) -> tuple[HTTPStatus, bytes]:
    """Return the status and the body in protobuf that say `error`."""
    status, code = _SAID[type(error)]
    return status, b"\x08" + bytes([code]) + message_field(0x12, str(error))


def error_body(status: HTTPStatus, detail: str) -> bytes:
    """Return the body in JSON for a status that no error of ours stands for."""
    return msgspec.json.encode(RpcStatus(_UNKNOWN, f"{status.value}: {detail}"))


def rate_headers(allowance: Allowance) -> dict[str, str]:
    """Return the header that tells an exporter when to try again."""
    return {"Retry-After": str(allowance.reset_s)} if not allowance.remaining else {}


def message_field(tag: int, text: str) -> bytes:
    """Return a text as a field of a protobuf message."""
    data = text.encode()
    return bytes([tag]) + varint(len(data)) + data


def varint(number: int) -> bytes:
    """Return a whole number as protobuf writes it."""
    written = bytearray()
    while number > 0x7F:  # noqa: PLR2004 — seven bits to a byte
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)
