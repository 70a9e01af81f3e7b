"""Every promised speed, measured one after the other: what `make bench` runs.

    python -m benchmarks [--quick] [NAME ...]

Each benchmark is a program of its own with options of its own: `python -m benchmarks.NAME --help`.
Ends with 1 if a promise is not kept. With `--quick` everything is measured small and short, to see
that it runs; the figures then mean little. Not here: any measuring.
"""

import argparse
import subprocess
import sys
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A program to run, with its options for a short run."""

    module: str
    options: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()


_SHORT = ("--rounds", "3", "--seconds", "0.5")
_ON_POSTGRESQL = ("--engine", "postgresql")
_FEW_LINKS = ("--commits", "2000", "--deployments", "20")
_FEW_COMMITS = ("--commits", "2000")
BENCHMARKS: Final = {
    "post": Benchmark("post_deployments", (), _SHORT),
    "post-postgresql": Benchmark("post_deployments", _ON_POSTGRESQL, _SHORT),
    "list": Benchmark("list_search", (), ("--rows", "20000", "--runs", "3")),
    "list-postgresql": Benchmark("list_search", _ON_POSTGRESQL, ("--rows", "20000", "--runs", "3")),
    "insights": Benchmark("insights_lists", (), ("--rows", "20000", "--runs", "3")),
    "insights-postgresql": Benchmark("insights_lists", _ON_POSTGRESQL, ("--rows", "20000", "--runs", "3")),
    "git-import": Benchmark("git_import", (), _FEW_COMMITS),
    "git-import-postgresql": Benchmark("git_import", _ON_POSTGRESQL, _FEW_COMMITS),
    "large-history": Benchmark("large_history", (), _FEW_LINKS),
    "large-history-postgresql": Benchmark("large_history", _ON_POSTGRESQL, _FEW_LINKS),
    "references": Benchmark("references_upload", (), ("--mb", "8")),
    "references-postgresql": Benchmark("references_upload", _ON_POSTGRESQL, ("--mb", "8")),
    "linking": Benchmark("linking", (), _FEW_LINKS),
    "linking-postgresql": Benchmark("linking", _ON_POSTGRESQL, _FEW_LINKS),
    "one-more": Benchmark("one_more", (), ("--commits", "20000")),
    "one-more-postgresql": Benchmark("one_more", _ON_POSTGRESQL, ("--commits", "20000")),
    "spans": Benchmark("spans", (), ("--rounds", "1", "--seconds", "1")),
    "verdicts": Benchmark("verdicts", (), ("--releases", "200")),
    "gates": Benchmark("gate_deadlines", (), ("--evaluations", "50")),
    "gates-postgresql": Benchmark("gate_deadlines", _ON_POSTGRESQL, ("--evaluations", "50")),
    "measuring": Benchmark("measuring", (), ("--rows", "10000", "--runs", "2")),
    "measuring-postgresql": Benchmark("measuring", _ON_POSTGRESQL, ("--rows", "10000", "--runs", "2")),
    "pages": Benchmark("pages", (), ("--rows", "10000", "--runs", "1")),
    "pages-postgresql": Benchmark("pages", _ON_POSTGRESQL, ("--rows", "10000", "--runs", "1")),
    "footprint": Benchmark("footprint", (), ("--runs", "1")),
}


def main() -> int:
    """Run the benchmarks that are asked for, by default all."""
    options = _options()
    missed = []
    for name in options.names or BENCHMARKS:
        chosen = BENCHMARKS[name]
        print(f"\n== {name}", flush=True)
        command = [sys.executable, "-m", f"benchmarks.{chosen.module}", *chosen.options]
        if subprocess.run([*command, *(chosen.quick if options.quick else ())], check=False).returncode:
            missed.append(name)
    print(f"\nnot kept: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(BENCHMARKS)}")
    parser.add_argument("--quick", action="store_true", help="small and short, to see that it runs")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark is called {unknown[0]}; choose from {', '.join(BENCHMARKS)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
