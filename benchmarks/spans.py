"""How many spans a second one server counts, each request answered when its counts are on the disk.

    python -m benchmarks.spans                 four requests under way, each of 1 000 spans
    python -m benchmarks.spans --rounds 1 --seconds 1

A request is what a collector sends: spans of 20 routes with ten attributes each, packed with gzip;
every second one is a server's, the others are calls it made. The yardstick is decoding alone: the
same bodies decoded by the complete schema of `opentelemetry-proto` in a loop, on one core and with
nothing else, not even unpacking. The promise is 50 000 spans a second on two cores, one of which is
this program's own, with memory that does not grow. Ends with 1 if it is not kept. Not here: sending
(`load.py`).
"""

import argparse
import gzip
import itertools
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Final

import psutil
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.load import Answers, Load
from tests.programs import Program
from tests.running import Running, running

PROMISED_PER_S: Final = 50_000
MOST_GROWTH: Final = 1.1
"""Of resident memory, from after the warm-up to the end."""
SPANS: Final = 1000
BODIES: Final = 20
ROUTES: Final = 20
CONNECTIONS: Final = 4
_WARM_UP_S: Final = 3.0


def main() -> int:
    """Measure, print, and say whether the promise is kept."""
    options = _options()
    bodies = [_body() for _ in range(BODIES)]
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-") as folder:
        program = Program(Path(folder), FAIRLEAD_DATABASE=f"sqlite:///{Path(folder) / 'fairlead.db'}")
        with running(program) as server:
            counted, decoded, memory = _measured(server, bodies, options.rounds, options.seconds)
            kept = _kept(server)
    before, after = memory[0], memory[-1]
    per_s, bare = median(counted), median(decoded)
    print(f"\n{CONNECTIONS} connections, {SPANS} spans a request, {options.rounds} rounds")
    print(f"{'counted':<34}{per_s:>12,.0f} spans/s ({min(counted):,.0f} to {max(counted):,.0f})")
    print(f"{'decoded alone, the yardstick':<34}{bare:>12,.0f} spans/s")
    print(f"{'ratio':<34}{per_s / bare:>12.2f}")
    print(f"{'resident memory':<34}{before >> 20:>12} MiB, then {after >> 20} MiB; counted {kept:,} requests")
    is_kept = per_s >= PROMISED_PER_S and after <= before * MOST_GROWTH
    print(f"promised {PROMISED_PER_S:,} spans/s with flat memory: {'kept' if is_kept else 'NOT KEPT'}")
    return 0 if is_kept else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=4.0)
    return parser.parse_args()


def _body() -> bytes:
    """Return a request of spans that just ended."""
    request = ExportTraceServiceRequest()
    told = request.resource_spans.add()
    for key, text in (
        ("service.name", "checkout"),
        ("service.version", "1.4.2"),
        ("deployment.environment.name", "prod"),
        ("host.name", "node-17"),
    ):
        told.resource.attributes.add(key=key).value.string_value = text
    spans, now = told.scope_spans.add().spans, time.time_ns()
    for number in range(SPANS):
        route = f"/shop/{number % ROUTES}/{{id}}"
        kind = 2 if number % 2 else 3  # SERVER, CLIENT
        span = spans.add(name=f"GET {route}", kind=kind, span_id=os.urandom(8), trace_id=os.urandom(16))
        span.start_time_unix_nano, span.end_time_unix_nano = now - 10_000_000, now
        for key, text in (
            ("http.request.method", "GET"),
            ("http.route", route),
            ("url.path", f"/shop/{number}/17"),
            ("url.scheme", "https"),
            ("server.address", "shop.example.com"),
            ("client.address", "192.0.2.17"),
            ("user_agent.original", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101"),
            ("network.protocol.version", "1.1"),
            ("thread.name", "worker-3"),
        ):
            span.attributes.add(key=key).value.string_value = text
        span.attributes.add(key="http.response.status_code").value.int_value = 200 if number % 50 else 500
    return request.SerializeToString()


def _requests(server: Running, bodies: list[bytes]) -> Iterator[bytes]:
    """Yield requests without end, none of which has come before: a repeat would not be counted."""
    host = server.address.removeprefix("http://")
    for number in itertools.count():
        # A field that nobody knows, at the end, makes another body of the same spans.
        body = bodies[number % len(bodies)] + b"\xfa\x3f\x08" + number.to_bytes(8, "big")
        packed = gzip.compress(body, compresslevel=1)
        head = (
            f"POST /v1/traces HTTP/1.1\r\nHost: {host}\r\nDD-API-KEY: {server.api_key}\r\n"
            f"Content-Type: application/x-protobuf\r\nContent-Encoding: gzip\r\n"
            f"Content-Length: {len(packed)}\r\n\r\n"
        )
        yield head.encode() + packed


def _measured(
    server: Running, bodies: list[bytes], rounds: int, seconds: float
) -> tuple[list[float], list[float], list[int]]:
    """Return spans a second that were counted and that were decoded, round by round, and memory."""
    process = psutil.Process(server.server.process.pid)
    requests = _requests(server, bodies)
    counted, decoded, memory = [], [], []
    with Load("127.0.0.1", server.server.port, connections=CONNECTIONS) as load:
        for number in range(rounds + 1):
            long_s = seconds if number else _WARM_UP_S
            # Packed before the round, so that this program's core is as good as free.
            ready = list(itertools.islice(requests, int(long_s * 200)))
            answers: Answers = load.run(iter(ready), long_s)
            if number:
                counted.append(len(answers.bodies) * SPANS / answers.seconds)
                decoded.append(_decoded(bodies))
            memory.append(process.memory_info().rss)
    return counted, decoded, memory


def _decoded(bodies: list[bytes]) -> float:
    began_s = time.perf_counter()
    for body in bodies:
        ExportTraceServiceRequest.FromString(body)
    return len(bodies) * SPANS / (time.perf_counter() - began_s)


def _kept(server: Running) -> int:
    """Return how many requests the server says it counted."""
    answer = server.server.get("/api/fairlead/v1/traffic?service=checkout", headers=server.headers)
    return sum(one["requests"] for one in answer.json()["series"])


if __name__ == "__main__":
    sys.exit(main())
