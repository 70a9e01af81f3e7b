"""A large upload of code references. `python -m benchmarks references` prints what it takes."""

from benchmarks.references_upload import MOST_BEYOND_BODY_MB, beyond_body
from tests.programs import Program

_MB = 1_000_000


def test_a_large_upload_takes_little_memory_beyond_its_body(program: Program) -> None:
    beyond, _, sent = beyond_body(program, 40 * _MB)

    assert sent > 39 * _MB
    assert beyond < MOST_BEYOND_BODY_MB * _MB
