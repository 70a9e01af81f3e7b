"""What an idle server takes: how long it needs to start, and how much memory it then holds.

    python -m benchmarks.footprint

The yardstick of the start is Python itself, started to do nothing. Ends with 1 if a promise is not
kept.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

import psutil

from tests.programs import Program

PROMISED_START_S: Final = 2.0
PROMISED_RESIDENT_MB: Final = 150


def main() -> int:
    """Measure, print, and say whether the promises are kept."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory(prefix="fairlead-bench-") as folder:
        program = Program(Path(folder))
        program.run("db", "migrate")
        starts = [_start(program) for _ in range(runs)]
    start_s, resident_mb = median(start for start, _ in starts), max(size for _, size in starts)
    kept = start_s < PROMISED_START_S and resident_mb < PROMISED_RESIDENT_MB
    print(f"\nstart {start_s:.2f} s (Python alone {_python_s(runs):.2f} s), promised {PROMISED_START_S:g} s")
    print(f"resident {resident_mb:.0f} MB, promised {PROMISED_RESIDENT_MB} MB")
    print(f"promised: {'kept' if kept else 'NOT KEPT'}")
    return 0 if kept else 1


def _start(program: Program) -> tuple[float, float]:
    """Return the seconds from the command to the first answer, and the megabytes the server then holds."""
    began_s = time.perf_counter()
    with program.server("serve") as server:
        server.get("/readyz").raise_for_status()
        took_s = time.perf_counter() - began_s
        one = psutil.Process(server.process.pid)
        family = (one, *one.children(recursive=True))
        return took_s, sum(process.memory_info().rss for process in family) / 1e6


def _python_s(runs: int) -> float:
    found = []
    for _ in range(runs):
        began_s = time.perf_counter()
        subprocess.run([sys.executable, "-c", ""], check=True)
        found.append(time.perf_counter() - began_s)
    return median(found)


if __name__ == "__main__":
    sys.exit(main())
