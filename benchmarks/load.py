"""A bounded load generator: keep-alive connections that each wait for an answer before they ask again.

Raw sockets and one loop, so that on two cores the server is what is measured. Not here: which
requests are sent, and what their answers ought to say.
"""

import selectors
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self

CONNECTIONS = 64
_RECEIVED = 65_536
_PATIENCE_S = 30.0
_SUCCESS = b"HTTP/1.1 20"
_END_OF_HEAD = b"\r\n\r\n"
_LENGTH = b"content-length: "


class Broken(Exception):
    """An answer was not HTTP, not a success, or did not come."""


@dataclass(slots=True, kw_only=True)
class Answers:
    """What came back from one run."""

    seconds: float = 0.0
    bodies: list[bytes] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    """From sending a request to its answer's last byte, one for each answer."""
    lost: int = 0
    """Requests whose connection ended before their answer."""

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return len(self.bodies) / self.seconds

    def wait_ms(self, share: float) -> float:
        """Return the wait that `share` of the answers did not exceed."""
        return sorted(self.waits_s)[int(share * (len(self.waits_s) - 1))] * 1000


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    received: bytes = b""
    asked_s: float = 0.0


class Load:
    """Connections to one server, good for any number of runs."""

    def __init__(self, host: str, port: int, *, connections: int = CONNECTIONS) -> None:
        """Connect that often; nothing is sent yet."""
        self._selector = selectors.DefaultSelector()
        for _ in range(connections):
            one = socket.create_connection((host, port), timeout=_PATIENCE_S)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(one, selectors.EVENT_READ, _Connection(one))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        for connection in self._open():
            self._drop(connection)
        self._selector.close()

    def run(self, requests: Iterator[bytes], seconds: float, *, outlives_server: bool = False) -> Answers:
        """Send `requests` for that long, or until there are no more, and wait for every answer.

        A connection that the server ends is an error, unless the run `outlives_server`: then its
        request counts as lost, and the run is over when no connection is left.

        Raises:
            Broken: an answer was not a success in well-formed HTTP/1.1, or did not come.
        """
        answers = Answers()
        began_s = time.perf_counter()
        waiting = sum(_ask(connection, requests) for connection in self._open())
        while waiting:
            ready = self._selector.select(_PATIENCE_S)
            if not ready:
                raise Broken(f"no answer within {_PATIENCE_S:.0f} s")
            more = requests if time.perf_counter() - began_s < seconds else iter(())
            for key, _events in ready:
                try:
                    waiting -= _advance(key.data, answers, more)
                except ConnectionError as error:
                    if not outlives_server:
                        raise Broken("the server ended a connection") from error
                    answers.lost += 1
                    waiting -= 1
                    self._drop(key.data)
        answers.seconds = time.perf_counter() - began_s
        return answers

    def _open(self) -> list[_Connection]:
        return [key.data for key in self._selector.get_map().values()]

    def _drop(self, connection: _Connection) -> None:
        self._selector.unregister(connection.socket)
        connection.socket.close()


def _ask(connection: _Connection, requests: Iterator[bytes]) -> bool:
    """Send the next request, if there is one."""
    request = next(requests, None)
    if request is None:
        return False
    connection.asked_s = time.perf_counter()
    connection.socket.sendall(request)
    return True


def _advance(connection: _Connection, answers: Answers, requests: Iterator[bytes]) -> bool:
    """Take what has come and, after an answer, ask again; True if this connection then rests."""
    part = connection.socket.recv(_RECEIVED)
    if not part:
        raise ConnectionResetError
    connection.received += part
    body = _body_of(connection.received)
    if body is None:
        return False
    connection.received = b""
    answers.bodies.append(body)
    answers.waits_s.append(time.perf_counter() - connection.asked_s)
    return not _ask(connection, requests)


def _body_of(received: bytes) -> bytes | None:
    """Return the body of the one answer in `received`, or None while that is incomplete.

    Raises:
        Broken: it is not a success, does not say its length, or more has come than was asked for.
    """
    end = received.find(_END_OF_HEAD)
    if end < 0:
        return None
    head = received[: end + 2]
    said = head.find(_LENGTH)
    if not head.startswith(_SUCCESS) or said < 0:
        raise Broken(received[:500].decode("latin-1"))
    start = said + len(_LENGTH)
    length = int(head[start : head.index(b"\r", start)])
    missing = end + len(_END_OF_HEAD) + length - len(received)
    if missing < 0:
        raise Broken("more came than one answer")
    return None if missing else received[end + len(_END_OF_HEAD) :]
