"""What is to run in one process is still where it is said to be."""

from pathlib import Path

from tests.distribution import TOGETHER

CHECKOUT = Path(__file__).parents[2]


def test_every_file_that_runs_together_with_another_is_there() -> None:
    assert [] == [file for file in TOGETHER if not (CHECKOUT / file).is_file()]
